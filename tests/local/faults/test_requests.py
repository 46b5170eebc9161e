"""429 and 503 with Retry-After, which the SDK's own retry gets over; and answers that are lost after the work."""

import time

import pytest
import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config
from databricks.sdk.errors import AlreadyExists
from databricks.sdk.service.postgres import Branch, BranchSpec

from tests.local.faults.conftest import PRIMARY, Faults
from tests.local.sdk import Sdk

PROJECT = "projects/shop"


@pytest.mark.parametrize("status", [429, 503])
def test_the_sdk_asks_again_until_it_is_answered(sdk: Sdk, faults: Faults, status: int) -> None:
    before = sdk.emulator.last_event()
    faults.set("refuse-requests", status=status, retry_after=0, times=2)
    assert sdk.postgres.get_project(PROJECT).name == PROJECT
    (over,) = sdk.emulator.events("fault-cleared", before)
    assert (over["fault"]["refused"], over["reason"]) == (2, "it was set for so many times")
    assert faults.all() == []


@pytest.mark.parametrize("status", [429, 503])
def test_the_sdk_waits_as_long_as_it_is_told(sdk: Sdk, faults: Faults, status: int) -> None:
    faults.set("refuse-requests", status=status, retry_after=1, times=1)
    began = time.monotonic()
    sdk.client.current_user.me()
    assert time.monotonic() - began >= 1


def test_a_create_refused_before_the_work_is_sent_again_and_done_once(sdk: Sdk, faults: Faults) -> None:
    faults.set("refuse-requests", verb="POST", path="postgres/projects/shop/branches", retry_after=0, times=1)
    assert sdk.make_branch(PROJECT, "again").name == f"{PROJECT}/branches/again"
    sdk.postgres.delete_branch(f"{PROJECT}/branches/again", purge=True).wait()


def test_a_create_whose_answer_was_lost_meets_itself(sdk: Sdk, faults: Faults) -> None:
    """The SDK sends it twice; what the first one made is whole."""
    faults.set("refuse-requests", verb="POST", path="postgres/*/branches", retry_after=0, times=1, when="after")
    wanted = Branch(spec=BranchSpec(no_expiry=True))
    with pytest.raises(AlreadyExists, match="branch with such id already exists"):
        sdk.postgres.create_branch(parent=PROJECT, branch=wanted, branch_id="lost")
    with sdk.connect(f"{PROJECT}/branches/lost/endpoints/primary") as session:
        assert session.execute("SELECT 1").fetchone() == (1,)
    sdk.postgres.delete_branch(f"{PROJECT}/branches/lost", purge=True).wait()


def test_a_credential_whose_answer_was_lost_is_minted_anew(sdk: Sdk, faults: Faults) -> None:
    before = sdk.emulator.last_event()
    faults.set("refuse-requests", path="postgres/credentials", retry_after=0, times=1, when="after")
    sdk.connect(PRIMARY, password=sdk.token(PRIMARY)).close()
    assert len(sdk.emulator.events("mint", before)) == 2


@pytest.mark.parametrize("path", ["/api/2.0/preview/scim/v2/Me", "/api/2.0/*", "preview/*", "*Me", ""])
def test_a_path_may_be_given_as_it_stands_in_the_request(sdk: Sdk, faults: Faults, path: str) -> None:
    faults.set("refuse-requests", path=path, retry_after=0, times=1)
    sdk.client.current_user.me()
    assert faults.all() == []


def test_until_it_is_cleared(sdk: Sdk, faults: Faults) -> None:
    """An SDK that is told to give up soon does, and other verbs and paths are answered."""
    faults.set("refuse-requests", verb="GET", path="postgres/*", retry_after=0)
    host, token = f"http://127.0.0.1:{sdk.emulator.rest_port}", sdk.emulator.environment()["DATABRICKS_TOKEN"]
    impatient = WorkspaceClient(config=Config(host=host, token=token, auth_type="pat", retry_timeout_seconds=1))
    with pytest.raises(TimeoutError, match="Timed out"):
        impatient.postgres.get_project(PROJECT)
    assert sdk.token(PRIMARY)
    assert sdk.client.current_user.me().user_name == sdk.user
    faults.clear()
    assert impatient.postgres.get_project(PROJECT).name == PROJECT


def test_what_goes_over_the_wire(sdk: Sdk, faults: Faults) -> None:
    faults.set("refuse-requests", status=429, retry_after=7)
    headers = {"Authorization": f"Bearer {sdk.emulator.environment()['DATABRICKS_TOKEN']}"}
    url = f"http://127.0.0.1:{sdk.emulator.rest_port}/api/2.0/postgres/{PROJECT}"
    answer = requests.get(url, headers=headers, timeout=60)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json()["error_code"] == "RESOURCE_EXHAUSTED"
    assert "Retry-After" not in requests.get(url, timeout=60).headers  # 401 comes first
