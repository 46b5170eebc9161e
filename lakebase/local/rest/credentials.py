"""Database credentials: one-hour tokens that name a user and an endpoint."""

from typing import TYPE_CHECKING, Any

from lakebase.local.encoding import timestamp
from lakebase.local.refusal import invalid, not_emulated
from lakebase.local.rest import endpoints
from lakebase.local.rest.call import Call
from lakebase.local.rest.fields import Fields

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace

SHORTEST, LONGEST = 300, 3600


async def generate(ws: "Workspace", call: Call) -> dict[str, Any]:
    """{"token", "expire_time"}; `ttl` or `expire_time` in the request shorten its life to no less than 300 seconds."""
    fields = Fields(call.body, "")
    fields.only("endpoint", "claims", "expire_time", "ttl")
    name = fields.text("endpoint")
    if not name:
        raise invalid("Field 'endpoint' is required, expected non-default value (not \"\")!")
    endpoint = endpoints.find(ws, name)
    if fields.list("claims"):
        raise not_emulated("claims of a credential (tokens for single tables).")
    token, expires_at = ws.credentials.mint(call.caller.name, endpoint.name, _lifetime(ws, fields))
    ws.events.record("mint", user=call.caller.name, endpoint=endpoint.name, expire_time=timestamp(expires_at))
    return {"token": token, "expire_time": timestamp(expires_at)}


def _lifetime(ws: "Workspace", fields: Fields) -> float:
    if fields.has("ttl") and fields.has("expire_time"):
        raise invalid("Only one of 'ttl' and 'expire_time' may be set.")
    if fields.has("ttl"):
        return fields.seconds("ttl", SHORTEST, LONGEST)
    if not fields.has("expire_time"):
        return LONGEST
    seconds = fields.time("expire_time") - ws.clock.now()
    # The request has travelled: "in 300 seconds" arrives as a little less.
    if not SHORTEST - 5 <= seconds <= LONGEST + 5:
        raise invalid(f"Field 'expire_time' must lie {SHORTEST} to {LONGEST} seconds ahead, it lies {seconds:.0f}.")
    return seconds
