"""Branches through the SDK: their data, their expiry, and who may go before whom."""

import time

import psycopg
import pytest
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.errors import AlreadyExists, BadRequest, InvalidParameterValue, NotFound
from databricks.sdk.service.postgres import Branch, BranchSpec, BranchStatusState, Project, ProjectSpec
from google.protobuf.timestamp_pb2 import Timestamp

from tests.emulator import Emulator
from tests.local.sdk import Sdk, seconds

DAY = 86_400


def change(sdk: Sdk, name: str, mask: list[str], **spec: object) -> Branch:
    return sdk.postgres.update_branch(name, Branch(spec=BranchSpec(**spec)), FieldMask(mask)).wait()


def in_seconds(number: float) -> Timestamp:
    moment = Timestamp()
    moment.FromMilliseconds(int((time.time() + number) * 1000))
    return moment


def test_branch_holds_its_parents_rows_and_then_goes_its_own_way(sdk: Sdk, project: str) -> None:
    parent = f"{project}/branches/production/endpoints/primary"
    with sdk.connect(parent) as session:
        session.execute("CREATE TABLE thing AS SELECT generate_series(1, 1000) AS number")
        session.execute("CREATE TEMPORARY TABLE mine (x int)")
        made = sdk.make_branch(project, "development")
        # The parent's session lives on, with what belongs to it.
        session.execute("INSERT INTO mine VALUES (1)")
        session.execute("DELETE FROM thing WHERE number <= 500")
    assert made.spec is None and made.status is not None
    assert made.status.current_state is BranchStatusState.READY
    assert made.status.source_branch == f"{project}/branches/production"
    assert made.status.source_branch_lsn and made.status.source_branch_time is not None
    assert made.status.default is False
    with sdk.connect(f"{made.name}/endpoints/primary") as session:
        assert session.execute("SELECT count(*) FROM thing").fetchone() == (1000,)
        session.execute("DROP TABLE thing")
    with sdk.connect(parent) as session:
        assert session.execute("SELECT count(*) FROM thing").fetchone() == (500,)


def test_branch_of_a_sleeping_parent(sdk: Sdk, project: str, api_emulator: Emulator) -> None:
    parent = f"{project}/branches/production/endpoints/primary"
    with sdk.connect(parent) as session:
        session.execute("CREATE TABLE thing AS SELECT 7 AS number")
    api_emulator.suspend(parent)
    made = sdk.make_branch(project, "cold")
    assert api_emulator.endpoint(parent)["state"] == "IDLE"
    assert made.status is not None and made.status.source_branch_lsn
    with sdk.connect(f"{made.name}/endpoints/primary") as session:
        assert session.execute("SELECT number FROM thing").fetchone() == (7,)


def test_branch_of_a_branch(sdk: Sdk, project: str) -> None:
    first = sdk.make_branch(project, "first")
    with sdk.connect(f"{first.name}/endpoints/primary") as session:
        session.execute("CREATE TABLE only_here AS SELECT 1 AS x")
    second = sdk.make_branch(project, "second", source_branch=first.name)
    assert second.status is not None and second.status.source_branch == first.name
    with sdk.connect(f"{second.name}/endpoints/primary") as session:
        assert session.execute("SELECT x FROM only_here").fetchone() == (1,)
    with (
        pytest.raises(psycopg.errors.UndefinedTable),
        sdk.connect(f"{project}/branches/production/endpoints/primary") as s,
    ):
        s.execute("SELECT x FROM only_here")


def test_roles_and_databases_come_along(sdk: Sdk, project: str) -> None:
    made = sdk.make_branch(project, "inherits")
    roles = [role.status.postgres_role for role in sdk.postgres.list_roles(str(made.name)) if role.status]
    databases = [one.status.postgres_database for one in sdk.postgres.list_databases(str(made.name)) if one.status]
    assert (roles, databases) == (["learner@example.com"], ["databricks_postgres"])


def test_control_surface_says_how_the_copy_was_made(sdk: Sdk, project: str, api_emulator: Emulator) -> None:
    made = sdk.make_branch(project, "told")
    (told,) = [branch for branch in api_emulator.get("/_local/info")["branches"] if branch["name"] == made.name]
    assert told["copied_by"] in ("reflink", "copy")
    assert told["bytes"] > 1_000_000


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({}, "Exactly one of"),
        ({"no_expiry": False}, "no_expiry"),
        ({"no_expiry": True, "ttl": seconds(60)}, "Exactly one of"),
        ({"ttl": seconds(31 * DAY)}, "spec.ttl"),
        ({"ttl": seconds(0)}, "spec.ttl"),
        ({"expire_time": in_seconds(-60)}, "next 30 days"),
        ({"expire_time": in_seconds(31 * DAY)}, "next 30 days"),
        ({"ttl": seconds(60), "is_protected": True}, "cannot expire"),
    ],
)
def test_expiration_is_exactly_one_of_three(sdk: Sdk, project: str, spec: dict[str, object], says: str) -> None:
    with pytest.raises(InvalidParameterValue, match=says):
        sdk.postgres.create_branch(parent=project, branch=Branch(spec=BranchSpec(**spec)), branch_id="expiring")


