"""The compute of a read-only endpoint: a streaming standby, with sessions, sleep and faults like any other.

While its primary sleeps it serves what was committed before, and need not wake it: what it has missed lies in the
primary's files. One that has missed more than these hold, or that does not start, is made anew.
"""

import asyncio
import contextlib
import secrets
import signal
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

from lakebase.local.cluster.branching import CannotCopy, Copied, copied_at_last
from lakebase.local.cluster.data import remove_directory
from lakebase.local.cluster.postgres import SUPERUSER, CannotStart, Cluster
from lakebase.local.cluster.wal import place_before, position
from lakebase.local.compute import Compute
from lakebase.local.records import Endpoint
from lakebase.local.standby.lag import Lag, measured
from lakebase.local.standby.log import KEPT, hand_over, has, next_segment

# It can be made anew, so it need not wait for the disk; after a crash of the machine its files are not trusted.
SETTINGS = {"fsync": "off"}
MADE_IN = "made_in_boot"
MEASURED_EACH = 1.0
CATCH_UP = 2.0
STARTS = 3


class Standby(Compute):
    """`primary`: the compute of its branch's read-write endpoint."""

    def __init__(self, endpoint: Endpoint, cluster: Cluster, primary: Compute, **parts: Any) -> None:
        super().__init__(endpoint, cluster, **parts)
        self.primary = primary
        self.lag: Lag | None = None  # as measured last, while it is awake
        self._following: asyncio.Task[None] | None = None
        self._stopping: asyncio.Task[None] | None = None
        conninfo = psycopg.conninfo.make_conninfo(
            host=str(primary.cluster.sockets), port=5432, user=SUPERUSER, application_name=endpoint.uid
        )
        cluster.settings = {**SETTINGS, "primary_conninfo": conninfo}
        primary.followers.append(self._primary_started)
        primary.cluster.settings["wal_keep_size"] = KEPT

    def leave(self) -> None:
        """The primary has nothing to keep for it any more."""
        self.primary.followers.remove(self._primary_started)
        if not self.primary.followers:
            self.primary.cluster.settings.pop("wal_keep_size", None)
        if not self.primary.lock.locked():
            self.primary.cluster.reload()

    def _primary_started(self) -> None:
        process = self.cluster.process
        # By itself it would ask again within five seconds only. While it starts, the signal would end it.
        if process is not None and self.running and not self.lock.locked():
            process.send_signal(signal.SIGHUP)

    async def _start(self) -> None:
        await super()._start()
        self._following = asyncio.create_task(self._follow())

    async def _stop(self, reason: str) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
            self._following = None
        self.lag = None
        await super()._stop(reason)

    async def _bring_up(self, connections: int) -> None:
        why = await self._needs_a_copy()
        if why is not None:
            await self._make(why)
        # A new one too: to begin it needs the log of a primary, which may have been killed meanwhile and sleep. It has
        # been acknowledged, and must not be given up for that.
        for starts_left in reversed(range(STARTS)):
            try:
                await self._start_cluster(connections)
                break
            except CannotStart as error:
                if not starts_left:
                    raise
                await self._make(f"it did not start: {error}")
        await self._catch_up()

    async def _start_cluster(self, connections: int) -> None:
        """With no fewer connections than the log that it replays asks for: else it stops or stands still."""
        told = await self.cluster.control_data()
        replayed = int(told.get("max_connections setting", 0))
        await self.cluster.start(max(connections, replayed, self.primary.max_connections))

    async def _needs_a_copy(self) -> str | None:
        """Why it must be made anew, or None: then all that a sleeping primary has is here."""
        if not self.cluster.data.exists():
            return "new"
        if self._boot_of_its_making() != boot():
            return "the machine was started anew"
        told = await self.cluster.control_data()
        if not told:
            return "its files cannot be read"
        async with self.primary.lock:
            await self.primary._start_if_crashed()
            first = next_segment(told)
            if not await asyncio.to_thread(has, self.primary.cluster, first):
                return "it had fallen too far behind"
            if not self.primary.running:
                await asyncio.to_thread(hand_over, self.primary.cluster, self.cluster, first)
        return None

    def _boot_of_its_making(self) -> str:
        try:
            return (self.cluster.data / MADE_IN).read_text()
        except OSError:
            return ""

    async def _make(self, why: str) -> None:
        began = time.monotonic()
        await asyncio.to_thread(remove_directory, self.cluster.data)
        async with self.primary.lock:
            self.primary.cluster.reload()  # to keep the log
        # Another name each time: the copying process of a killed emulator may still be at work on its own.
        part = self.cluster.data.with_name(f"{self.uid}.{secrets.token_hex(4)}.part")
        copied = await self._copy(part)
        self.cluster.write(part / "standby.signal", "")
        self.cluster.write(part / MADE_IN, boot())
        part.rename(self.cluster.data)
        self._events.record(
            "standby-made", endpoint=self.name, why=why, copied_by=copied.method, bytes=copied.bytes,
            seconds=round(time.monotonic() - began, 3),
        )  # fmt: skip

    async def _copy(self, part: Path) -> Copied:
        """Again when the primary's server died meanwhile. Raises CannotStart."""

        def interrupted(message: str) -> None:
            self._events.record("copy-interrupted", endpoint=self.name, message=message)

        try:
            return await copied_at_last(self.primary.name, part, partial(self.primary.copy_to, part), interrupted)
        except CannotCopy as error:
            raise CannotStart(str(error)) from error

    async def _catch_up(self) -> None:
        """Let whoever comes now see what was committed before; for a primary out of order it does not wait long."""
        with contextlib.suppress(TimeoutError, psycopg.Error):
            async with asyncio.timeout(CATCH_UP):
                end = await self._end_of_log()
                async with await self.cluster.connect() as connection:
                    while position((await measured(connection)).replayed_lsn) < end:
                        await asyncio.sleep(0.01)

    async def _measured(self, connection: psycopg.AsyncConnection[tuple[Any, ...]]) -> Lag:
        lag = await measured(connection)
        if lag.streaming or not self.primary.running:
            return lag
        # It knows only what it has heard of, and of what its primary writes now it hears nothing.
        try:
            async with asyncio.timeout(CATCH_UP):
                behind = await self._end_of_log() - position(lag.replayed_lsn)
        except (TimeoutError, psycopg.Error):
            return replace(lag, bytes=None)
        return replace(lag, bytes=max(lag.bytes or 0, behind))

    async def _end_of_log(self) -> int:
        if not self.primary.running:
            return position((await self.primary.cluster.last_checkpoint()).lsn)
        ((lsn,),) = await self.primary.cluster.execute(sql.SQL("SELECT pg_current_wal_flush_lsn()::text"))
        return position(str(lsn))

    async def _follow(self) -> None:
        """Keep `lag` up to date. One that cannot follow any more is stopped: the next connection mends it."""
        while self.running:
            with contextlib.suppress(psycopg.Error, OSError):
                async with await self.cluster.connect() as connection:
                    while self.running:
                        self.lag = await self._measured(connection)
                        if (why := await asyncio.to_thread(self._stuck, self.lag)) is not None:
                            self._stopping = asyncio.create_task(self.stop(why))
                            return
                        await asyncio.sleep(MEASURED_EACH)
            await asyncio.sleep(MEASURED_EACH)

    def _stuck(self, lag: Lag) -> str | None:
        if lag.paused:
            return "the read-write endpoint was resized"
        replayed = place_before(position(lag.replayed_lsn))
        if not lag.streaming and self.primary.running and not has(self.primary.cluster, replayed):
            return "it had fallen too far behind"
        return None


def boot() -> str:
    """Another text each time the machine has started."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return f"{psutil.boot_time():.0f}"
