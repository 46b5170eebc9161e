"""Connections that break: those that are open now, once; or each new one, with a probability or after some bytes."""

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

from lakebase.local.faults.fault import Fault, read_count, read_endpoint, read_number
from lakebase.local.rest.fields import Fields

if TYPE_CHECKING:
    from lakebase.local.faults.registry import Faults
    from lakebase.local.gateway.session import Session
    from lakebase.local.workspace import Workspace

MOST_BYTES = 1 << 40


@dataclass
class DropConnections(Fault):
    """Without a word to the client; a statement that postgres has got is still carried out."""

    kind: ClassVar[str] = "drop-connections"
    one_shot: ClassVar[bool] = True
    endpoint: str | None
    dropped: int = field(default=0, init=False)

    @classmethod
    def read(cls, ws: "Workspace", given: Fields) -> Self:
        return cls(read_endpoint(ws, given))

    async def begin(self, ws: "Workspace") -> None:
        for compute in ws.computes.values():
            if self.endpoint in (None, compute.name):
                for session in list(compute.sessions):
                    session.abort()
                    self.dropped += 1


@dataclass
class DropNewConnections(Fault):
    """Each login that succeeds is dropped with `probability`, once `after_bytes` have passed in both directions.

    `seed` makes the choice repeatable.
    """

    kind: ClassVar[str] = "drop-new-connections"
    endpoint: str | None
    probability: float
    after_bytes: int
    seed: int | None

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    @classmethod
    def read(cls, ws: "Workspace", given: Fields) -> Self:
        seed = read_count(given, "seed", 0, 0, 1 << 31) if given.has("seed") else None
        probability = read_number(given, "probability", 1, 0, 1)
        return cls(read_endpoint(ws, given), probability, read_count(given, "after_bytes", 0, 0, MOST_BYTES), seed)

    def strikes(self) -> bool:
        return self._random.random() < self.probability


def doom(faults: "Faults", endpoint: str, session: "Session") -> None:
    """Decide whether a new session will be dropped, and when."""
    for fault in faults.of(DropNewConnections):
        if fault.endpoint in (None, endpoint) and fault.strikes():
            session.disturbed().drop_after(fault.after_bytes)
