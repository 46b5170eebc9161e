"""An endpoint's connections are all taken, by real sessions that do nothing."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

from lakebase.local.credentials import Refused
from lakebase.local.faults.fault import Fault, read_count, require_endpoint
from lakebase.local.gateway.awaken import PostgresRefused, open_session
from lakebase.local.gateway.startup import TERMINATE, startup_packet
from lakebase.local.gateway.upstream import Upstream
from lakebase.local.refusal import Refusal, invalid
from lakebase.local.rest.fields import Fields

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace

TOO_MANY_CONNECTIONS = "53300"
DATABASE = "databricks_postgres"
# Each is a process of some megabytes.
MOST = 1000
AT_A_TIME = 16
OPENING_SECONDS, LEAVING_SECONDS = 30.0, 5.0
SETTLING_SECONDS = 0.02


@dataclass
class FillConnections(Fault):
    """Takes what is free, but for `leave`; the next login gets 53300. It is over when the endpoint falls asleep."""

    kind: ClassVar[str] = "fill-connections"
    endpoint: str
    leave: int
    held: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._sessions: set[HeldSession] = set()
        self._ended = False

    @classmethod
    def read(cls, ws: "Workspace", given: Fields) -> Self:
        return cls(require_endpoint(ws, given), read_count(given, "leave", 0, 0, MOST))

    async def begin(self, ws: "Workspace") -> None:
        self._ws, self._compute = ws, ws.computes[self.endpoint]
        self._buffer = memoryview(bytearray(4096))
        self._startup = startup_packet(user=ws.user, database=DATABASE, application_name="fault fill-connections")
        try:
            await self._compute.wake()
            await self._let_go()
            wanted = self._compute.free_connections() - self.leave
            if wanted > MOST:
                raise invalid(f"At most {MOST} sessions are held, and {wanted} are free: lower the endpoint's max CU.")
            await self._fill(max(0, wanted))
        except Refused as refused:
            await self.end(ws)
            raise Refusal(409, "ABORTED", f"The endpoint cannot be filled: {refused.message}") from refused

    async def end(self, ws: "Workspace") -> None:
        """Done when postgres has let go of all of them, so that whoever logs in next finds room."""
        self._ended = True
        for session in list(self._sessions):
            session.leave()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LEAVING_SECONDS
        while self._sessions and loop.time() < deadline:
            await asyncio.sleep(0.005)
        for session in list(self._sessions):
            session.abandon()

    async def _let_go(self) -> None:
        """Wait for the sessions that just end: their places would be free, once we have looked."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LEAVING_SECONDS
        # That the client has gone may still lie unread in its socket.
        await asyncio.sleep(SETTLING_SECONDS)
        while any(session.is_leaving for session in self._compute.sessions) and loop.time() < deadline:
            await asyncio.sleep(0.005)

    async def _fill(self, wanted: int) -> None:
        """The places are taken first, so that nobody comes between."""
        self._compute.held += wanted
        self.held = wanted
        turns = asyncio.Semaphore(AT_A_TIME)
        opened = await asyncio.gather(*(self._open(turns) for _ in range(wanted)), return_exceptions=True)
        for failure in opened:
            if isinstance(failure, BaseException):
                raise failure

    async def _open(self, turns: asyncio.Semaphore) -> None:
        async with turns:
            try:
                opened = await open_session(self._compute.wake, self._startup, self._buffer, OPENING_SECONDS)
            except BaseException as error:
                self._free()
                if isinstance(error, PostgresRefused) and error.sqlstate == TOO_MANY_CONNECTIONS:
                    return  # somebody was faster, and it is full all the same
                raise
        session = HeldSession(opened.upstream, self)
        self._sessions.add(session)
        opened.upstream.relay_to(session)
        if self._ended:
            session.leave()

    def gone(self, session: "HeldSession") -> None:
        """Postgres has ended it, or we have; each place is given back once."""
        if session in self._sessions:
            self._sessions.discard(session)
            self._free()
            if not self._sessions and not self._ended:
                self._ws.faults.over(self, "its sessions have ended")

    def _free(self) -> None:
        self.held -= 1
        self._compute.held -= 1


class HeldSession:
    """The client of a session that asks for nothing."""

    def __init__(self, upstream: Upstream, fault: FillConnections) -> None:
        self._upstream, self._fault = upstream, fault

    def leave(self) -> None:
        self._upstream.write(TERMINATE)

    def abandon(self) -> None:
        self._upstream.close()
        self._fault.gone(self)

    def to_client(self, data: bytes | memoryview) -> None: ...
    def upstream_lost(self) -> None:
        self._fault.gone(self)

    def upstream_congested(self, congested: bool) -> None: ...
