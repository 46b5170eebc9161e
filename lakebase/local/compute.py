"""An endpoint's compute: really started by the first connection, really stopped when idle."""

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from lakebase.local.clock import Clock
from lakebase.local.cluster.branching import Copied, copy_running, copy_stopped
from lakebase.local.cluster.postgres import CannotStart, Cluster
from lakebase.local.credentials import Refused
from lakebase.local.events import EventLog
from lakebase.local.faults.connections import doom
from lakebase.local.faults.registry import Faults
from lakebase.local.faults.wire import slow_down
from lakebase.local.gateway.session import Session
from lakebase.local.records import Endpoint
from lakebase.local.store import Store

# Kept for the emulator's own sessions, above what the gateway lets in.
RESERVED_CONNECTIONS = 8
# Each takes a replication slot and one of these connections, and the disk is no faster for more.
COPIES_AT_ONCE = 4
# A session that logs in just now has no state yet. An open transaction in which no query runs does not count:
# the service may think otherwise there.
BUSY = sql.SQL(
    "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    " AND application_name <> 'lakebase-local' AND coalesce(state, '') NOT LIKE 'idle%'"
)


def connection_limit(max_cu: float) -> int:
    """Connections that Lakebase allows at a maximum of `max_cu`: 0.5 CU 104, 1 CU 209, 4 CU 839, never over 4000.

    docs.databricks.com/aws/ja/oltp/projects/manage-computes
    """
    return min(4000, math.floor(209.75 * max_cu))


@dataclass(frozen=True)
class Sealed:
    """A log position, and the finished segment before it; None when the server sleeps, and the log ends there."""

    lsn: str
    segment: str | None


