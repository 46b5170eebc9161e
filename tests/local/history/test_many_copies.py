"""More copies of one running branch at once than its server has replication slots: all come to be."""

import asyncio
from pathlib import Path

import psycopg
import pytest
from databricks.sdk.service.postgres import Snapshot, SnapshotSpec

from lakebase.local.cluster.branching import ATTEMPTS, CannotCopy, Copied, LogRemoved, copied_at_last
from lakebase.local.cluster.postgres import Killed
from tests.local.history.conftest import BRANCH, PRIMARY, PROJECT
from tests.local.sdk import Sdk


@pytest.mark.slow
def test_all_snapshots_that_were_acknowledged_are_taken(sdk: Sdk) -> None:
    spec = SnapshotSpec(source_branch=BRANCH)
    with sdk.connect(PRIMARY):
        begun = [sdk.postgres.create_snapshot(PROJECT, Snapshot(spec=spec), f"s{number}") for number in range(14)]
        assert [operation.wait().snapshot_id for operation in begun] == [f"s{number}" for number in range(14)]
    assert not [event for event in sdk.emulator.events("copy-interrupted") if "slots" in event["message"]]


@pytest.mark.parametrize(
    ("error", "tried", "told"),
    [
        (psycopg.OperationalError("server closed the connection"), ATTEMPTS, "ended 5 times"),
        (psycopg.errors.AdminShutdown("terminating connection"), ATTEMPTS, "ended 5 times"),
        (Killed("killed"), ATTEMPTS, "ended 5 times"),
        (LogRemoved("the log is gone"), ATTEMPTS, "ended 5 times"),
        (psycopg.errors.ConfigurationLimitExceeded("all replication slots are in use"), 1, "refused the copy: all"),
        (psycopg.errors.ObjectNotInPrerequisiteState("a backup is in progress"), 1, "refused the copy: a backup"),
    ],
)
def test_only_a_lost_server_is_asked_again(tmp_path: Path, error: Exception, tried: int, told: str) -> None:
    part, interruptions = tmp_path / "part", []

    async def copy() -> Copied:
        part.mkdir()
        raise error

    with pytest.raises(CannotCopy, match=told):
        asyncio.run(copied_at_last("shop", part, copy, interruptions.append))
    assert interruptions == [str(error)] * tried
    assert not part.exists()
