"""Every operation comes to an end, whatever happens to its job: clients poll until then."""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest
from databricks.sdk.service.postgres import (
    Branch,
    BranchSpec,
    Endpoint,
    EndpointSpec,
    EndpointType,
    Snapshot,
    SnapshotSpec,
)

from lakebase.local.autoscaling import Autoscaling
from lakebase.local.compute import Compute
from lakebase.local.operations import Operations
from lakebase.local.records import Operation
from lakebase.local.store import Store
from tests.local.running.conftest import data_root
from tests.local.sdk import Sdk

FULL = sqlite3.OperationalError("database or disk is full")
JOB = {"do": "make", "target": "projects/p/branches/b"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "state.db")) as store:
        yield store


@pytest.mark.parametrize("error", [FULL, AssertionError("never"), StopIteration(), KeyError("endpoint")])
@pytest.mark.parametrize("in_the_way", [None, FULL])
def test_unforeseen_error_ends_it_and_removes_its_target(
    store: Store, error: Exception, in_the_way: Exception | None
) -> None:
    removed = []

    async def make(job: dict[str, Any]) -> dict[str, Any]:
        raise error

    async def abandon(target: str) -> None:
        removed.append(target)
        if in_the_way is not None:
            raise in_the_way

    async def told() -> dict[str, Any]:
        operations = Operations(store, 0)
        operations.jobs, operations.abandon = {"make": make}, abandon
        return await operations.poll(operations.begin("projects/p", "Branch", JOB)["name"])

    operation = asyncio.run(told())
    assert operation["done"] is True
    assert operation["error"]["error_code"] == "INTERNAL_ERROR"
    assert operation["error"]["message"].endswith("its output says more.")
    assert removed == [JOB["target"]]
    assert [one.job for one in store.all(Operation)] == [None]


@pytest.mark.slow
def test_what_waits_for_a_failed_one_fails_with_it(sdk: Sdk, project: str) -> None:
    """A branch for whose copy the disk has no room, and what is to be made of it and in it."""
    primary, made = f"{project}/branches/production/endpoints/primary", f"{project}/branches/made"
    data = data_root(sdk.emulator) / "branches" / str(sdk.postgres.get_branch(f"{project}/branches/production").uid)
    sdk.connect(primary).close()
    server = psutil.Process(sdk.emulator.endpoint(primary)["pid"])
    server.suspend()
    spec = BranchSpec(no_expiry=True)
    begun: list[Any] = [sdk.postgres.create_branch(project, Branch(spec=spec), "made")]
    spec = BranchSpec(source_branch=made, no_expiry=True)
    begun.append(sdk.postgres.create_branch(project, Branch(spec=spec), "child"))
    kept = Snapshot(spec=SnapshotSpec(source_branch=made))
    begun.append(sdk.postgres.create_snapshot(project, kept, "kept"))
    reader = Endpoint(spec=EndpointSpec(endpoint_type=EndpointType.ENDPOINT_TYPE_READ_ONLY))
    begun.append(sdk.postgres.create_endpoint(made, reader, "reader"))
    with (data / "huge").open("wb") as huge:
        huge.truncate(2 * shutil.disk_usage(data).total)
    server.resume()
    for operation, says in zip(begun, ("disk has", *3 * ["could not be made, so there is nothing"]), strict=True):
        with pytest.raises(Exception, match=says):
            operation.wait()
    (data / "huge").unlink()
    assert [branch.branch_id for branch in sdk.postgres.list_branches(project)] == ["production"]
    assert list(sdk.postgres.list_snapshots(project)) == []


def test_sizes_go_on_after_an_unforeseen_error() -> None:
    class Broken(dict[str, Compute]):
        asked = 0

        def items(self) -> Any:
            self.asked += 1
            raise RuntimeError("dictionary changed size during iteration")

    async def asked() -> int:
        computes = Broken()
        sampling = asyncio.create_task(Autoscaling(computes).run())
        while computes.asked < 2 and not sampling.done():
            await asyncio.sleep(0.05)
        sampling.cancel()
        return computes.asked

    assert asyncio.run(asked()) == 2
