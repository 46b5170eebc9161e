"""Snapshots: copies of a branch at one moment, kept until they expire or are deleted, whatever the branch does."""

import secrets
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lakebase.local.encoding import timestamp
from lakebase.local.records import Branch, Database, Role, Snapshot
from lakebase.local.refusal import already_exists, invalid, not_found
from lakebase.local.rest import moments, sources
from lakebase.local.rest.call import Call, page
from lakebase.local.rest.fields import Fields, read_identifier

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace

EXPIRY = ("ttl", "expire_time", "no_expiry")
# Nothing is known of a longest life of theirs.
LONGEST_LIFE = 10 * 366 * 86_400


def render(snapshot: Snapshot) -> dict[str, Any]:
    """A read carries `status` and no `spec`."""
    status: dict[str, Any] = {"source_branch": snapshot.source_branch, "no_expiry": snapshot.expire_time is None}
    if snapshot.expire_time is not None:
        status["expire_time"] = timestamp(snapshot.expire_time)
    if snapshot.bytes:
        status["full_size_bytes"] = snapshot.bytes
    return {
        "name": snapshot.name,
        "snapshot_id": snapshot.id,
        "uid": snapshot.uid,
        "create_time": timestamp(snapshot.create_time),
        "status": status,
    }


async def create(ws: "Workspace", call: Call, project_name: str) -> dict[str, Any]:
    call.require_manager()
    project, spec = ws.project(project_name), call.spec
    identifier = read_identifier(call.query.get("snapshot_id"), "snapshot_id")
    name = f"{project.name}/snapshots/{identifier}"
    spec.only("source_branch", *EXPIRY, *moments.FIELDS)
    source = _source(ws, project.name, spec)
    expire_time = _expiry(ws, spec)
    moment = await moments.read(ws, source, spec)
    if ws.store.get(Snapshot, name) is not None:
        raise already_exists("snapshot with such id already exists")
    now = time.time()
    snapshot = Snapshot(
        name, f"sn-{secrets.token_hex(6)}", now, now, source_branch=source.name, expire_time=expire_time,
        roles=[asdict(role) for role in ws.store.all(Role, source.name)],
        databases=[asdict(database) for database in ws.store.all(Database, source.name)],
    )  # fmt: skip
    job = {"do": "make snapshot", "target": name, "source": source.name, "moment": moment and moment.as_job()}
    with ws.store.together():
        ws.store.put(snapshot)
        return ws.operations.begin(project.name, "Snapshot", job)


async def get(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    return render(find(ws, name))


async def list_all(ws: "Workspace", call: Call, project_name: str) -> dict[str, Any]:
    project = ws.project(project_name)
    return page(call, "snapshots", [render(snapshot) for snapshot in ws.store.all(Snapshot, project.name)])


async def delete(ws: "Workspace", call: Call, name: str) -> dict[str, Any]:
    call.require_manager()
    snapshot = find(ws, name)
    await ws.remove_snapshot(snapshot)
    return ws.operations.done(snapshot.parent, "Snapshot")


def find(ws: "Workspace", name: str) -> Snapshot:
    """Raises Refusal 404."""
    snapshot = ws.store.get(Snapshot, name)
    if snapshot is None or not ws.alive(snapshot.parent):
        raise not_found(f'snapshot not found; name:"{name}"')
    return snapshot


def _source(ws: "Workspace", project: str, spec: Fields) -> Branch:
    name = spec.text("source_branch")
    if not name:
        raise invalid("Field 'spec.source_branch' is required, expected non-default value (not \"\")!")
    return sources.source_branch(ws, project, name)


def _expiry(ws: "Workspace", spec: Fields) -> float | None:
    """When it ends, on the emulator's clock; None for never, which is what it does unless something else is said."""
    given = [name for name in EXPIRY if spec.has(name)]
    if len(given) > 1:
        raise invalid(f"At most one of {', '.join(f'spec.{name}' for name in EXPIRY)} may be set; got {len(given)}.")
    now = ws.clock.now()
    if given == ["ttl"]:
        return now + spec.seconds("ttl", 1, LONGEST_LIFE)
    if given == ["expire_time"]:
        at = spec.time("expire_time")
        if not now < at <= now + LONGEST_LIFE:
            raise invalid(f"Field 'spec.expire_time' must lie in the future, got {timestamp(at)}.")
        return at
    if given == ["no_expiry"] and not spec.flag("no_expiry"):
        raise invalid("Field 'spec.no_expiry' must be true when it is set; or set spec.ttl or spec.expire_time.")
    return None
