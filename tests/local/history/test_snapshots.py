"""Snapshots through the SDK: they outlive their branch, and expire."""

import time

import pytest
from databricks.sdk.errors import AlreadyExists, InvalidParameterValue, NotFound
from databricks.sdk.service.postgres import Snapshot, SnapshotSpec

from tests.local.history.conftest import BRANCH, PRIMARY, PROJECT, moment, rows
from tests.local.sdk import Sdk, seconds


def take(sdk: Sdk, snapshot: str, source: str = BRANCH, **spec: object) -> Snapshot:
    wanted = Snapshot(spec=SnapshotSpec(source_branch=source, **spec))  # type: ignore[arg-type]
    return sdk.postgres.create_snapshot(PROJECT, wanted, snapshot).wait()


@pytest.mark.slow
def test_snapshot_outlives_its_branch(sdk: Sdk) -> None:
    branch = str(sdk.make_branch(PROJECT, "short-lived").name)
    with sdk.connect(f"{branch}/endpoints/primary") as session:
        session.execute("CREATE TABLE counted AS SELECT 1 AS number")
    made = take(sdk, "kept", branch)
    assert made.spec is None and made.status is not None
    assert (made.name, made.snapshot_id) == (f"{PROJECT}/snapshots/kept", "kept")
    assert made.status.source_branch == branch
    assert made.status.no_expiry is True and made.status.expire_time is None
    assert made.status.full_size_bytes is not None and made.status.full_size_bytes > 1_000_000
    with sdk.connect(f"{branch}/endpoints/primary") as session:
        session.execute("DROP TABLE counted")
    sdk.postgres.delete_branch(branch, purge=True).wait()
    sdk.emulator.stop()
    sdk.emulator.start()
    assert sdk.postgres.get_snapshot(str(made.name)) == made
    restored = sdk.make_branch(PROJECT, "restored", source_snapshot=made.name)
    assert restored.status is not None
    assert (restored.status.source_snapshot, restored.status.source_branch) == (made.name, None)
    assert rows(sdk, restored.name) == [1]
    roles = [role.status.postgres_role for role in sdk.postgres.list_roles(str(restored.name)) if role.status]
    assert roles == ["learner@example.com"]
    sdk.postgres.delete_snapshot(str(made.name)).wait()
    with pytest.raises(NotFound, match="snapshot not found"):
        sdk.postgres.get_snapshot(str(made.name))
    assert rows(sdk, restored.name) == [1]
    sdk.postgres.delete_branch(str(restored.name), purge=True).wait()


@pytest.mark.slow
def test_restored_branch_has_a_history_too(sdk: Sdk) -> None:
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE counted AS SELECT 1 AS number")
    sdk.emulator.suspend(PRIMARY)
    restored = str(sdk.make_branch(PROJECT, "restored", source_snapshot=take(sdk, "kept").name).name)
    with sdk.connect(f"{restored}/endpoints/primary") as session:
        session.execute("INSERT INTO counted VALUES (2)")
        time.sleep(0.05)
        at = time.time()
        session.execute("DELETE FROM counted")
    made = sdk.make_branch(PROJECT, "again", source_branch=restored, source_branch_time=moment(at))
    assert rows(sdk, made.name) == [1, 2]


@pytest.mark.slow
def test_snapshot_of_a_moment(sdk: Sdk) -> None:
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE counted AS SELECT 1 AS number")
        time.sleep(0.05)
        at = time.time()
        session.execute("DELETE FROM counted")
    made = take(sdk, "then", source_branch_time=moment(at))
    assert rows(sdk, sdk.make_branch(PROJECT, "restored", source_snapshot=made.name).name) == [1]


@pytest.mark.slow
def test_snapshots_are_listed_in_pages(sdk: Sdk) -> None:
    names = [take(sdk, f"s{number}").name for number in range(3)]
    assert [snapshot.name for snapshot in sdk.postgres.list_snapshots(PROJECT, page_size=2)] == names


@pytest.mark.slow
def test_snapshot_expires(sdk: Sdk) -> None:
    made = take(sdk, "short", ttl=seconds(3600))
    assert made.status is not None and made.status.no_expiry is False
    assert made.status.expire_time is not None
    sdk.emulator.advance(3601)
    assert list(sdk.postgres.list_snapshots(PROJECT)) == []
    with pytest.raises(NotFound):
        sdk.make_branch(PROJECT, "late", source_snapshot=made.name)


@pytest.mark.soak
def test_snapshots_go_with_their_project(sdk: Sdk) -> None:
    from tests.local.running.conftest import data_root

    take(sdk, "kept")
    sdk.postgres.delete_project(PROJECT, purge=True).wait()
    root = data_root(sdk.emulator)
    assert [list((root / name).iterdir()) for name in ("branches", "history", "snapshots")] == [[], [], []]
    sdk.make_project("shop")


@pytest.mark.slow
def test_refusals(sdk: Sdk) -> None:
    made = take(sdk, "kept")
    with pytest.raises(AlreadyExists, match="snapshot with such id already exists"):
        take(sdk, "kept")
    with pytest.raises(InvalidParameterValue, match="must match pattern"):
        take(sdk, "Kept")
    with pytest.raises(NotFound, match="source branch not found"):
        take(sdk, "orphan", f"{PROJECT}/branches/nowhere")
    with pytest.raises(InvalidParameterValue, match="At most one of"):
        take(sdk, "torn", ttl=seconds(60), no_expiry=True)
    with pytest.raises(InvalidParameterValue, match="must lie in the history"):
        take(sdk, "early", source_branch_time=moment(time.time() - 3600))
    with pytest.raises(NotFound, match="snapshot not found"):
        sdk.make_branch(PROJECT, "orphan", source_snapshot=f"{PROJECT}/snapshots/nowhere")
    with pytest.raises(InvalidParameterValue, match="must be empty"):
        sdk.make_branch(PROJECT, "torn", source_snapshot=made.name, source_branch=BRANCH)
