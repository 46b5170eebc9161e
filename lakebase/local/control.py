"""The control surface below `/_local/`: what tests and labs may ask of the emulator, and the site never does."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lakebase.local import autoscaling
from lakebase.local.encoding import timestamp
from lakebase.local.faults import surface as faults
from lakebase.local.faults.fault import require_endpoint
from lakebase.local.records import Branch, Endpoint, Project, ServicePrincipal
from lakebase.local.refusal import Refusal, invalid, not_found
from lakebase.local.rest import endpoints
from lakebase.local.rest.call import Call
from lakebase.local.rest.fields import Fields
from lakebase.local.standby.compute import Standby

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace

LONGEST_ADVANCE = 366 * 86_400
MOST_EVENTS = 1000


async def answer(ws: "Workspace", method: str, path: str, call: Call) -> dict[str, Any]:
    """Raises Refusal 403 for service principals and 404 for what there is not."""
    if call.caller.is_service_principal:
        raise Refusal(403, "PERMISSION_DENIED", "The control surface takes the access token of the env file only.")
    handler = CONTENTS.get((method, path))
    if handler is None:
        known = ", ".join(f"{verb} /_local/{name}" for verb, name in CONTENTS)
        raise not_found(f"There is no {method} /_local/{path:.100}. There are: {known}.")
    return await handler(ws, call)


async def info(ws: "Workspace", call: Call) -> dict[str, Any]:
    """What runs, where it lies, and each endpoint's state, wakes and sessions."""
    binaries = ws.data.binaries
    return {
        "user": ws.user,
        "postgres_version": binaries.version_text,
        "postgres_bin": str(binaries.bin),
        "directory": str(ws.data.home),
        "data_directory": str(ws.data.root),
        "clock": _clock(ws),
        "wake_delay_seconds": ws.wake_delay,
        "operation_delay_seconds": ws.operations.delay,
        "faults": ws.faults.shown(),
        "projects": len(ws.store.all(Project)),
        "branches": [
            {
                "name": branch.name, "state": branch.state, "deleted": branch.delete_time is not None,
                "copied_by": branch.copied_by, "bytes": branch.logical_size, "history": ws.history.told(branch),
            }
            for branch in ws.store.all(Branch)
        ],
        "endpoints": [_endpoint(ws, endpoint) for endpoint in ws.store.all(Endpoint)],
    }  # fmt: skip


async def read_clock(ws: "Workspace", call: Call) -> dict[str, Any]:
    return _clock(ws)


async def move_clock(ws: "Workspace", call: Call) -> dict[str, Any]:
    """{"advance_seconds": N}; what falls due is done before the answer."""
    fields = Fields(call.body, "")
    fields.only("advance_seconds")
    seconds = fields.number("advance_seconds", 0)
    if not 0 < seconds <= LONGEST_ADVANCE:
        raise invalid(
            f"Field 'advance_seconds' must be over 0 and at most {LONGEST_ADVANCE}: the clock only moves forward."
        )
    ws.clock.advance(seconds)
    ws.store.set("clock_offset", ws.clock.offset)
    ws.events.record("clock-moved", seconds=seconds)
    await ws.tick()
    return _clock(ws)


async def suspend(ws: "Workspace", call: Call) -> dict[str, Any]:
    """{"endpoint": name}; 409 while a query runs."""
    fields = Fields(call.body, "")
    fields.only("endpoint")
    name = require_endpoint(ws, fields)
    endpoint = endpoints.find(ws, name)
    if not await ws.computes[endpoint.name].suspend("asked"):
        busy = "a query runs, or its server does not answer. Try again later."
        raise Refusal(409, "ABORTED", f"The endpoint {name} is at work: {busy}")
    return _endpoint(ws, endpoint)