def test_ids_sources_and_doubles(sdk: Sdk, project: str) -> None:
    with pytest.raises(InvalidParameterValue, match="Field 'branch_id' is required"):
        sdk.make_branch(project, "")
    with pytest.raises(InvalidParameterValue, match="must match pattern"):
        sdk.make_branch(project, "Dev")
    with pytest.raises(AlreadyExists, match=r"^branch with such id already exists$"):
        sdk.make_branch(project, "production")
    with pytest.raises(NotFound, match="source branch not found"):
        sdk.make_branch(project, "orphan", source_branch=f"{project}/branches/nowhere")
    with pytest.raises(NotFound):
        sdk.make_branch("projects/nowhere", "orphan")


def test_branch_with_a_ttl_is_really_deleted(sdk: Sdk, project: str, api_emulator: Emulator) -> None:
    made = sdk.make_branch(project, "short", ttl=seconds(3600))
    other = sdk.make_branch(
        project, "dated", expire_time=in_seconds(api_emulator.get("/_local/clock")["offset_seconds"] + 3600)
    )
    assert made.status is not None and made.status.expire_time is not None
    session = sdk.connect(f"{made.name}/endpoints/primary")
    api_emulator.advance(3601)
    for branch in (made, other):
        with pytest.raises(NotFound):
            sdk.postgres.get_branch(str(branch.name))
        assert branch.name not in [found.name for found in sdk.postgres.list_branches(project, show_deleted=True)]
        assert branch.name not in [known["name"] for known in api_emulator.get("/_local/info")["branches"]]
    with pytest.raises(psycopg.OperationalError):
        session.execute("SELECT 1")
    session.close()


def test_expiration_and_protection_can_be_changed(sdk: Sdk, project: str) -> None:
    name = str(sdk.make_branch(project, "changing", ttl=seconds(3600)).name)
    changed = change(sdk, name, ["spec.expiration"], no_expiry=True)
    assert changed.status is not None and changed.status.expire_time is None
    changed = change(sdk, name, ["spec.is_protected"], is_protected=True)
    assert changed.status is not None and changed.status.is_protected is True
    with pytest.raises(BadRequest, match="cannot expire"):
        change(sdk, name, ["spec.expiration"], ttl=seconds(60))
    with pytest.raises(BadRequest, match=r"^cannot delete protected branch$"):
        sdk.postgres.delete_branch(name)
    with pytest.raises(BadRequest, match="already has its one protected branch"):
        change(sdk, f"{project}/branches/production", ["spec.is_protected"], is_protected=True)
    with pytest.raises(InvalidParameterValue, match=r"spec\.expiration instead"):
        change(sdk, name, ["spec.ttl"], ttl=seconds(60))
    change(sdk, name, ["spec.is_protected"], is_protected=False)


def test_children_go_first_and_the_root_never(sdk: Sdk, project: str) -> None:
    root = f"{project}/branches/production"
    with pytest.raises(BadRequest) as refusal:
        sdk.postgres.delete_branch(root)
    assert str(refusal.value) == f"Cannot delete root branch '{root}'. Root branches cannot be deleted independently."
    (detail,) = refusal.value.get_error_info()
    assert detail.reason == "RESOURCE_CONFLICT"
    parent = sdk.make_branch(project, "parent")
    child = sdk.make_branch(project, "child", source_branch=parent.name)
    with pytest.raises(BadRequest, match=f"children; delete first: {child.name}"):
        sdk.postgres.delete_branch(str(parent.name))
    with pytest.raises(BadRequest, match="it has children"):
        change(sdk, str(parent.name), ["spec.expiration"], ttl=seconds(60))
    sdk.postgres.delete_branch(str(child.name)).wait()
    sdk.postgres.delete_branch(str(parent.name)).wait()


def test_expiring_branch_cannot_be_a_source_nor_the_default(sdk: Sdk, project: str) -> None:
    expiring = sdk.make_branch(project, "expiring", ttl=seconds(3600))
    with pytest.raises(BadRequest, match="expires, so it cannot be a source"):
        sdk.make_branch(project, "grandchild", source_branch=expiring.name)
    with pytest.raises(BadRequest, match="expires, so it cannot be the default"):
        default(sdk, project, str(expiring.name))


