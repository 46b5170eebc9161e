"""Endpoints: each branch has exactly one for reading and writing, named `primary`, and may have read-only ones."""

import secrets
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lakebase.local.encoding import timestamp
from lakebase.local.records import Branch, ComputeSettings, Endpoint, Project
from lakebase.local.refusal import already_exists, bad_request, invalid, managed_by_parent, not_found
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
MOST_READ_ONLY = 6  # of a branch: learn.microsoft.com/azure/databricks/oltp/projects/manage-read-replicas
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
            "endpoint_type": _type(endpoint),
            "current_state": _state(ws, endpoint),
            "disabled": endpoint.disabled,
            "settings": {},
            "hosts": _hosts(ws, endpoint),
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
        if kind != _type(existing):
            raise already_exists(f"endpoint with such id already exists, and it is of type {_type(existing)}")
        if not read_flag(call.query.get("replace_existing"), "replace_existing"):
            raise already_exists("endpoint with such id already exists")
        await _change(ws, existing, spec, [f"spec.{MIN}", f"spec.{MAX}", "spec.disabled", *_suspension_if_given(spec)])
        return ws.operations.done(_project(branch), "Endpoint", render(ws, existing))
    if kind == READ_ONLY:
        return _create_read_only(ws, branch, f"{branch.name}/endpoints/{identifier}", spec)
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
    if spec.has("endpoint_type") and _read_type(spec) != _type(endpoint):
        raise invalid("Field 'spec.endpoint_type' cannot be changed.")
    star = call.query.get("update_mask") == "*"
    paths = read_mask(call.query.get("update_mask"), MASKS, spec, HINTS)
    if star:
        paths = [path for path in paths if path != "spec.suspension"] + _suspension_if_given(spec)
    await _change(ws, endpoint, spec, paths)
    return ws.operations.done("/".join(name.split("/")[:2]), "Endpoint", render(ws, endpoint))


async def delete(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    call.require_manager()
    if find(ws, name).read_only:
        await ws.remove_endpoint(name)
        return ws.operations.done("/".join(name.split("/")[:2]), "Endpoint")
    raise managed_by_parent(f"Cannot delete read-write endpoint '{name}'. Read-write endpoints cannot be deleted.")


def _create_read_only(ws: "Workspace", branch: Branch, name: str, spec: Fields) -> dict[str, Any]:
    _check(spec)
    if len(ws.store.all(Endpoint, branch.name)) > MOST_READ_ONLY:
        raise bad_request(f"branch '{branch.name}' has {MOST_READ_ONLY} read-only endpoints, which is the most.")
    project = ws.store.get(Project, branch.parent)
    assert project is not None
    compute = read_suspension(spec, read_limits(spec, replace(project.default_endpoint)))
    now = time.time()
    endpoint = Endpoint(
        name, f"ep-{secrets.token_hex(6)}", now, now, compute, disabled=spec.flag("disabled"), read_only=True
    )
    with ws.store.together():
        ws.store.put(endpoint)
        ws.add_compute(endpoint)
        return ws.operations.begin(project.name, "Endpoint", {"do": "make standby", "target": name})


async def _change(ws: "Workspace", endpoint: Endpoint, spec: Fields, paths: list[str]) -> None:
    _check(spec)
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


def _check(spec: Fields) -> None:
    spec.only("endpoint_type", MIN, MAX, SUSPEND, NO_SUSPEND, "disabled", "group", "settings")
    refuse_what_is_not_emulated(spec)


def _type(endpoint: Endpoint) -> str:
    return READ_ONLY if endpoint.read_only else READ_WRITE


def _hosts(ws: "Workspace", endpoint: Endpoint) -> dict[str, Any]:
    """The SDK's EndpointHosts: a read-only host is always that of a read-only endpoint, and of a read-write one only
    where it has readable secondaries."""
    return {"host": ws.host, "read_only_host": ws.host} if endpoint.read_only else {"host": ws.host}


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
    compute = ws.computes[endpoint.name]
    if endpoint.read_only and not endpoint.disabled and not compute.cluster.data.exists():
        return "INIT"
    return "ACTIVE" if compute.running else "IDLE"


def _project(branch: Branch) -> str:
    return branch.parent
