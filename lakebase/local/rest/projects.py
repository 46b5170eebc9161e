"""Projects: the top of the hierarchy, each born with the branch `production` and its endpoint `primary`."""

import secrets
import time
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lakebase.local.encoding import duration, timestamp
from lakebase.local.records import SOFT_DELETE_WINDOW, Branch, Project
from lakebase.local.refusal import already_exists, bad_request, invalid, not_emulated, not_found
from lakebase.local.rest import databases, endpoints, roles
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

VERSIONS = (16, 17, 18)
SHORTEST_HISTORY, LONGEST_HISTORY = 172_800, 3_024_000
LARGEST_BRANCH = 8 << 40
NAMES = (
    "display_name", "default_endpoint_settings", "history_retention_duration", "custom_tags", "budget_policy_id",
    "default_branch", "enable_pg_native_login",
)  # fmt: skip
MASKS = tuple(f"spec.{name}" for name in NAMES)


def render(ws: "Workspace", project: Project) -> dict[str, Any]:
    """A read carries `status` and no `spec`."""
    branches = ws.store.all(Branch, project.name)
    active = [compute.last_activity for name, compute in ws.computes.items() if name.startswith(f"{project.name}/")]
    body: dict[str, Any] = {
        "name": project.name,
        "project_id": project.id,
        "uid": project.uid,
        "create_time": timestamp(project.create_time),
        "update_time": timestamp(project.update_time),
        "status": {
            "project_id": project.id,
            "display_name": project.display_name,
            "pg_version": project.pg_version,
            "owner": project.owner,
            "default_branch": project.default_branch,
            "history_retention_duration": duration(project.history_retention),
            "enable_pg_native_login": False,
            "branch_logical_size_limit_bytes": LARGEST_BRANCH,
            "synthetic_storage_size_bytes": sum(branch.logical_size for branch in branches),
            "default_endpoint_settings": render_settings(project.default_endpoint),
            "custom_tags": project.custom_tags,
            "budget_policy_id": project.budget_policy_id,
        },
    }
    if active:
        body["status"]["compute_last_active_time"] = timestamp(max(active))
    if project.delete_time is not None:
        body["delete_time"] = timestamp(project.delete_time)
        body["purge_time"] = timestamp(project.delete_time + SOFT_DELETE_WINDOW)
    return body


async def create(ws: "Workspace", call: Call) -> dict[str, Any]:
    call.require_manager()
    identifier = read_identifier(call.query.get("project_id"), "project_id")
    name, spec, now = f"projects/{identifier}", call.spec, time.time()
    if ws.store.get(Project, name) is not None:
        raise already_exists("project with such id already exists in the workspace")
    spec.only(*NAMES, "pg_version")
    project = Project(
        name, str(uuid.uuid4()), now, now, display_name=identifier, pg_version=_version(spec), owner=ws.user,
        default_branch=f"{name}/branches/production",
    )  # fmt: skip
    if spec.text("default_branch", project.default_branch) != project.default_branch:
        raise invalid("Field 'spec.default_branch' can be set once the branch exists: use update_project.")
    _apply(ws, project, spec, [name for name in NAMES if spec.has(name) and name != "default_branch"])
    first = Fields.of(call.body.get("initial_branch_spec"), "initial_branch_spec")
    first.only("is_protected")
    branch = Branch(
        project.default_branch, f"br-{secrets.token_hex(6)}", now, now, is_protected=first.flag("is_protected")
    )
    initial = Fields.of(call.body.get("initial_endpoint_spec"), "initial_endpoint_spec")
    initial.only(MIN, MAX, NO_SUSPEND, SUSPEND, "group")
    refuse_what_is_not_emulated(initial)
    endpoint = endpoints.new_primary(
        branch, read_suspension(initial, read_limits(initial, replace(project.default_endpoint)))
    )
    with ws.store.together():
        for record in (project, branch, endpoint, roles.of_owner(branch, ws.user), databases.default(branch, ws.user)):
            ws.store.put(record)
        ws.add_compute(endpoint)
        return ws.operations.begin(name, "Project", {"do": "make project", "target": name})


