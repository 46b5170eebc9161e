"""Endpoints: each branch has exactly one for reading and writing, named `primary`."""

import secrets
import time
from typing import TYPE_CHECKING, Any

from lakebase.local.encoding import timestamp
from lakebase.local.records import Branch, ComputeSettings, Endpoint
from lakebase.local.refusal import already_exists, bad_request, invalid, managed_by_parent, not_emulated, not_found
from lakebase.local.rest.call import Call, page
from lakebase.local.rest.compute_settings import (
    MAX,
    MIN,
    NO_SUSPEND,
    SUSPEND,
    read_limits,
    read_suspension,
    refuse_what_is_not_emulated,
    render_settings,
)
from lakebase.local.rest.fields import Fields, read_flag, read_identifier, read_mask

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace

READ_WRITE, READ_ONLY = "ENDPOINT_TYPE_READ_WRITE", "ENDPOINT_TYPE_READ_ONLY"
MASKS = (f"spec.{MIN}", f"spec.{MAX}", "spec.suspension", "spec.disabled", "spec.group", "spec.settings")
HINTS = {f"spec.{SUSPEND}": "spec.suspension", f"spec.{NO_SUSPEND}": "spec.suspension"}


def new_primary(branch: Branch, compute: ComputeSettings) -> Endpoint:
    now = time.time()
    return Endpoint(f"{branch.name}/endpoints/primary", f"ep-{secrets.token_hex(6)}", now, now, compute)


def find(ws: "Workspace", name: str) -> Endpoint:
    """Raises Refusal 404."""
    endpoint = ws.store.get(Endpoint, name)
    if endpoint is None or not ws.alive(name):
        raise not_found(f'endpoint not found; name:"{name}"')
    return endpoint


def render(ws: "Workspace", endpoint: Endpoint) -> dict[str, Any]:
    """A read carries `status` and no `spec`."""
    compute = ws.computes[endpoint.name]
    return {
        "name": endpoint.name,
        "endpoint_id": endpoint.id,
        "parent": endpoint.parent,
        "uid": endpoint.uid,
        "create_time": timestamp(endpoint.create_time),
        "update_time": timestamp(endpoint.update_time),
        "status": {
            "endpoint_id": endpoint.id,
            "endpoint_type": READ_WRITE,
            "current_state": _state(ws, endpoint),
            "disabled": endpoint.disabled,
            "settings": {},
            "hosts": {"host": ws.host},
            "group": {"min": 1, "max": 1, "enable_readable_secondaries": False},
            "last_active_time": timestamp(max(compute.last_activity, endpoint.last_active_time)),
            **render_settings(endpoint.compute),
        },
    }


async def create(ws: "Workspace", call: Call, branch_name: str) -> dict[str, Any]:
    call.require_manager()
    branch = ws.branch(branch_name)
    identifier = read_identifier(call.query.get("endpoint_id"), "endpoint_id")
    spec = call.spec
    kind = _read_type(spec)
    existing = ws.store.get(Endpoint, f"{branch.name}/endpoints/{identifier}")
    if existing is not None:
        if not read_flag(call.query.get("replace_existing"), "replace_existing"):
            raise already_exists("endpoint with such id already exists")
        await _change(ws, existing, spec, [f"spec.{MIN}", f"spec.{MAX}", "spec.disabled", *_suspension_if_given(spec)])
        return ws.operations.done(_project(branch), "Endpoint", render(ws, existing))
    if kind == READ_ONLY:
        raise not_emulated("read-only endpoints.")
    raise bad_request(
        f"read_write endpoint already exists; a branch has exactly one: '{branch.name}/endpoints/primary'."
    )


async def get(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    return render(ws, find(ws, name))


async def list_all(ws: "Workspace", call: Call, branch_name: str) -> dict[str, Any]:
    branch = ws.branch(branch_name)
    return page(call, "endpoints", [render(ws, endpoint) for endpoint in ws.store.all(Endpoint, branch.name)])


async def update(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    call.require_manager()
    endpoint = find(ws, name)
    spec = call.spec
    if spec.has("endpoint_type") and _read_type(spec) != READ_WRITE:
        raise invalid("Field 'spec.endpoint_type' cannot be changed.")
    star = call.query.get("update_mask") == "*"
    paths = read_mask(call.query.get("update_mask"), MASKS, spec, HINTS)
    if star:
        paths = [path for path in paths if path != "spec.suspension"] + _suspension_if_given(spec)
    await _change(ws, endpoint, spec, paths)
    return ws.operations.done("/".join(name.split("/")[:2]), "Endpoint", render(ws, endpoint))


async def delete(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    call.require_manager()
    find(ws, name)
    raise managed_by_parent(f"Cannot delete read-write endpoint '{name}'. Read-write endpoints cannot be deleted.")


async def _change(ws: "Workspace", endpoint: Endpoint, spec: Fields, paths: list[str]) -> None:
    spec.only("endpoint_type", MIN, MAX, SUSPEND, NO_SUSPEND, "disabled", "group", "settings")
    refuse_what_is_not_emulated(spec)
    changed = Fields({name: spec.values.get(name) for name in (MIN, MAX) if f"spec.{name}" in paths}, "spec")
    compute = read_limits(changed, endpoint.compute)
    if "spec.suspension" in paths:
        compute = read_suspension(spec, compute, required=True)
    endpoint.disabled = spec.flag("disabled", endpoint.disabled) if "spec.disabled" in paths else endpoint.disabled
    endpoint.compute = compute
    endpoint.update_time = time.time()
    ws.store.put(endpoint)
    ws.events.record("endpoint-updated", endpoint=endpoint.name, paths=paths)
    if endpoint.disabled:
        await ws.computes[endpoint.name].stop("disabled")
    else:
        await ws.computes[endpoint.name].apply_limits()


def _read_type(spec: Fields) -> str:
    kind = spec.choice("endpoint_type", (READ_WRITE, READ_ONLY))
    if not kind:
        raise invalid("Field 'spec.endpoint_type' is required, expected non-default value (not \"\")!")
    return kind


def _suspension_if_given(spec: Fields) -> list[str]:
    return ["spec.suspension"] if spec.has(SUSPEND) or spec.has(NO_SUSPEND) else []


def _state(ws: "Workspace", endpoint: Endpoint) -> str:
    branch = ws.store.get(Branch, endpoint.parent)
    if branch is not None and branch.state == "INIT":
        return "INIT"
    return "ACTIVE" if ws.computes[endpoint.name].running else "IDLE"


def _project(branch: Branch) -> str:
    return branch.parent
