"""Who may ask, as whom one logs in, and how long a credential lasts."""

import subprocess
import sys
import time
from typing import Any

import psycopg
import pytest
import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import InvalidParameterValue, NotFound, NotImplemented, PermissionDenied, Unauthenticated
from databricks.sdk.service.postgres import RequestedClaims, RequestedClaimsPermissionSet
from google.protobuf.timestamp_pb2 import Timestamp

from tests.emulator import CHECKOUT, Emulator, plain_environment
from tests.local.sdk import Sdk, seconds


@pytest.fixture
def primary(project: str) -> str:
    return f"{project}/branches/production/endpoints/primary"


def test_me(sdk: Sdk, api_emulator: Emulator) -> None:
    me = sdk.client.current_user.me()
    assert (me.user_name, me.display_name, me.active) == ("learner@example.com", "learner", True)
    assert me.emails is not None and me.emails[0].value == "learner@example.com"
    principal = api_emulator.service_principal("robot")
    them = Sdk(api_emulator, principal).client.current_user.me()
    assert (them.user_name, them.display_name, them.emails) == (principal["client_id"], "robot", [])


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer ", "Bearer wrong", "Basic abc", "Bearer a.b.c"])
@pytest.mark.parametrize("path", ["/api/2.0/postgres/projects", "/api/2.0/preview/scim/v2/Me", "/_local/info", "/else"])
def test_nothing_is_told_without_a_valid_token(api_emulator: Emulator, header: str | None, path: str) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = requests.get(f"http://127.0.0.1:{api_emulator.rest_port}{path}", headers=headers, timeout=60)
    assert answer.status_code == 401
    assert answer.json()["error_code"] == "UNAUTHENTICATED"


def test_sdk_raises_unauthenticated(api_emulator: Emulator) -> None:
    client = WorkspaceClient(host=f"http://127.0.0.1:{api_emulator.rest_port}", token="dapiwrong", auth_type="pat")
    with pytest.raises(Unauthenticated):
        client.current_user.me()


def test_wrong_client_secret(api_emulator: Emulator) -> None:
    principal = api_emulator.service_principal("robot") | {"client_secret": "wrong"}
    with pytest.raises(ValueError, match="invalid_client"):
        Sdk(api_emulator, principal)


def test_service_principal_may_read_and_connect_but_not_manage(
    sdk: Sdk, primary: str, project: str, api_emulator: Emulator
) -> None:
    app = Sdk(api_emulator, api_emulator.service_principal("app"))
    assert app.postgres.get_endpoint(primary).name == primary
    assert app.token(primary)
    with pytest.raises(PermissionDenied, match="CAN MANAGE"):
        app.make_branch(project, "mine")
    with pytest.raises(PermissionDenied, match="CAN MANAGE"):
        app.postgres.delete_project(project)
    with pytest.raises(PermissionDenied, match="control surface"):
        app.client.api_client.do("GET", "/_local/info")
    made = api_emulator.post("/_local/service-principals", {"display_name": "manager", "can_manage": True})
    manager = Sdk(api_emulator, {"client_id": made["client_id"], "client_secret": made["client_secret"]})
    manager.make_branch(project, "theirs")


def test_credential_lives_one_hour_by_default_and_five_minutes_at_least(sdk: Sdk, primary: str) -> None:
    mint = sdk.postgres.generate_database_credential
    now = now_of(sdk)
    credential = mint(endpoint=primary)
    assert credential.expire_time is not None
    assert credential.expire_time.seconds == pytest.approx(now + 3600, abs=10)
    short = mint(endpoint=primary, ttl=seconds(300))
    assert short.expire_time is not None and short.expire_time.seconds == pytest.approx(now + 300, abs=10)
    dated = mint(endpoint=primary, expire_time=Timestamp(seconds=int(now + 1000)))
    assert dated.expire_time is not None and dated.expire_time.seconds == pytest.approx(now + 1000, abs=10)
    for wrong in (299, 3601):
        with pytest.raises(InvalidParameterValue, match="between 300s and 3600s"):
            mint(endpoint=primary, ttl=seconds(wrong))
    with pytest.raises(InvalidParameterValue, match="seconds ahead"):
        mint(endpoint=primary, expire_time=Timestamp(seconds=int(now + 7200)))
    with pytest.raises(InvalidParameterValue, match="Only one of"):
        mint(endpoint=primary, ttl=seconds(300), expire_time=Timestamp(seconds=int(now + 1000)))
    with pytest.raises(InvalidParameterValue, match="'endpoint' is required"):
        mint(endpoint="")
    with pytest.raises(NotFound, match="endpoint not found"):
        mint(endpoint="projects/nowhere/branches/b/endpoints/primary")
    with pytest.raises(NotImplemented, match="claims"):
        mint(endpoint=primary, claims=[RequestedClaims(permission_set=RequestedClaimsPermissionSet.READ_ONLY)])


def test_token_expires_at_login_only_and_many_are_valid_at_once(sdk: Sdk, primary: str, api_emulator: Emulator) -> None:
    never_asleep(sdk, primary)
    first, second = sdk.token(primary), sdk.token(primary)
    assert first != second
    session = sdk.connect(primary, password=first)
    sdk.connect(primary, password=second).close()
    api_emulator.advance(3601)
    with pytest.raises(psycopg.OperationalError, match="expired"):
        sdk.connect(primary, password=first)
    assert session.execute("SELECT 1").fetchone() == (1,)
    session.close()
    sdk.connect(primary).close()


def test_tokens_and_secrets_stand_in_no_event(sdk: Sdk, primary: str, api_emulator: Emulator) -> None:
    token = sdk.token(primary)
    sdk.connect(primary, password=token).close()
    principal = api_emulator.service_principal("secretive")
    told = str(api_emulator.get("/_local/events?limit=1000"))
    log = (api_emulator.directory.parent / f"{api_emulator.directory.name}.log").read_text()
    for secret in (token, principal["client_secret"], api_emulator.environment()["DATABRICKS_TOKEN"]):
        assert secret not in told
        assert secret not in log


def test_sdk_needs_nothing_but_the_env_file(api_emulator: Emulator) -> None:
    program = "from databricks.sdk import WorkspaceClient; print(WorkspaceClient().current_user.me().user_name)"
    environment = plain_environment() | api_emulator.environment()
    printed = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert printed.stdout == "learner@example.com\n"


def now_of(sdk: Sdk) -> float:
    return time.time() + float(sdk.emulator.get("/_local/clock")["offset_seconds"])


def never_asleep(sdk: Sdk, endpoint: str) -> Any:
    return sdk.update_endpoint(endpoint, ["spec.suspension"], no_suspension=True)