async def get(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    return render(ws, ws.project(name))


async def list_all(ws: "Workspace", call: Call) -> dict[str, Any]:
    deleted_too = read_flag(call.query.get("show_deleted"), "show_deleted")
    shown = [project for project in ws.store.all(Project) if deleted_too or project.delete_time is None]
    return page(call, "projects", [render(ws, project) for project in shown])


async def update(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    call.require_manager()
    project, spec = ws.project(name), call.spec
    spec.only(*NAMES)
    paths = read_mask(call.query.get("update_mask"), MASKS, spec)
    changed = replace(project)
    _apply(ws, changed, spec, [path.removeprefix("spec.") for path in paths])
    changed.update_time = time.time()
    ws.store.put(changed)
    return ws.operations.done(name, "Project", render(ws, changed))


async def delete(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    call.require_manager()
    purge = read_flag(call.query.get("purge"), "purge")
    project = (ws.store.get(Project, name) if purge else None) or ws.project(name)
    protected = [branch.name for branch in ws.store.all(Branch, name) if branch.is_protected]
    if protected:
        raise bad_request(f"cannot delete project '{name}' while branch '{protected[0]}' is protected")
    if purge:
        await ws.purge(name)
    else:
        project.delete_time = ws.clock.now()
        ws.store.put(project)
        await ws.shut(name, "deleted")
        ws.events.record("project-deleted", project=name)
    return ws.operations.done(name, "Project")


async def undelete(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    call.require_manager()
    project = ws.store.get(Project, name)
    if project is None:
        raise not_found(f'project id not found; name:"{name}". A deleted project can be had back for 7 days.')
    if project.delete_time is None:
        raise bad_request(f"project '{name}' is not deleted")
    project.delete_time = None
    ws.store.put(project)
    for branch in ws.store.all(Branch, name):
        if branch.delete_time is None:
            ws.reopen(branch.name)
    ws.events.record("project-undeleted", project=name)
    return ws.operations.done(name, "Project", render(ws, project))


def _apply(ws: "Workspace", project: Project, spec: Fields, names: list[str]) -> None:
    if "display_name" in names:
        project.display_name = spec.text("display_name", longest=256)
        if not project.display_name:
            raise invalid("Field 'spec.display_name' must have 1 to 256 characters.")
    if "history_retention_duration" in names:
        project.history_retention = spec.seconds("history_retention_duration", SHORTEST_HISTORY, LONGEST_HISTORY)
    if "custom_tags" in names:
        project.custom_tags = [_tag(tag, number) for number, tag in enumerate(spec.list("custom_tags"))]
    if "budget_policy_id" in names:
        project.budget_policy_id = spec.text("budget_policy_id")
    if "enable_pg_native_login" in names and spec.flag("enable_pg_native_login"):
        raise not_emulated("native Postgres passwords. Log in with a token of generate_database_credential.")
    if "default_endpoint_settings" in names:
        settings = spec.object("default_endpoint_settings")
        settings.only(MIN, MAX, NO_SUSPEND, SUSPEND, "pg_settings")
        refuse_what_is_not_emulated(settings)
        project.default_endpoint = read_suspension(settings, read_limits(settings, project.default_endpoint))
    if "default_branch" in names:
        project.default_branch = _new_default(ws, project, spec.text("default_branch"))


def _new_default(ws: "Workspace", project: Project, name: str) -> str:
    branch = ws.store.get(Branch, name)
    if branch is None or branch.parent != project.name or branch.delete_time is not None:
        raise not_found(f'branch not found; default_branch:"{name:.200}". It must be a branch of {project.name}.')
    if branch.expire_time is not None:
        raise bad_request(
            f"branch '{name}' expires, so it cannot be the default; set its expiration to no_expiry first"
        )
    return name


def _version(spec: Fields) -> int:
    version = spec.number("pg_version", 17)
    if version not in VERSIONS:
        raise invalid(f"Field 'spec.pg_version' must be one of {', '.join(map(str, VERSIONS))}, got {version:g}.")
    return int(version)


def _tag(value: object, number: int) -> dict[str, Any]:
    tag = Fields.of(value, f"spec.custom_tags[{number}]")
    tag.only("key", "value")
    return {"key": tag.text("key", longest=128), "value": tag.text("value", longest=256)}
