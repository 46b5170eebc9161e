"""Refusals of the service as databricks/cli recorded them: status, error code, words and details, to the letter.

Sources: libs/testserver/postgres.go and acceptance/**/output.txt. The trace number behind some words is the service's.
"""

from typing import Any

import pytest
from databricks.sdk.errors import AlreadyExists, BadRequest, DatabricksError, InvalidParameterValue, NotFound
from databricks.sdk.errors.parser import _Parser

from tests.local.rest.contract.conftest import Standing
from tests.local.rest.contract.wire import ask
from tests.local.sdk import Sdk

MANAGED_BY_PARENT = [
    {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RESOURCE_CONFLICT",
        "metadata": {"declarative_context": "MANAGED_BY_PARENT"},
    }
]
CLERK = {"spec": {"postgres_role": "clerk", "auth_method": "NO_LOGIN"}}
LEDGER = {"spec": {"postgres_database": "ledger", "role": "{s.role}"}}
LASTS = {"spec": {"no_expiry": True}}
WRITES = {"spec": {"endpoint_type": "ENDPOINT_TYPE_READ_WRITE"}}
EXISTS, BAD, INVALID = (409, "ALREADY_EXISTS"), (400, "BAD_REQUEST"), (400, "INVALID_PARAMETER_VALUE")
MISSING = (404, "NOT_FOUND")

RECORDED: list[tuple[str, str, dict[str, Any] | None, tuple[int, str], type[DatabricksError], str]] = [
    ("POST", "projects?project_id=standing", {}, EXISTS, AlreadyExists,
     "project with such id already exists in the workspace"),
    ("POST", "{s.project}/branches?branch_id=guarded", LASTS, EXISTS, AlreadyExists,
     "branch with such id already exists"),
    ("POST", "{s.root}/endpoints?endpoint_id=primary", WRITES, EXISTS, AlreadyExists,
     "endpoint with such id already exists"),
    ("POST", "{s.root}/roles?role_id=clerk", CLERK, BAD, BadRequest, "role with that name already exists"),
    ("POST", "{s.root}/databases?database_id=ledger", LEDGER, BAD, BadRequest,
     "database with that name already exists"),
    ("POST", "{s.project}/branches", LASTS, INVALID, InvalidParameterValue,
     "Field 'branch_id' is required, expected non-default value (not \"\")!"),
    ("POST", "{s.root}/databases?database_id=Invalid_DB_ID", LEDGER, INVALID, InvalidParameterValue,
     "Field database_id must match pattern ^[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?$, got 'Invalid_DB_ID'."),
    ("DELETE", "{s.guarded}", None, BAD, BadRequest, "cannot delete protected branch"),
    ("DELETE", "{s.root}", None, BAD, BadRequest,
     "Cannot delete root branch '{s.root}'. Root branches cannot be deleted independently."),
    ("DELETE", "{s.root}/endpoints/primary", None, BAD, BadRequest,
     "Cannot delete read-write endpoint '{s.root}/endpoints/primary'. Read-write endpoints cannot be deleted."),
    ("GET", "projects/nowhere", None, MISSING, NotFound, "project id not found"),
    ("GET", "{s.root}/roles/does-not-exist", None, MISSING, NotFound, 'role not found; role_id:"does-not-exist"'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("verb", "path", "body", "refused", "kind", "words"), RECORDED, ids=[f"{row[0]} {row[1]}" for row in RECORDED]
)
def test_refusal_is_the_services(
    sdk: Sdk, standing: Standing, verb: str, path: str, body: dict[str, Any] | None,
    refused: tuple[int, str], kind: type[DatabricksError], words: str,
) -> None:  # fmt: skip
    if body is LEDGER:
        body = {"spec": {**LEDGER["spec"], "role": standing.role}}
    answer = ask(sdk, verb, path.format(s=standing), body)
    expected: dict[str, Any] = {"error_code": refused[1], "message": words.format(s=standing)}
    if words.startswith("Cannot delete"):
        expected["details"] = MANAGED_BY_PARENT
    assert (answer.status_code, answer.json()) == (refused[0], expected)
    raised = _Parser().get_api_error(answer)
    assert type(raised) is kind and str(raised) == expected["message"]
