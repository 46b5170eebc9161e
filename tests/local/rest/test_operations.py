"""Long-running operations as the SDK polls them, and everything that is refused as not emulated."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from databricks.sdk.common.lro import LroOptions
from databricks.sdk.errors import NotFound, NotImplemented
from databricks.sdk.service.postgres import Branch, BranchSpec

from lakebase.local.operations import POLL_WAITS
from tests.emulator import Emulator
from tests.local.sdk import Sdk


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Sdk]:
    emulator = Emulator(tmp_path / "slow", "--operation-delay", "2")
    yield Sdk(emulator)
    emulator.destroy()


def test_first_poll_waits_until_it_is_done(sdk: Sdk, project: str) -> None:
    operation = sdk.postgres.create_branch(project, Branch(spec=BranchSpec(no_expiry=True)), "quick")
    assert operation.name().startswith(f"{project}/operations/")
    began = time.monotonic()
    polled = sdk.emulator.get(f"/api/2.0/postgres/{operation.name()}")
    assert "error" not in polled and (polled["done"] or time.monotonic() - began >= POLL_WAITS)
    assert polled["metadata"]["@type"].endswith("BranchOperationMetadata")
    assert operation.wait().name == f"{project}/branches/quick"
    assert operation.done() is True


def test_delay_is_seen_by_whoever_polls(slow: Sdk) -> None:
    began = time.monotonic()
    slow.make_project("lazy")
    assert time.monotonic() - began >= 2
    operation = slow.postgres.delete_project("projects/lazy")
    assert operation.done() is False
    with pytest.raises(TimeoutError):
        operation.wait(LroOptions(timeout=timedelta(seconds=0.1)))
    assert slow.emulator.get("/_local/info")["operation_delay_seconds"] == 2


def test_what_is_deleted_while_it_is_made_is_told_as_that(sdk: Sdk, project: str) -> None:
    for number in range(5):  # the copy takes longer than a request, as a rule
        name = f"{project}/branches/gone-{number}"
        operation = sdk.postgres.create_branch(project, Branch(spec=BranchSpec(no_expiry=True)), f"gone-{number}")
        sdk.postgres.delete_branch(name)
        while not (told := sdk.emulator.get(f"/api/2.0/postgres/{operation.name()}"))["done"]:
            continue
        if "error" in told:
            break
    message = f"The branch {name} was deleted while it was made."
    assert told["error"] == {"error_code": "ABORTED", "message": message}


def test_unknown_operation(sdk: Sdk, project: str) -> None:
    with pytest.raises(NotFound, match="operation not found"):
        sdk.postgres.get_operation(f"{project}/operations/nowhere")


def test_the_rest_of_the_api_answers_501_with_a_sentence(sdk: Sdk, project: str) -> None:
    for ask in (
        lambda: sdk.postgres.get_snapshot_schedule(f"{project}/branches/production/snapshot-schedule"),
        lambda: sdk.postgres.get_data_api(f"{project}/branches/production/data-api"),
        lambda: sdk.postgres.get_synced_table("synced_tables/x"),
        lambda: list(sdk.postgres.list_cdf_configs(f"{project}/branches/production")),
        lambda: list(sdk.client.clusters.list()),
    ):
        with pytest.raises(NotImplemented, match="Lakebase Local does not do this"):
            ask()


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"x"', b"\xff\xfe", b'{"spec": 1}', b'{"spec": {"nme": 1}}', b"[" * 100_000]
)
def test_broken_bodies_are_refused(sdk: Sdk, body: bytes) -> None:
    answer = post(sdk, "projects?project_id=broken", body)
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "INVALID_PARAMETER_VALUE"


def test_huge_body_is_refused(sdk: Sdk) -> None:
    assert post(sdk, "projects?project_id=huge", b" " * (2 << 20)).status_code == 413


def post(sdk: Sdk, path: str, body: bytes) -> requests.Response:
    headers = {"Authorization": f"Bearer {sdk.client.config.token}"}
    url = f"http://127.0.0.1:{sdk.emulator.rest_port}/api/2.0/postgres/{path}"
    return requests.post(url, body, headers=headers, timeout=30)
