"""What the emulator writes is what the SDK's dataclasses hold, and it knows every field that they can send."""

import dataclasses
import typing
from typing import Any

import pytest
from databricks.sdk.service import postgres
from databricks.sdk.service.postgres import (
    BranchSpec,
    DatabaseDatabaseSpec,
    EndpointSpec,
    InitialBranchSpec,
    InitialEndpointSpec,
    ProjectDefaultEndpointSettings,
    ProjectSpec,
    RoleAttributes,
    RoleRoleSpec,
    SnapshotSpec,
)

from tests.local.rest.contract.conftest import Standing
from tests.local.rest.contract.filled import DATACLASSES, filled
from tests.local.rest.contract.wire import ask, read
from tests.local.sdk import Sdk

READS: list[tuple[str, type]] = [
    ("{s.project}", postgres.Project),
    ("{s.root}", postgres.Branch),
    ("{s.guarded}", postgres.Branch),
    ("{s.root}/endpoints/primary", postgres.Endpoint),
    ("{s.reader}", postgres.Endpoint),
    ("{s.role}", postgres.Role),
    ("{s.database}", postgres.Database),
    ("{s.snapshot}", postgres.Snapshot),
    ("projects", postgres.ListProjectsResponse),
    ("projects?page_size=1", postgres.ListProjectsResponse),
    ("{s.project}/branches", postgres.ListBranchesResponse),
    ("{s.project}/branches?show_deleted=true", postgres.ListBranchesResponse),
    ("{s.project}/branches?page_size=1", postgres.ListBranchesResponse),
    ("{s.root}/endpoints", postgres.ListEndpointsResponse),
    ("{s.root}/roles", postgres.ListRolesResponse),
    ("{s.root}/databases", postgres.ListDatabasesResponse),
    ("{s.project}/snapshots", postgres.ListSnapshotsResponse),
]


def round_trip(kind: Any, body: dict[str, Any]) -> dict[str, Any]:
    """The body as the SDK's class holds it: without what the class does not know, or knows by another type."""
    kept: dict[str, Any] = kind.from_dict(body).as_dict()
    return kept


@pytest.mark.parametrize("kind", DATACLASSES, ids=lambda kind: kind.__name__)
def test_class_comes_back_from_its_json_whole(kind: Any) -> None:
    whole = filled(kind)
    body = whole.as_dict()
    assert len(body) == len(dataclasses.fields(kind))
    assert kind.from_dict(body) == whole
    assert round_trip(kind, body) == body


@pytest.mark.parametrize(("path", "kind"), READS, ids=[path for path, _ in READS])
def test_everything_that_is_answered_is_known_to_the_sdk(sdk: Sdk, standing: Standing, path: str, kind: type) -> None:
    body = read(sdk, path.format(s=standing))
    assert body and plain(round_trip(kind, body)) == plain(body)


def test_credential_and_operation_are_known_to_the_sdk(sdk: Sdk, standing: Standing) -> None:
    credential = ask(sdk, "POST", "credentials", {"endpoint": f"{standing.root}/endpoints/primary"}).json()
    assert set(credential) == {"token", "expire_time"}
    assert plain(round_trip(postgres.DatabaseCredential, credential)) == plain(credential)
    operation = ask(
        sdk, "PATCH", f"{standing.project}?update_mask=spec.display_name", {"spec": {"display_name": "New"}}
    )
    assert round_trip(postgres.Operation, operation.json()) == operation.json()


CLERK = {"postgres_role": "clerk", "auth_method": "NO_LOGIN"}  # there is one
TOO_FEW = {"autoscaling_limit_min_cu": 0}
# Requests that name each field and are refused for another reason, so that nothing is made.
SENT: list[tuple[str, str, type, tuple[str, ...], dict[str, Any]]] = [
    ("POST", "projects?project_id=never", ProjectSpec, (), {"pg_version": 99}),
    ("POST", "{s.project}/branches?branch_id=never", BranchSpec, (), {"source_branch": "projects/x/branches/nowhere"}),
    ("POST", "{s.project}/snapshots?snapshot_id=never", SnapshotSpec, (), {"source_branch": "projects/x/branches/no"}),
    ("PATCH", "{s.root}/endpoints/primary?update_mask=spec.autoscaling_limit_min_cu", EndpointSpec, (), TOO_FEW),
    ("POST", "{s.root}/roles?role_id=never", RoleRoleSpec, (), CLERK),
    ("POST", "{s.root}/roles?role_id=never", RoleAttributes, ("attributes",), CLERK),
    ("POST", "{s.root}/databases?database_id=never", DatabaseDatabaseSpec, (), {"role": "nobody"}),
    ("PATCH", "{s.project}?update_mask=spec.default_endpoint_settings%2Cspec.default_branch",
     ProjectDefaultEndpointSettings, ("default_endpoint_settings",), {"default_branch": "nowhere"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("verb", "path", "kind", "within", "stops", "field"),
    [(*row, field.name) for row in SENT for field in dataclasses.fields(typing.cast(Any, row[2]))],
)
def test_every_field_that_can_be_sent_is_known(
    sdk: Sdk, standing: Standing, verb: str, path: str, kind: type, within: tuple[str, ...],
    stops: dict[str, Any], field: str,
) -> None:  # fmt: skip
    value = filled(kind).as_dict()[field]
    refused = send(sdk, standing, verb, path, within, stops, {field: value})
    assert "is unknown" not in refused
    assert "is unknown" in send(sdk, standing, verb, path, within, stops, {f"{field}x": value})


def send(
    sdk: Sdk, standing: Standing, verb: str, path: str, within: tuple[str, ...],
    stops: dict[str, Any], sent: dict[str, Any],
) -> str:  # fmt: skip
    """Why it was refused."""
    for name in within:
        sent = {name: sent}
    answer = ask(sdk, verb, path.format(s=standing), {"spec": sent | stops})
    assert answer.status_code in (400, 404, 501), answer.text
    return str(answer.json()["message"])


@pytest.mark.parametrize(
    ("key", "kind"), [("initial_branch_spec", InitialBranchSpec), ("initial_endpoint_spec", InitialEndpointSpec)]
)
def test_every_field_beside_a_projects_spec_is_known(sdk: Sdk, key: str, kind: type) -> None:
    body = {"initial_branch_spec": {}, "initial_endpoint_spec": {}, key: filled(kind).as_dict()}
    body["initial_endpoint_spec"] |= {"group": {"min": 2, "max": 2}}
    answer = ask(sdk, "POST", "projects?project_id=never", body)
    assert (answer.status_code, "high availability" in answer.json()["message"]) == (501, True)
    body[key]["never"] = 1
    answer = ask(sdk, "POST", "projects?project_id=never", body)
    assert (answer.status_code, "is unknown" in answer.json()["message"]) == (400, True)


def plain(body: Any) -> Any:
    """The same with times and spans as numbers and empty lists left out, which the SDK writes in its own way."""
    if isinstance(body, dict):
        return {name: plain(value) for name, value in body.items() if value != [] and value != {}}
    if isinstance(body, list):
        return [plain(value) for value in body]
    if isinstance(body, str) and body.endswith("Z") and body[:4].isdecimal():
        return body.removesuffix("Z").rstrip("0").rstrip(".")
    return body
