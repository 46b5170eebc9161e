"""Projects, branches, computes and roles through the unmodified SDK; everything twice, and every refusal."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lakebase import control_plane, permissions, provisioning
from lakebase.control_plane import LakebaseError, read_write_endpoint
from lakebase.control_plane_errors import ControlPlaneDown, NotFound
from lakebase.provisioning import Limits, Suspension, durations
from lakebase.provisioning.branches import find_branch
from lakebase.provisioning.identifiers import BadIdentifier
from lakebase.provisioning.operations import StillRunning, finish
from lakebase.provisioning.projects import IdTaken, Protected
from tests.emulator import Emulator
from tests.lakebase.conftest import Connect
from tests.lakebase.owned import migrate, registered

OWNER = "learner@example.com"
CLIENT_ID = "3b0f8b1c-1111-4222-8333-123456789abc"


@pytest.fixture(scope="module")
def project(local_lakebase: Emulator) -> str:
    provisioning.create_project("provisioned")
    return "provisioned"


@pytest.fixture
def new(local_lakebase: Emulator) -> Iterator[Callable[[str], str]]:
    """Ids that nobody has used; what is made under them is purged."""
    given: list[str] = []

    def identifier(word: str) -> str:
        given.append(f"{word}-{uuid.uuid4().hex[:8]}")
        return given[-1]

    yield identifier
    for each in given:
        if any(found.id == each for found in provisioning.list_projects(deleted_too=True)):
            provisioning.delete_project(each, purge=True)


def protect(project: str, branch: str, protected: bool) -> None:
    from databricks.sdk.common.types.fieldmask import FieldMask
    from databricks.sdk.service.postgres import Branch, BranchSpec

    finish(
        "protect a branch",
        lambda w: w.postgres.update_branch(
            name=f"projects/{project}/branches/{branch}",
            branch=Branch(spec=BranchSpec(is_protected=protected)),
            update_mask=FieldMask(["spec.is_protected"]),
        ),
    )


def test_project_is_made_once(new: Callable[[str], str]) -> None:
    shop = new("shop")
    heard: list[str] = []
    made = provisioning.create_project(shop, pg_version=16, progress=heard.append)
    assert (made.changed, made.name) == (True, f"projects/{shop}")
    assert str(made) == f"Project {shop} is made: PostgreSQL 16, branch production."
    assert heard[1:] == [f"Making project {shop}", f"Waiting for the endpoint of project {shop}"]
    again = provisioning.create_project(shop)
    assert not again.changed
    assert "exists already: PostgreSQL 16" in str(again)
    (found,) = [each for each in provisioning.list_projects() if each.id == shop]
    assert (found.owner, found.pg_version, found.default_branch) == (OWNER, 16, "production")


def test_sizes_and_sleep_of_a_new_project(new: Callable[[str], str]) -> None:
    shop = new("shop")
    provisioning.create_project(shop, limits=Limits(0.5, 8), suspension=Suspension(None))
    endpoint = read_write_endpoint(shop, "production")
    assert (endpoint.min_cu, endpoint.max_cu, endpoint.suspend_after_seconds) == (0.5, 8, None)


def test_deleted_project_holds_its_id_until_it_is_purged(new: Callable[[str], str]) -> None:
    shop = new("shop")
    assert str(provisioning.delete_project(shop)) == f"There is no project {shop}."
    provisioning.create_project(shop)
    assert provisioning.delete_project(shop).changed
    again = provisioning.delete_project(shop)
    assert not again.changed
    assert "is deleted already. Its id stays taken until 20" in str(again)
    with pytest.raises(IdTaken, match=f"delete-project {shop} --purge --yes"):
        provisioning.create_project(shop)
    assert provisioning.delete_project(shop, purge=True).changed
    assert not provisioning.delete_project(shop, purge=True).changed
    assert provisioning.create_project(shop).changed


def test_protected_project_is_not_deleted(new: Callable[[str], str]) -> None:
    shop = new("shop")
    provisioning.create_project(shop)
    protect(shop, "production", True)
    with pytest.raises(Protected, match=f"{shop} cannot be deleted: its branch production is protected. Lift the"):
        provisioning.delete_project(shop)
    protect(shop, "production", False)
    assert provisioning.delete_project(shop, purge=True).changed


@pytest.mark.parametrize("text", ["", "Shop", "1shop", "shop-", "shop_1", "sh op", "a" * 64, "läden", "shop\n"])
def test_ids_that_cannot_be(local_lakebase: Emulator, project: str, text: str) -> None:
    for call in (
        lambda: provisioning.create_project(text),
        lambda: provisioning.create_branch(project, text, ttl_seconds=None),
        lambda: provisioning.delete_project(text),
    ):
        with pytest.raises(BadIdentifier, match="Write 1 to 63 lower-case letters"):
            call()


def test_postgres_version_that_is_not_offered(new: Callable[[str], str]) -> None:
    with pytest.raises(LakebaseError, match=r"PostgreSQL 15 is not offered. Choose one of 16, 17, 18"):
        provisioning.create_project(new("shop"), pg_version=15)


def test_branch_is_made_once_and_expires(project: str) -> None:
    made = provisioning.create_branch(project, "week", ttl_seconds=7 * 86_400)
    assert str(made) == f"Branch week of {project} is made. It is deleted after 7d."
    again = provisioning.create_branch(project, "week", ttl_seconds=60)
    assert (again.changed, str(again)) == (False, f"Branch week of {project} exists already. It is left as it is.")
    expires = find_branch(project, "week").expire_time
    assert expires is not None
    assert timedelta(days=6, hours=23) < expires - datetime.now(UTC) < timedelta(days=400)
    assert read_write_endpoint(project, "week").host == "127.0.0.1"
    provisioning.delete_branch(project, "week", purge=True)


def test_branch_of_a_branch(project: str) -> None:
    provisioning.create_branch(project, "parent", ttl_seconds=None)
    made = provisioning.create_branch(project, "child", source="parent", ttl_seconds=None)
    assert str(made).endswith("It does not expire.")
    child = find_branch(project, "child")
    assert (child.source, child.expire_time, child.default) == ("parent", None, False)
    with pytest.raises(LakebaseError, match=r"with children; delete first: .*child"):
        provisioning.delete_branch(project, "parent", purge=True)
    provisioning.delete_branch(project, "child", purge=True)
    provisioning.delete_branch(project, "parent", purge=True)


def test_branch_of_what_is_not_there(project: str) -> None:
    with pytest.raises(NotFound, match=r"has no branch nowhere to copy. Choose one of: production"):
        provisioning.create_branch(project, "lost", source="nowhere", ttl_seconds=None)
    with pytest.raises(NotFound, match="lakebase list"):
        provisioning.create_branch("no-such-project", "lost", ttl_seconds=None)


def test_branch_that_would_live_too_long(project: str) -> None:
    with pytest.raises(LakebaseError, match="cannot live 31d and then expire: the longest is 30d"):
        provisioning.create_branch(project, "old", ttl_seconds=31 * 86_400)


def test_deleted_branch_holds_its_id_until_it_is_purged(project: str) -> None:
    assert str(provisioning.delete_branch(project, "gone")) == f"Project {project} has no branch gone."
    provisioning.create_branch(project, "gone", ttl_seconds=None)
    assert provisioning.delete_branch(project, "gone").changed
    assert "is deleted already" in str(provisioning.delete_branch(project, "gone"))
    with pytest.raises(IdTaken, match=f"delete-branch gone --project {project} --purge"):
        provisioning.create_branch(project, "gone", ttl_seconds=None)
    assert str(provisioning.delete_branch(project, "gone", purge=True)).endswith("is deleted for good.")
    assert not provisioning.delete_branch(project, "gone", purge=True).changed


def test_root_and_protected_branches_are_kept(project: str) -> None:
    with pytest.raises(LakebaseError, match="Root branches cannot be deleted independently"):
        provisioning.delete_branch(project, "production")
    provisioning.create_branch(project, "safe", ttl_seconds=None)
    protect(project, "safe", True)
    with pytest.raises(Protected, match=r"Branch safe .* is protected. Lift the protection"):
        provisioning.delete_branch(project, "safe")
    protect(project, "safe", False)
    assert provisioning.delete_branch(project, "safe", purge=True).changed


def test_resize(project: str) -> None:
    assert provisioning.resize(project, "production", min_cu=1, max_cu=12).changed
    again = provisioning.resize(project, "production", min_cu=1, max_cu=12)
    assert (again.changed, str(again)) == (False, f"Branch production of {project} has 1 to 12 CU already.")
    assert provisioning.resize(project, "production", min_cu=0.5).changed
    assert provisioning.resize(project, "production", max_cu=16).changed
    endpoint = read_write_endpoint(project, "production")
    assert (endpoint.min_cu, endpoint.max_cu) == (0.5, 16)
    with pytest.raises(provisioning.OutOfRange, match=r"0.5 and 17 CU are 16.5 CU apart"):
        provisioning.resize(project, "production", max_cu=17)


@pytest.mark.parametrize(
    ("low", "high", "sentence"),
    [
        (0.25, 1, "smallest size cannot be 0.25 CU. Give 0.5 or a whole number, 1 to 112"),
        (1, 1.5, "largest size cannot be 1.5 CU"),
        (0, 1, "cannot be 0 CU"),
        (-1, 1, "cannot be -1 CU"),
        (1, 113, "cannot be 113 CU"),
        (1, float("inf"), "cannot be inf CU"),
        (float("nan"), 1, "cannot be nan CU"),
        (4, 2, "smallest size, 4 CU, exceeds the largest, 2 CU"),
        (1, 18, "are 17 CU apart, and an endpoint scales over 16 at most"),
        (60, 65, "Above 64 CU a compute does not scale"),
    ],
)
def test_sizes_that_cannot_be(low: float, high: float, sentence: str) -> None:
    with pytest.raises(provisioning.OutOfRange, match=sentence):
        provisioning.resize("no-such-project", "production", min_cu=low, max_cu=high)


def test_suspend_after(project: str) -> None:
    for suspension, seconds in ((Suspension(90), 90), (Suspension(604_800), 604_800), (Suspension(None), None)):
        assert provisioning.suspend_after(project, "production", suspension).changed
        assert read_write_endpoint(project, "production").suspend_after_seconds == seconds
        again = provisioning.suspend_after(project, "production", suspension)
        assert (again.changed, str(again)) == (False, f"Branch production of {project} {suspension}, as before.")


@pytest.mark.parametrize("seconds", [1, 59, 604_801])
def test_sleep_that_cannot_be(seconds: int) -> None:
    with pytest.raises(provisioning.OutOfRange, match="Give 60s to 7d, or never"):
        Suspension(seconds)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("5m", 300), ("1h", 3_600), ("7d", 604_800), (" 2H ", 7_200)]
)
def test_durations(text: str, seconds: int) -> None:
    assert durations.read_duration(text) == seconds
    assert durations.read_duration(durations.write_duration(seconds)) == seconds


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "0s", "1.5h", "5 m", "1w", "1h30m", "٣m", "9999999999d"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no duration. Write a whole number and a unit: 90s, 5m, 1h, 7d"):
        durations.read_duration(text)


@pytest.mark.parametrize("role", [CLIENT_ID, "colleague@example.com"])
def test_role_is_made_once(project: str, role: str) -> None:
    assert provisioning.create_role(project, "production", role).changed
    again = provisioning.create_role(project, "production", role)
    assert (again.changed, str(again)) == (False, f"Branch production of {project} has the role {role} already.")


def test_role_on_a_branch_that_is_not_there(project: str) -> None:
    with pytest.raises(NotFound, match="branch nowhere"):
        provisioning.create_role(project, "nowhere", CLIENT_ID)


def test_survey(project: str) -> None:
    ((found, branches),) = provisioning.survey(project)
    assert (found.id, branches[0].branch.id, branches[0].branch.default) == (project, "production", True)
    assert branches[0].endpoint is not None
    assert project in [each.id for each, _ in provisioning.survey()]
    with pytest.raises(NotFound, match="create-project no-such-project"):
        provisioning.survey("no-such-project")


def test_prepare_does_everything_once(new: Callable[[str], str], connect: Connect, local_lakebase: Emulator) -> None:
    shop, role = new("shop"), local_lakebase.service_principal("site")["client_id"]
    assert [str(step) for step in provisioning.plan(shop, "development", role)] == [
        f"Make project {shop}",
        f"Make branch development of project {shop}",
        f"Make the Postgres role {role} on branch development",
    ]
    connection = connect(lakebase={"project": shop}, OPTIONS={"options": "-c search_path=ecommerce,public"})
    with registered(connection):

        def prepare(reader: str | None = None) -> list[bool]:
            done = provisioning.prepare(
                shop, "production", role, reader=reader, migrate=lambda: migrate(connection), connection=connection
            )
            return [outcome.changed for outcome in done]

        assert prepare() == [True, True, True]
        assert provisioning.plan(shop, "production", role) == []
        assert permissions.missing(connection, role) == []
        assert prepare() == [False]
        reader = local_lakebase.service_principal("reader")["client_id"]
        assert prepare(reader) == [True, False, True]
        assert prepare(reader) == [False, False]


@pytest.mark.slow
def test_workspace_that_is_down(local_lakebase: Emulator, project: str) -> None:
    with local_lakebase.control.broken(), pytest.raises(ControlPlaneDown, match="does not answer"):
        provisioning.create_project("shop")


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [7, 9], ids=["lost early", "lost late"])
def test_poll_without_an_answer_does_not_end_the_operation(
    local_lakebase: Emulator, new: Callable[[str], str], seconds: float
) -> None:
    """The first poll is given up after 5 s; the next one's connection is cut while the SDK tries again, or later."""
    from databricks.sdk.service.postgres import Project, ProjectSpec

    shop = new("shop")

    def fall_silent() -> None:
        with local_lakebase.control.silent():
            silent.set()
            time.sleep(seconds)

    silent = threading.Event()
    watcher = threading.Thread(target=fall_silent)

    def begin(workspace: Any) -> Any:
        made = workspace.postgres.create_project(project=Project(spec=ProjectSpec(pg_version=17)), project_id=shop)
        watcher.start()
        silent.wait(60)
        return made

    assert finish(f"make the project {shop}", begin).project_id == shop
    watcher.join()


@pytest.mark.slow
def test_operation_that_takes_longer_than_anybody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Emulator(tmp_path / "slow", "--operation-delay", "25")
    try:
        for name, value in slow.environment().items():
            monkeypatch.setenv(name, value)
        control_plane.forget_clients()
        with pytest.raises(
            StillRunning, match=r"within 1 s: the operation projects/shop/operations/.* still runs. Rep"
        ):
            provisioning.create_project("shop", timeout=1)
        assert not provisioning.create_project("shop").changed
    finally:
        slow.destroy()
        control_plane.forget_clients()
