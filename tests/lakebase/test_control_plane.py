"""The door to the workspace: typed answers, deadlines, and faults in words that say what to do."""

import os
import time

import pytest

from lakebase import control_plane
from lakebase.control_plane import ControlPlaneDown, Identity, LakebaseError
from lakebase.control_plane_errors import AlreadyExists, IdentityRefused, NotConfigured, NotFound
from lakebase.secret import Secret
from tests.conftest import BRANCH, ENDPOINT, PROJECT, make_project
from tests.emulator import Emulator


def test_current_user(local_lakebase: Emulator) -> None:
    assert control_plane.current_user() == "learner@example.com"
    assert control_plane.host() == f"http://127.0.0.1:{local_lakebase.control.port}"


def test_endpoint_is_described(local_lakebase: Emulator) -> None:
    found = control_plane.endpoint(ENDPOINT)
    assert (found.name, found.host, found.read_write, found.disabled) == (ENDPOINT, "127.0.0.1", True, False)
    assert (found.project, found.branch, found.uid[:3]) == (PROJECT, "production", "ep-")
    assert found.state in ("ACTIVE", "IDLE")
    assert found.suspend_after_seconds == 300.0
    assert found.min_cu and found.max_cu and found.min_cu <= found.max_cu


def test_read_write_endpoint_is_never_simply_the_first() -> None:
    from databricks.sdk.service.postgres import Endpoint

    replica, primary = (
        Endpoint.from_dict(
            {
                "name": f"{BRANCH}/endpoints/{name}",
                "status": {"endpoint_type": f"ENDPOINT_TYPE_{kind}", "hosts": {"host": f"ep-{name}.example.com"}},
            }
        )
        for name, kind in (("a-replica", "READ_ONLY"), ("primary", "READ_WRITE"))
    )
    chosen = control_plane.the_read_write([replica, primary])
    assert chosen is not None and (chosen.name, chosen.host) == (ENDPOINT, "ep-primary.example.com")
    assert control_plane.the_read_write([replica]) is None


def test_missing_endpoint(local_lakebase: Emulator) -> None:
    with pytest.raises(NotFound, match=r"none.*lakebase list"):
        control_plane.endpoint(f"{BRANCH}/endpoints/none")


def test_existing_project(local_lakebase: Emulator) -> None:
    with pytest.raises(AlreadyExists, match="training-app"):
        make_project(PROJECT)


def test_wrong_token_is_told(local_lakebase: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_TOKEN", "dapi-wrong")
    control_plane.forget_clients()
    with pytest.raises(IdentityRefused, match="DATABRICKS_TOKEN") as raised:
        control_plane.current_user()
    assert "dapi-wrong" not in str(raised.value)


def test_no_workspace_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for name in [name for name in os.environ if name.startswith("DATABRICKS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    control_plane.forget_clients()
    with pytest.raises(NotConfigured, match=r"DATABRICKS_HOST.*make run"):
        control_plane.current_user()


def test_deadline_is_kept_while_nothing_answers(local_lakebase: Emulator) -> None:
    with local_lakebase.control.silent():
        started = time.monotonic()
        with pytest.raises(ControlPlaneDown, match=r"does not answer.*no answer within 1\.5 s.*NO_PROXY"):
            control_plane.current_user(deadline=1.5)
        assert time.monotonic() - started < 15


def test_mistake_of_ours_is_not_dressed_up(local_lakebase: Emulator) -> None:
    with pytest.raises(AttributeError):
        control_plane.ask("do what no SDK does", lambda w: w.no_such_service)  # type: ignore[attr-defined]


def test_service_principal_without_rights_on_a_project(local_lakebase: Emulator, app_principal: dict[str, str]) -> None:
    app = Identity(app_principal["client_id"], Secret(app_principal["client_secret"]))
    with pytest.raises(LakebaseError, match=app_principal["client_id"]):
        control_plane.ask(
            "delete project training-app", lambda w: w.postgres.delete_project(f"projects/{PROJECT}"), app
        )


def test_a_login_that_the_workspace_ended_early_is_renewed(
    local_lakebase: Emulator, app_principal: dict[str, str]
) -> None:
    """The SDK goes by this machine's clock; the workspace's may be ahead."""
    identity = Identity(app_principal["client_id"], Secret(app_principal["client_secret"]))
    assert control_plane.current_user(identity) == app_principal["client_id"]
    local_lakebase.advance(2 * 3600)
    assert control_plane.current_user(identity) == app_principal["client_id"]
