"""What is being deleted for good can become the source of nothing, however long it takes to go."""

import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from databricks.sdk.errors import NotFound
from databricks.sdk.service.postgres import Branch, BranchSpec, Snapshot, SnapshotSpec

from tests.local.history.conftest import PROJECT, until
from tests.local.sdk import Sdk


def is_gone(sdk: Sdk, branch: str) -> bool:
    try:
        sdk.postgres.get_branch(branch)
    except NotFound:
        return True
    return False


@pytest.mark.slow
def test_branch_that_is_being_purged_is_not_found(sdk: Sdk) -> None:
    branch = str(sdk.make_branch(PROJECT, "leaving").name)
    with sdk.connect(f"{branch}/endpoints/primary") as session:
        row = session.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone()
        assert row is not None
    at_lsn = BranchSpec(source_branch=branch, source_branch_lsn=row[0], no_expiry=True)
    server = psutil.Process(sdk.emulator.endpoint(f"{branch}/endpoints/primary")["pid"])
    with ThreadPoolExecutor(2) as pool:
        server.suspend()  # so that it takes seconds to stop
        early = pool.submit(sdk.postgres.create_branch, PROJECT, Branch(spec=at_lsn), "early")
        time.sleep(0.5)  # it asks for the end of the log
        purge = pool.submit(sdk.postgres.delete_branch, branch, purge=True)
        until(lambda: is_gone(sdk, branch))
        for spec in (BranchSpec(source_branch=branch, no_expiry=True), at_lsn):
            with pytest.raises(NotFound, match="source branch not found"):
                sdk.postgres.create_branch(PROJECT, Branch(spec=spec), "late")
        with pytest.raises(NotFound, match="source branch not found"):
            sdk.postgres.create_snapshot(PROJECT, Snapshot(spec=SnapshotSpec(source_branch=branch)), "late")
        assert not purge.done()
        server.resume()
        purge.result().wait()
        with pytest.raises(NotFound):
            early.result()
    assert [str(one.branch_id) for one in sdk.postgres.list_branches(PROJECT)] == ["production"]