class Compute:
    """The one process behind an endpoint, its sessions and its sleep."""

    def __init__(
        self, endpoint: Endpoint, cluster: Cluster, *, store: Store, clock: Clock, events: EventLog, wake_delay: float,
        ready: Callable[[str], Awaitable[None]], faults: Faults,
    ) -> None:  # fmt: skip
        self.endpoint = endpoint
        self.cluster = cluster
        self.sessions: set[Session] = set()
        self.held = 0  # connections that a fault has taken
        self.last_activity = clock.now()
        self.lock = asyncio.Lock()
        self.deleted = False
        self.purged = False  # or about to be
        self.followers: list[Callable[[], None]] = []  # called when the server has started
        self._copies = 0  # under way, or waiting for their turn
        self._turn = asyncio.Semaphore(COPIES_AT_ONCE)
        self._store = store
        self._clock = clock
        self._events = events
        self._wake_delay = wake_delay
        self._ready = ready
        self._faults = faults
        self._started_with = 0
        self._watch: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        return self.endpoint.name

    @property
    def uid(self) -> str:
        return self.endpoint.uid

    @property
    def read_only(self) -> bool:
        return self.endpoint.read_only

    @property
    def running(self) -> bool:
        return self.cluster.running

    @property
    def connection_limit(self) -> int:
        limit = connection_limit(self.endpoint.compute.max_cu)
        return min(limit, self._started_with) if self._started_with else limit

    @property
    def max_connections(self) -> int:
        """Of the server, as it runs or would start."""
        return (self._started_with or connection_limit(self.endpoint.compute.max_cu)) + RESERVED_CONNECTIONS

    def free_connections(self) -> int:
        return self.connection_limit - len(self.sessions) - self.held

    def session_opened(self, session: Session) -> None:
        self.sessions.add(session)
        slow_down(self._faults, self.name, session)
        doom(self._faults, self.name, session)

    def session_closed(self, session: Session) -> None:
        self.sessions.discard(session)

    async def wake(self) -> Path:
        """The path of the server's socket, started if need be; concurrent callers share one start.

        Raises Refused when the endpoint is disabled, deleted, or its server does not come up.
        """
        self.last_activity = self._clock.now()
        if self.running and not self.lock.locked():
            return self.cluster.socket
        # A connection to a branch that is still being made waits until it is there.
        await self._ready(self.endpoint.parent)
        return await self.start()

    async def start(self) -> Path:
        """As `wake`, for whoever makes the branch."""
        async with self.lock:
            self._check_open()
            if not self.running:
                await self._start()
            return self.cluster.socket

    async def suspend(self, reason: str) -> bool:
        """Stop the server unless a query is running; True when it is stopped."""
        async with self.lock:
            if not self.running:
                return True
            if self._copies:
                return False
            # A client's next message waits in its socket while we look, so that no query is cut that began meanwhile.
            for session in self.sessions:
                session.pause_client()
            try:
                await asyncio.sleep(0.02)
                if await self._busy():
                    self.last_activity = self._clock.now()
                    return False
                await self._stop(reason)
                return True
            finally:
                for session in list(self.sessions):
                    session.resume_client()

    async def copy_to(self, target: Path, *, unhurried: bool = False) -> Copied:
        """Copy the data to a new directory, the server running or not, see `copy_running`. Raises CannotCopy."""
        async with self.lock:
            await self._start_if_crashed()
            if not self.running:
                return await copy_stopped(self.cluster, target)
            self._copies += 1
        try:
            async with self._turn:
                return await copy_running(self.cluster, target, unhurried=unhurried)
        finally:
            self._copies -= 1

    async def seal(self) -> Sealed:
        """Have all that is committed now, and one commit after it, in finished segments of the log."""
        async with self.lock:
            await self._start_if_crashed()
            if not self.running:
                return Sealed((await self.cluster.last_checkpoint()).lsn, None)
            connection = await self.cluster.connect()
            try:
                # A transaction of its own: a replay to a moment must find a commit after it.
                await connection.execute("SELECT pg_current_xact_id()")
                switched = await connection.execute(
                    "SELECT lsn::text, pg_walfile_name(lsn) FROM pg_switch_wal() AS lsn"
                )
                lsn, segment = await switched.fetchone() or ("", None)
            finally:
                await connection.close()
            return Sealed(lsn, segment)

    async def log_position(self) -> str:
        """Where the log ends now."""
        async with self.lock:
            await self._start_if_crashed()
            if not self.running:
                return (await self.cluster.last_checkpoint()).lsn
            ((lsn,),) = await self.cluster.execute(sql.SQL("SELECT pg_current_wal_insert_lsn()::text"))
            return str(lsn)

    async def stop(self, reason: str) -> None:
        """Stop the server whatever it does."""
        async with self.lock:
            await self._stop(reason)

    async def suspend_when_idle(self) -> None:
        timeout = self.endpoint.compute.suspend_timeout
        idle = self._clock.now() - self.last_activity
        if self.running and timeout is not None and idle >= timeout and not self.lock.locked():
            await self.suspend("idle")

    async def apply_limits(self) -> None:
        """Take a new maximum into account: at once when nobody is connected, else at the next start."""
        changed = connection_limit(self.endpoint.compute.max_cu) != self._started_with
        if self.running and changed and not self.sessions and await self.suspend("resized"):
            await self.start()

    async def execute(self, statement: sql.Composed | sql.SQL, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement as superuser, waking the server if need be."""
        await self.wake()
        return await self.cluster.execute(statement, database)

    def remember_activity(self) -> None:
        """Write the moment of last activity to the record, so that it survives a restart."""
        if self.last_activity > self.endpoint.last_active_time:
            self.endpoint.last_active_time = self.last_activity
            self._store.put(self.endpoint)

    def _check_open(self) -> None:
        if self.deleted:
            raise Refused("08006", f"The endpoint {self.name} was deleted.", "deleted")
        if self.endpoint.disabled:
            raise Refused(
                "57P03",
                f"The endpoint {self.name} is disabled and no connection enables it.",
                "disabled",
                "Enable it with update_endpoint, mask spec.disabled, disabled=false.",
            )

    async def _start_if_crashed(self) -> None:
        # It did not end cleanly, and a backend of a killed server may still be writing.
        if not self.running and not self.purged and (self.cluster.data / "postmaster.pid").exists():
            await self._start()

    async def _bring_up(self, connections: int) -> None:
        await self.cluster.start(connections)

    async def _start(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        limit = connection_limit(self.endpoint.compute.max_cu)
        try:
            await self._bring_up(limit + RESERVED_CONNECTIONS)
        except CannotStart as error:
            self._events.record("start-failed", endpoint=self.name, message=str(error))
            raise Refused("57P03", str(error), "cannot start") from error
        if self._wake_delay:
            await asyncio.sleep(self._wake_delay)
        self._started_with = limit
        milliseconds = round((loop.time() - began) * 1000, 1)
        self.last_activity = self._clock.now()
        self.endpoint.wakes += 1
        self.endpoint.last_wake_ms = milliseconds
        self.endpoint.last_active_time = self.last_activity
        self._store.put(self.endpoint)
        self._events.record(
            "wake", endpoint=self.name, milliseconds=milliseconds, imitated_delay_ms=self._wake_delay * 1000
        )
        self._watch = asyncio.create_task(self._watch_process())
        for follower in self.followers:
            follower()

    async def _stop(self, reason: str) -> None:
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None
        if self.running:
            ended = len(self.sessions)
            await self.cluster.stop()
            self._events.record("suspend", endpoint=self.name, reason=reason, sessions_ended=ended)
        self._started_with = 0
        if not self.deleted:
            self.remember_activity()

    async def _watch_process(self) -> None:
        process = self.cluster.process
        if process is not None:
            code = await process.wait()
            self._started_with = 0
            self._events.record("server-died", endpoint=self.name, exit_code=code)

    async def _busy(self) -> bool:
        try:
            rows = await self.cluster.execute(BUSY)
        except psycopg.OperationalError:
            # It is recovering from a crash, which is work too.
            return self.running
        return bool(rows[0][0])
