"""kill -9 while a base is copied, while the log is replayed: the next start goes on, and nothing half-made is left."""

import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta

import psutil
import pytest
from databricks.sdk.common.lro import LroOptions
from databricks.sdk.service.postgres import Branch, BranchSpec, Snapshot, SnapshotSpec

from tests.local.history.conftest import BRANCH, PRIMARY, PROJECT, history, moment, rows, until
from tests.local.running.conftest import data_root, postmasters
from tests.local.sdk import Sdk

FILL = "INSERT INTO filler SELECT repeat(md5(n::text), 30) FROM generate_series(1, 60000) n"
WITHIN = LroOptions(timeout=timedelta(seconds=120))

SOAK = pytest.mark.soak


def prepare(sdk: Sdk) -> float:
    """A row, then 60 MB of log and another row; the moment between."""
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE counted AS SELECT 1 AS number; CREATE TABLE filler (x text STORAGE PLAIN)")
        session.execute(FILL)
        time.sleep(0.05)
        at = time.time()
        session.execute("INSERT INTO counted VALUES (2)")
    return at


def check_nothing_half_made(sdk: Sdk) -> None:
    root = data_root(sdk.emulator)
    branches = {str(branch.uid): str(branch.name) for branch in sdk.postgres.list_branches(PROJECT)}
    until(lambda: {path.name for path in (root / "branches").iterdir()} == set(branches))
    assert {path.name for path in (root / "history").iterdir()} == set(branches)
    for uid, name in branches.items():
        copies = [path.name for path in (root / "history" / uid / "bases").iterdir()]
        assert len(copies) == history(sdk, name)["bases"] >= 1


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.3, *(pytest.param(after, marks=SOAK) for after in (0.05, 0.6, 1.0, 1.6))])
def test_branch_at_a_moment_is_made_although_the_emulator_is_killed(start: Callable[..., Sdk], after: float) -> None:
    sdk = start()
    at = prepare(sdk)
    spec = BranchSpec(no_expiry=True, source_branch_time=moment(at))
    operation = sdk.postgres.create_branch(PROJECT, Branch(spec=spec), "then")
    time.sleep(after)
    sdk.emulator.kill()
    sdk.emulator.start()
    operation.wait(WITHIN)
    assert rows(sdk, f"{PROJECT}/branches/then") == [1]
    check_nothing_half_made(sdk)


@SOAK
def test_branch_is_made_although_the_replaying_server_is_killed(start: Callable[..., Sdk]) -> None:
    sdk = start()
    at, known = prepare(sdk), {process.pid for process in postmasters(sdk.emulator)}
    spec = BranchSpec(no_expiry=True, source_branch_time=moment(at))
    operation = sdk.postgres.create_branch(PROJECT, Branch(spec=spec), "then")

    def replaying() -> list[psutil.Process]:
        return [process for process in postmasters(sdk.emulator) if process.pid not in known]

    until(lambda: bool(replaying()))
    os.kill(replaying()[0].pid, signal.SIGKILL)
    operation.wait(WITHIN)
    assert rows(sdk, f"{PROJECT}/branches/then") == [1]
    check_nothing_half_made(sdk)


@SOAK
@pytest.mark.parametrize("after", [0.05, 0.2, 0.5])
def test_emulator_is_killed_in_the_middle_of_a_base(start: Callable[..., Sdk], after: float) -> None:
    sdk = start("--history-every", "16")
    at = prepare(sdk)
    bases = data_root(sdk.emulator) / "history" / str(sdk.postgres.get_branch(BRANCH).uid) / "bases"
    until(lambda: any(path.suffix == ".part" for path in bases.iterdir()) or history(sdk)["bases"] > 1)
    time.sleep(after)
    sdk.emulator.kill()
    sdk.emulator.start()
    check_nothing_half_made(sdk)
    assert rows(sdk, sdk.make_branch(PROJECT, "then", source_branch_time=moment(at)).name) == [1]
    with sdk.connect(PRIMARY):
        until(lambda: history(sdk)["bases"] > 1)


@SOAK
def test_killed_server_archives_what_it_owes(start: Callable[..., Sdk]) -> None:
    sdk = start()
    at = prepare(sdk)
    os.kill(sdk.emulator.endpoint(PRIMARY)["pid"], signal.SIGKILL)
    sdk.emulator.kill()
    sdk.emulator.start()
    assert rows(sdk, sdk.make_branch(PROJECT, "then", source_branch_time=moment(at)).name) == [1]
    assert rows(sdk, sdk.make_branch(PROJECT, "now").name) == [1, 2]


@SOAK
def test_snapshot_is_taken_although_the_emulator_is_killed(start: Callable[..., Sdk]) -> None:
    sdk = start()
    prepare(sdk)
    wanted = Snapshot(spec=SnapshotSpec(source_branch=BRANCH))
    operation = sdk.postgres.create_snapshot(PROJECT, wanted, "kept")
    time.sleep(0.1)
    sdk.emulator.kill()
    sdk.emulator.start()
    made = operation.wait(WITHIN)
    assert rows(sdk, sdk.make_branch(PROJECT, "restored", source_snapshot=made.name).name) == [1, 2]
    kept = (data_root(sdk.emulator) / "snapshots").iterdir()
    assert [path.name for path in kept] == [made.uid]