def test_another_branch_can_become_the_default(sdk: Sdk, project: str) -> None:
    other = sdk.make_branch(project, "other")
    default(sdk, project, str(other.name))
    found = sdk.postgres.get_branch(str(other.name))
    assert found.status is not None and found.status.default is True
    with pytest.raises(BadRequest, match="cannot delete default branch"):
        sdk.postgres.delete_branch(str(other.name))
    default(sdk, project, f"{project}/branches/production")
    with pytest.raises(NotFound, match="branch not found"):
        default(sdk, project, f"{project}/branches/nowhere")


def test_deleted_branch_can_be_had_back_for_seven_days(sdk: Sdk, project: str, api_emulator: Emulator) -> None:
    name = str(sdk.make_branch(project, "regretted").name)
    with sdk.connect(f"{name}/endpoints/primary") as session:
        session.execute("CREATE TABLE kept AS SELECT 1 AS x")
    sdk.postgres.delete_branch(name).wait()
    with pytest.raises(NotFound):
        sdk.postgres.get_branch(name)
    (shown,) = [branch for branch in sdk.postgres.list_branches(project, show_deleted=True) if branch.name == name]
    assert shown.status is not None and shown.status.current_state is BranchStatusState.DELETED
    with pytest.raises(AlreadyExists):
        sdk.make_branch(project, "regretted")
    sdk.postgres.undelete_branch(name).wait()
    with pytest.raises(BadRequest, match="is not deleted"):
        sdk.postgres.undelete_branch(name)
    with sdk.connect(f"{name}/endpoints/primary") as session:
        assert session.execute("SELECT x FROM kept").fetchone() == (1,)
    sdk.postgres.delete_branch(name).wait()
    api_emulator.advance(7 * DAY + 1)
    with pytest.raises(NotFound):
        sdk.postgres.undelete_branch(name)
    assert name not in [branch.name for branch in sdk.postgres.list_branches(project, show_deleted=True)]


def test_purge_deletes_at_once(sdk: Sdk, project: str) -> None:
    name = str(sdk.make_branch(project, "unloved").name)
    sdk.postgres.delete_branch(name, purge=True).wait()
    with pytest.raises(NotFound):
        sdk.postgres.undelete_branch(name)
    sdk.make_branch(project, "unloved")


def test_replace_existing_takes_a_branch_over(sdk: Sdk, project: str) -> None:
    """As a bundle does with the branch that came with the project."""
    branch = Branch(spec=BranchSpec(is_protected=True, no_expiry=True))
    taken = sdk.postgres.create_branch(project, branch, "production", replace_existing=True).wait()
    assert taken.status is not None and taken.status.is_protected is True


def test_replace_existing_keeps_the_source(sdk: Sdk, project: str) -> None:
    """The data stay what they are, so another source would be a made-up success."""
    production = f"{project}/branches/production"
    made = sdk.make_branch(project, "kept", source_branch=production)
    sdk.make_branch(project, "other")
    assert made.status is not None and made.name is not None
    same: list[dict[str, object]] = [
        {"source_branch": production},
        {"source_branch": production, "source_branch_time": made.status.source_branch_time},
        {"source_branch_lsn": made.status.source_branch_lsn},
    ]
    for spec in same:
        replace(sdk, made.name, no_expiry=True, **spec)
    with pytest.raises(InvalidParameterValue, match=r"spec.source_branch' cannot be changed: .*from '.*production'"):
        replace(sdk, made.name, no_expiry=True, source_branch=f"{project}/branches/other")
    with pytest.raises(NotFound, match="source branch not found"):
        replace(sdk, made.name, no_expiry=True, source_branch=f"{project}/branches/nowhere")
    with pytest.raises(NotFound, match="snapshot not found"):
        replace(sdk, made.name, no_expiry=True, source_snapshot=f"{project}/snapshots/none")
    with pytest.raises(InvalidParameterValue, match="At most one of"):
        replace(sdk, made.name, no_expiry=True, source_branch_lsn="0/1", source_branch_time=in_seconds(-60))
    with pytest.raises(InvalidParameterValue, match="from nothing, with its project"):
        replace(sdk, production, no_expiry=True, source_branch=f"{project}/branches/other")
    with pytest.raises(InvalidParameterValue, match="cannot be changed"):
        change(sdk, made.name, ["*"], no_expiry=True, source_branch=f"{project}/branches/other")


def replace(sdk: Sdk, name: str, **spec: object) -> Branch:
    project, _, branch = name.partition("/branches/")
    return sdk.postgres.create_branch(project, Branch(spec=BranchSpec(**spec)), branch, replace_existing=True).wait()


def default(sdk: Sdk, project: str, branch: str) -> None:
    wanted = Project(spec=ProjectSpec(default_branch=branch))
    sdk.postgres.update_project(project, wanted, FieldMask(["spec.default_branch"])).wait()
