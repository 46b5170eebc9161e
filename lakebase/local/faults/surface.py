"""`/_local/faults`: what is set, setting one, clearing one or many."""

from typing import TYPE_CHECKING, Any

from lakebase.local.faults.connections import DropConnections, DropNewConnections
from lakebase.local.faults.crowd import FillConnections
from lakebase.local.faults.fault import Fault
from lakebase.local.faults.identities import RefuseIdentity
from lakebase.local.faults.operations import DelayOperations
from lakebase.local.faults.processes import KillPostgres
from lakebase.local.faults.requests import RefuseRequests
from lakebase.local.faults.tokens import ExpireTokens, RevokeTokens
from lakebase.local.faults.wire import SlowWire
from lakebase.local.refusal import invalid, not_found
from lakebase.local.rest.call import Call
from lakebase.local.rest.fields import Fields

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace

KINDS: dict[str, type[Fault]] = {
    fault.kind: fault
    for fault in (
        ExpireTokens,
        RevokeTokens,
        RefuseIdentity,
        KillPostgres,
        SlowWire,
        DropConnections,
        DropNewConnections,
        FillConnections,
        RefuseRequests,
        DelayOperations,
    )
}


async def show(ws: "Workspace", call: Call) -> dict[str, Any]:
    return {"faults": ws.faults.shown(), "kinds": {name: kind.names() for name, kind in KINDS.items()}}


async def put(ws: "Workspace", call: Call) -> dict[str, Any]:
    """{"kind": one of KINDS, ...its fields} -> the fault with its `id`. Raises Refusal."""
    given = Fields(call.body, "")
    kind = KINDS.get(given.choice("kind", tuple(KINDS)))
    if kind is None:
        raise invalid(f"Field 'kind' is required: one of {', '.join(KINDS)}.")
    given.only("kind", *kind.names())
    return await ws.faults.set(ws, kind.read(ws, given))


async def clear(ws: "Workspace", call: Call) -> dict[str, Any]:
    """Query: `id`, or `kind`, or neither for all; the ids cleared. Raises Refusal 404 for an id that is not set."""
    Fields(dict(call.query), "").only("id", "kind")
    number, kind = call.query.get("id"), call.query.get("kind")
    if kind is not None and kind not in KINDS:
        raise invalid(f"Field 'kind' must be one of {', '.join(KINDS)}, got '{kind:.80}'.")
    if number is not None and (not number.isdecimal() or len(number) > 15):
        raise invalid(f"Field 'id' must be the number of a fault, got '{number:.40}'.")
    numbers = [one for one in ws.faults.numbers(kind) if number is None or one == int(number)]
    if number is not None and not numbers:
        raise not_found(f"No fault {number} is set. GET /_local/faults lists them.")
    for one in numbers:
        await ws.faults.clear(ws, one)
    return {"cleared": numbers}
