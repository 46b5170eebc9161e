"""Long-running operations take longer, as seen by whoever polls."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from lakebase.local.faults.fault import Fault, read_number
from lakebase.local.refusal import invalid
from lakebase.local.rest.fields import Fields

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace

LONGEST_SECONDS = 3600


@dataclass
class DelayOperations(Fault):
    """Also those that have begun already; the longest delay counts."""

    kind: ClassVar[str] = "delay-operations"
    seconds: float

    @classmethod
    def read(cls, ws: "Workspace", given: Fields) -> Self:
        seconds = read_number(given, "seconds", 0, 0, LONGEST_SECONDS)
        if not seconds:
            raise invalid(f"Field 'seconds' is required: over 0 and at most {LONGEST_SECONDS}.")
        return cls(seconds)

    async def begin(self, ws: "Workspace") -> None:
        ws.operations.extra_delay = max((fault.seconds for fault in ws.faults.of(DelayOperations)), default=0.0)

    async def end(self, ws: "Workspace") -> None:
        await self.begin(ws)
