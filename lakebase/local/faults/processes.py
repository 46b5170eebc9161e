"""An endpoint's postgres is killed, as the system does that runs out of memory."""

import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

from lakebase.local.faults.fault import Fault, require_endpoint
from lakebase.local.refusal import Refusal
from lakebase.local.rest.fields import Fields

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace


@dataclass
class KillPostgres(Fault):
    """kill -9; the next connection starts it, and it recovers what was committed."""

    kind: ClassVar[str] = "kill-postgres"
    one_shot: ClassVar[bool] = True
    endpoint: str
    pid: int | None = field(default=None, init=False)

    @classmethod
    def read(cls, ws: "Workspace", given: Fields) -> Self:
        return cls(require_endpoint(ws, given))

    async def begin(self, ws: "Workspace") -> None:
        process = ws.computes[self.endpoint].cluster.process
        if process is None or process.returncode is not None:
            raise Refusal(409, "ABORTED", f"The endpoint {self.endpoint} is asleep: it has no postgres to be killed.")
        self.pid = process.pid
        process.send_signal(signal.SIGKILL)
        await process.wait()
