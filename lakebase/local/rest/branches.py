"""Branches: copies of another branch's data, with rules about who may go before whom."""

import secrets
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lakebase.local.encoding import timestamp
from lakebase.local.records import SOFT_DELETE_WINDOW, Branch, Database, Project, Role, Snapshot
from lakebase.local.refusal import already_exists, bad_request, invalid, managed_by_parent, not_found
from lakebase.local.rest import endpoints, moments, sources
from lakebase.local.rest.call import Call, page
from lakebase.local.rest.fields import Fields, read_flag, read_identifier, read_mask

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace

EXPIRY = ("ttl", "expire_time", "no_expiry")
KNOWN = (*EXPIRY, "is_protected", *sources.FIELDS)
MASKS = ("spec.expiration", "spec.is_protected")
HINTS = {f"spec.{name}": "spec.expiration" for name in EXPIRY}
LONGEST_LIFE = 30 * 86_400
MOST_BRANCHES = 500


def render(ws: "Workspace", branch: Branch) -> dict[str, Any]:
    """A read carries `status` and no `spec`."""
    project = ws.store.get(Project, branch.parent)
    status: dict[str, Any] = {
        "branch_id": branch.id,
        "current_state": "DELETED" if branch.delete_time is not None else branch.state,
        "default": project is not None and project.default_branch == branch.name,
        "is_protected": branch.is_protected,
        "logical_size_bytes": branch.logical_size,
        "state_change_time": timestamp(branch.state_change_time or branch.create_time),
    }
    if branch.source_branch:
        status["source_branch"] = branch.source_branch
        status["source_branch_time"] = timestamp(branch.source_branch_time or branch.create_time)
        if branch.source_branch_lsn:
            status["source_branch_lsn"] = branch.source_branch_lsn
    if branch.source_snapshot:
        status["source_snapshot"] = branch.source_snapshot
    if branch.expire_time is not None:
        status["expire_time"] = timestamp(branch.expire_time)
    if branch.delete_time is not None:
        status["delete_time"] = timestamp(branch.delete_time)
        status["purge_time"] = timestamp(branch.delete_time + SOFT_DELETE_WINDOW)
    return {
        "name": branch.name,
        "branch_id": branch.id,
        "parent": branch.parent,
        "uid": branch.uid,
        "create_time": timestamp(branch.create_time),
        "update_time": timestamp(branch.update_time),
        "status": status,
    }


async def create(ws: "Workspace", call: Call, project_name: str) -> dict[str, Any]:
    call.require_manager()
    project = ws.project(project_name)
    identifier = read_identifier(call.query.get("branch_id"), "branch_id")
    spec = call.spec
    spec.only(*KNOWN)
    existing = ws.store.get(Branch, f"{project.name}/branches/{identifier}")
    if existing is not None:
        if existing.delete_time is None and read_flag(call.query.get("replace_existing"), "replace_existing"):
            await sources.check_unchanged(ws, project, existing, spec)
            return _change(ws, existing, spec, _given(spec))
        raise already_exists("branch with such id already exists")
    source = sources.find(ws, project, spec)
    moment = None if isinstance(source, Snapshot) else await moments.read(ws, source, spec)
    if ws.store.get(Branch, f"{project.name}/branches/{identifier}") is not None:  # made while we asked
        raise already_exists("branch with such id already exists")
    if len(ws.store.all(Branch, project.name)) >= MOST_BRANCHES:
        raise bad_request(
            f"project '{project.name}' has {MOST_BRANCHES} branches, which is the most; delete some first."
        )
    now = time.time()
    branch = Branch(
        f"{project.name}/branches/{identifier}", f"br-{secrets.token_hex(6)}", now, now,
        is_protected=_protection(ws, project, spec, None), expire_time=_expiry(ws, spec),
        **sources.origin(source, moment, now),
    )  # fmt: skip
    if branch.is_protected and branch.expire_time is not None:
        raise invalid("A protected branch cannot expire: set spec.no_expiry, or leave spec.is_protected out.")
    with ws.store.together():
        ws.store.put(branch)
        endpoint = endpoints.new_primary(branch, replace(project.default_endpoint))
        for record in (endpoint, *_inherited(ws, source, branch)):
            ws.store.put(record)
        ws.add_compute(endpoint)
        at = moment and moment.as_job()
        job = {"do": "make branch", "target": branch.name, "source": source.name, "moment": at}
        return ws.operations.begin(project.name, "Branch", job)