async def compute(ws: "Workspace", call: Call) -> dict[str, Any]:
    """Query: `endpoint`, `after` (epoch seconds), `limit`: its simulated size, and the newest samples behind it."""
    query = Fields(dict(call.query), "")
    query.only("endpoint", "after", "limit")
    endpoint = endpoints.find(ws, require_endpoint(ws, query))
    samples = ws.autoscaling.history(endpoint.name, query.number("after", 0))
    limit = min(_number(call, "limit", 60), autoscaling.KEPT)
    return {
        "simulated": True,
        "endpoint": endpoint.name,
        "min_cu": endpoint.compute.min_cu,
        "max_cu": endpoint.compute.max_cu,
        "cu": round(ws.autoscaling.size(endpoint.name), 2),
        "samples": [asdict(sample) for sample in samples[len(samples) - limit if limit < len(samples) else 0 :]],
    }


async def make_service_principal(ws: "Workspace", call: Call) -> dict[str, Any]:
    """{"display_name"[, "can_manage"]} -> {"client_id", "client_secret", ...}; the secret is shown this once."""
    fields = Fields(call.body, "")
    fields.only("display_name", "can_manage")
    name = fields.text("display_name", "app", longest=256)
    principal, secret = ws.make_service_principal(name, can_manage=fields.flag("can_manage"))
    return {"client_id": principal.uid, "client_secret": secret, "display_name": name}


async def list_service_principals(ws: "Workspace", call: Call) -> dict[str, Any]:
    return {
        "service_principals": [
            {"client_id": one.uid, "display_name": one.display_name, "can_manage": one.can_manage}
            for one in ws.store.all(ServicePrincipal)
        ]
    }


async def events(ws: "Workspace", call: Call) -> dict[str, Any]:
    """Query: `after` (an id), `kind`, `limit`. Without `after` the newest ones."""
    Fields(dict(call.query), "").only("after", "kind", "limit")
    after, limit = _number(call, "after", 0), min(_number(call, "limit", 200), MOST_EVENTS)
    if not after and not call.query.get("kind"):
        return {"events": ws.events.latest(limit)}
    return {"events": ws.events.read(kind=call.query.get("kind") or None, after=after, limit=limit)}


CONTENTS = {
    ("GET", "info"): info,
    ("GET", "clock"): read_clock,
    ("POST", "clock"): move_clock,
    ("POST", "suspend"): suspend,
    ("GET", "compute"): compute,
    ("GET", "service-principals"): list_service_principals,
    ("POST", "service-principals"): make_service_principal,
    ("GET", "events"): events,
    ("GET", "faults"): faults.show,
    ("POST", "faults"): faults.put,
    ("DELETE", "faults"): faults.clear,
}


def _clock(ws: "Workspace") -> dict[str, Any]:
    return {"now": timestamp(ws.clock.now()), "offset_seconds": ws.clock.offset}


def _endpoint(ws: "Workspace", endpoint: Endpoint) -> dict[str, Any]:
    compute = ws.computes[endpoint.name]
    process = compute.cluster.process
    return {
        "name": endpoint.name,
        "uid": endpoint.uid,
        "read_only": endpoint.read_only,
        "state": "ACTIVE" if compute.running else "IDLE",
        "pid": process.pid if process is not None and compute.running else None,
        "sessions": len(compute.sessions),
        "connection_limit": compute.connection_limit,
        "simulated_cu": round(ws.autoscaling.size(endpoint.name), 2),
        "last_activity": timestamp(max(compute.last_activity, endpoint.last_active_time)),
        "wakes": endpoint.wakes,
        "last_wake_ms": endpoint.last_wake_ms,
        **({"standby": _standby(compute)} if isinstance(compute, Standby) else {}),
    }


def _standby(compute: Standby) -> dict[str, Any] | None:
    """How it follows, as measured within the last second; None while it sleeps."""
    lag = compute.lag
    if lag is None:
        return None
    return {
        "follows": compute.primary.name,
        "streaming": lag.streaming,
        "replayed_lsn": lag.replayed_lsn,
        "lag_bytes": lag.bytes,
        "lag_seconds": None if lag.seconds is None else round(lag.seconds, 3),
        "last_commit": None if lag.last_commit is None else timestamp(lag.last_commit),
    }


def _number(call: Call, name: str, default: int) -> int:
    text = call.query.get(name) or str(default)
    if not text.isdecimal() or len(text) > 15:
        raise invalid(f"Field '{name}' must be a whole number from 0 on, got '{text:.40}'.")
    return int(text)
