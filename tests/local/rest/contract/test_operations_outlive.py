"""Every kind of operation stays readable after its resource is gone, and its project, and after a restart."""

import json
from typing import Any

from tests.emulator import Emulator
from tests.local.rest.contract.wire import ask
from tests.local.sdk import Sdk

ROLE = {"spec": {"postgres_role": "clerk", "auth_method": "NO_LOGIN"}}
STEPS: list[tuple[str, str, dict[str, Any] | None, str]] = [
    ("POST", "projects?project_id=short", {"spec": {"pg_version": 17}}, "Project"),
    ("PATCH", "projects/short?update_mask=spec.display_name", {"spec": {"display_name": "Short"}}, "Project"),
    ("POST", "{p}/branches?branch_id=dev", {"spec": {"no_expiry": True}}, "Branch"),
    ("PATCH", "{p}/branches/dev?update_mask=spec.is_protected", {"spec": {"is_protected": False}}, "Branch"),
    ("PATCH", "{e}?update_mask=spec.autoscaling_limit_min_cu%2Cspec.autoscaling_limit_max_cu",
     {"spec": {"endpoint_type": "ENDPOINT_TYPE_READ_WRITE", "autoscaling_limit_min_cu": 1,
               "autoscaling_limit_max_cu": 2}}, "Endpoint"),
    ("POST", "{b}/endpoints?endpoint_id=reader",
     {"spec": {"endpoint_type": "ENDPOINT_TYPE_READ_ONLY", "disabled": True}}, "Endpoint"),
    ("DELETE", "{b}/endpoints/reader", None, "Endpoint"),
    ("POST", "{b}/roles?role_id=clerk", ROLE, "Role"),
    ("PATCH", "{b}/roles/clerk?update_mask=spec.attributes.createdb", {"spec": {"attributes": {"createdb": True}}},
     "Role"),
    ("POST", "{b}/databases?database_id=ledger", {"spec": {"postgres_database": "ledger", "role": "{b}/roles/clerk"}},
     "Database"),
    ("POST", "{p}/snapshots?snapshot_id=kept", {"spec": {"source_branch": "{b}"}}, "Snapshot"),
    ("DELETE", "{p}/snapshots/kept", None, "Snapshot"),
    ("DELETE", "{b}/databases/ledger", None, "Database"),
    ("DELETE", "{b}/roles/clerk", None, "Role"),
    ("DELETE", "{p}/branches/dev", None, "Branch"),
    ("POST", "{p}/branches/dev/undelete", {}, "Branch"),
    ("DELETE", "{p}/branches/dev?purge=true", None, "Branch"),
    ("DELETE", "{p}", None, "Project"),
    ("POST", "{p}/undelete", {}, "Project"),
    ("DELETE", "{p}?purge=true", None, "Project"),
]  # fmt: skip


def placed(text: str) -> str:
    project, branch = "projects/short", "projects/short/branches/production"
    return text.replace("{p}", project).replace("{b}", branch).replace("{e}", f"{branch}/endpoints/primary")


def test_operations_are_readable_after_everything_is_gone(sdk: Sdk, api_emulator: Emulator) -> None:
    begun: list[tuple[str, str]] = []
    for verb, path, body, kind in STEPS:
        answer = ask(sdk, verb, placed(path), json.loads(placed(json.dumps(body))))
        assert answer.status_code == 200, answer.text
        name = answer.json()["name"]
        assert name.startswith("projects/short/operations/")
        begun.append((name, kind))
        while not sdk.postgres.get_operation(name).done:
            pass
    assert ask(sdk, "GET", "projects/short").status_code == 404
    assert len({name for name, _ in begun}) == len(STEPS)
    api_emulator.stop()
    api_emulator.start()
    for name, kind in begun:
        told = api_emulator.get(f"/api/2.0/postgres/{name}")
        assert told["done"] is True and "error" not in told and told["response"]
        assert told["metadata"] == {"@type": f"type.googleapis.com/databricks.postgres.v1.{kind}OperationMetadata"}
