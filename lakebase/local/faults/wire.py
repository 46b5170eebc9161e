"""The way between clients and postgres is slow: in one direction or both, of one endpoint or all."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from lakebase.local.faults.fault import Fault, read_endpoint, read_number
from lakebase.local.refusal import invalid
from lakebase.local.rest.fields import Fields

if TYPE_CHECKING:
    from lakebase.local.faults.registry import Faults
    from lakebase.local.gateway.session import Session
    from lakebase.local.workspace import Workspace

SLOWEST_MS = 60_000


@dataclass
class SlowWire(Fault):
    """Milliseconds from client to postgres and back; delays of several faults add up."""

    kind: ClassVar[str] = "slow-wire"
    endpoint: str | None
    to_server_ms: float
    to_client_ms: float

    @classmethod
    def read(cls, ws: "Workspace", given: Fields) -> Self:
        there = read_number(given, "to_server_ms", 0, 0, SLOWEST_MS)
        back = read_number(given, "to_client_ms", 0, 0, SLOWEST_MS)
        if not there and not back:
            raise invalid("At least one of 'to_server_ms' and 'to_client_ms' must be over 0.")
        return cls(read_endpoint(ws, given), there, back)

    async def begin(self, ws: "Workspace") -> None:
        for compute in ws.computes.values():
            for session in list(compute.sessions):
                slow_down(ws.faults, compute.name, session)

    async def end(self, ws: "Workspace") -> None:
        await self.begin(ws)


def slow_down(faults: "Faults", endpoint: str, session: "Session") -> None:
    """Let a session's wire be as slow as the faults that are set want it."""
    slow = [fault for fault in faults.of(SlowWire) if fault.endpoint in (None, endpoint)]
    if slow or session.disturbance is not None:
        disturbance = session.disturbed()
        disturbance.to_server.delay(sum(fault.to_server_ms for fault in slow) / 1000)
        disturbance.to_client.delay(sum(fault.to_client_ms for fault in slow) / 1000)