async def get(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    return render(ws, ws.branch(name))


async def list_all(ws: "Workspace", call: Call, project_name: str) -> dict[str, Any]:
    project = ws.project(project_name)
    deleted_too = read_flag(call.query.get("show_deleted"), "show_deleted")
    shown = [branch for branch in ws.store.all(Branch, project.name) if deleted_too or branch.delete_time is None]
    return page(call, "branches", [render(ws, branch) for branch in shown])


async def update(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    call.require_manager()
    branch = ws.branch(name)
    spec = call.spec
    spec.only(*KNOWN)
    if call.query.get("update_mask") == "*":
        paths = _given(spec)
        await sources.check_unchanged(ws, ws.project(branch.parent), branch, spec)
    else:
        paths = read_mask(call.query.get("update_mask"), MASKS, spec, HINTS)
    return _change(ws, branch, spec, paths)


async def delete(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    call.require_manager()
    purge = read_flag(call.query.get("purge"), "purge")
    branch = ws.store.get(Branch, name) if purge else None
    if branch is None or not ws.alive(branch.parent):
        branch = ws.branch(name)
    _check_deletable(ws, branch)
    if purge:
        await ws.purge(branch.name)
    else:
        branch.delete_time, branch.state_change_time = ws.clock.now(), time.time()
        ws.store.put(branch)
        await ws.shut(branch.name, "deleted")
        ws.events.record("branch-deleted", branch=branch.name)
    return ws.operations.done(branch.parent, "Branch")


async def undelete(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    call.require_manager()
    branch = ws.store.get(Branch, name)
    if branch is None or not ws.alive(branch.parent):
        raise not_found(f'branch not found; name:"{name}". A deleted branch can be had back for 7 days.')
    if branch.delete_time is None:
        raise bad_request(f"branch '{name}' is not deleted")
    source = ws.store.get(Branch, branch.source_branch)
    if source is not None and source.delete_time is not None:
        raise bad_request(f"undelete its source '{source.name}' first")
    branch.delete_time, branch.state_change_time = None, time.time()
    if branch.expire_time is not None and branch.expire_time <= ws.clock.now():
        branch.expire_time = None
    ws.store.put(branch)
    ws.reopen(branch.name)
    ws.events.record("branch-undeleted", branch=branch.name)
    return ws.operations.done(branch.parent, "Branch", render(ws, branch))


def children(ws: "Workspace", branch: Branch) -> list[Branch]:
    return [
        other
        for other in ws.store.all(Branch, branch.parent)
        if other.source_branch == branch.name and other.delete_time is None
    ]


def _check_deletable(ws: "Workspace", branch: Branch) -> None:
    project = ws.project(branch.parent)
    if branch.is_protected:
        raise bad_request("cannot delete protected branch")
    if branch.is_root:
        raise managed_by_parent(
            f"Cannot delete root branch '{branch.name}'. Root branches cannot be deleted independently."
        )
    if project.default_branch == branch.name:
        raise bad_request(f"cannot delete default branch '{branch.name}'; make another the default first")
    if below := children(ws, branch):
        raise bad_request(
            f"cannot delete branch '{branch.name}' with children; delete first: "
            + ", ".join(child.name for child in below)
        )


def _inherited(ws: "Workspace", source: Branch | Snapshot, branch: Branch) -> list[Role | Database]:
    """Roles and databases come with the data; they are resources of each branch."""
    both: list[Role | Database]
    if isinstance(source, Snapshot):
        both = [*(Role(**kept) for kept in source.roles), *(Database(**kept) for kept in source.databases)]
    else:
        both = [*ws.store.all(Role, source.name), *ws.store.all(Database, source.name)]
    return [
        replace(record, name=f"{branch.name}/{record.kind}/{record.id}", create_time=branch.create_time)
        for record in both
    ]


def _expiry(ws: "Workspace", spec: Fields) -> float | None:
    """When the branch ends, on the emulator's clock; None for never."""
    given = spec.exactly_one(EXPIRY, "as the branch's expiration")
    now = ws.clock.now()
    if given == "no_expiry":
        if not spec.flag("no_expiry"):
            raise invalid("Field 'spec.no_expiry' must be true when it is set; or set spec.ttl or spec.expire_time.")
        return None
    if given == "ttl":
        return now + spec.seconds("ttl", 1, LONGEST_LIFE)
    at = spec.time("expire_time")
    if not now < at <= now + LONGEST_LIFE:
        raise invalid(
            f"Field 'spec.expire_time' must lie in the next 30 days, got {timestamp(at)}; it is {timestamp(now)} now."
        )
    return at


def _protection(ws: "Workspace", project: Project, spec: Fields, branch: Branch | None) -> bool:
    wanted = spec.flag("is_protected", branch.is_protected if branch else False)
    others = [other for other in ws.store.all(Branch, project.name) if other.is_protected and other is not branch]
    if wanted and others:
        raise bad_request(f"project '{project.name}' already has its one protected branch: '{others[0].name}'")
    return wanted


def _given(spec: Fields) -> list[str]:
    paths = ["spec.expiration"] if any(spec.has(name) for name in EXPIRY) else []
    return [*paths, "spec.is_protected"] if spec.has("is_protected") else paths


def _change(ws: "Workspace", branch: Branch, spec: Fields, paths: list[str]) -> dict[str, Any]:
    project = ws.project(branch.parent)
    protected = _protection(ws, project, spec, branch) if "spec.is_protected" in paths else branch.is_protected
    expire_time = _expiry(ws, spec) if "spec.expiration" in paths else branch.expire_time
    if expire_time is not None:
        if protected or project.default_branch == branch.name or branch.is_root:
            raise bad_request(f"branch '{branch.name}' cannot expire: it is protected, the default or a root branch")
        if children(ws, branch):
            raise bad_request(f"branch '{branch.name}' cannot expire: it has children")
    branch.is_protected, branch.expire_time, branch.update_time = protected, expire_time, time.time()
    ws.store.put(branch)
    ws.events.record("branch-updated", branch=branch.name, paths=paths)
    return ws.operations.done(branch.parent, "Branch", render(ws, branch))
