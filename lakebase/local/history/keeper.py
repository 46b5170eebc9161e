"""Keeps the history of all branches: their archives, a new base now and then, and no more of it than is wanted."""

import asyncio
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

import psycopg

from lakebase.local.cluster.branching import CannotCopy, size_as_copied
from lakebase.local.cluster.data import DataDirectory, remove_directory
from lakebase.local.compute import Compute
from lakebase.local.credentials import Refused
from lakebase.local.events import EventLog
from lakebase.local.history import reach
from lakebase.local.history.archive import Archive, Segment
from lakebase.local.history.beginning import new_base
from lakebase.local.history.retention import Limits, log_since, outlived, taken_by
from lakebase.local.history.room import Room
from lakebase.local.records import Base, Branch
from lakebase.local.store import Store

log = logging.getLogger("lakebase.local")
PAUSE_AFTER_FAILURE = 30.0
ARCHIVED_WITHIN = 10.0
MEASURED_EACH = 10.0  # a branch that was too large


class Keeper:
    """`limits` None: no history is kept, and what there was is not continued."""

    def __init__(
        self, *, data: DataDirectory, store: Store, events: EventLog, limits: Limits | None,
        compute_of: Callable[[str], Compute],
    ) -> None:  # fmt: skip
        self.limits = limits
        self.data = data
        self.store = store
        self.compute_of = compute_of
        self._events = events
        self.room = Room(limits or Limits(), data.root)
        self._readers: Counter[str] = Counter()
        self._segments: dict[str, list[Segment]] = {}
        self._seen: dict[str, float] = {}
        self._stopped: set[str] = set()
        self._rest_until: dict[str, float] = {}
        self._measured: dict[str, float] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._leaving: set[str] = set()
        self._one_at_a_time = asyncio.Lock()

    def archive(self, uid: str) -> Archive:
        return Archive(self.data.histories / uid, self.data.account)

    def settings(self, uid: str) -> dict[str, str]:
        """What a branch's server is started with."""
        if self.limits is None:
            return {}
        archive = self.archive(uid)
        if not archive.log.exists():
            archive.prepare()
        return archive.settings()

    def open(self) -> None:
        """Take up what the last run left; without history, end it where its log ends."""
        for branch in self.store.all(Branch):
            archive = self.archive(branch.uid)
            if self.limits is None:
                self._close(branch, archive.end())
            elif archive.is_stopped:
                self._stopped.add(branch.uid)

    async def close(self) -> None:
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def forget(self, uid: str) -> None:
        """Leave a branch alone that is being deleted for good."""
        self._leaving.add(uid)
        task = self._tasks.pop(uid, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        for memory in (self._segments, self._seen, self._rest_until, self._measured):
            memory.pop(uid, None)
        self._stopped.discard(uid)
        self.room.forget(uid)

    def hold(self, branch: Branch) -> None:
        """Until `release` nothing of the branch's history is removed."""
        self._readers[branch.uid] += 1

    def release(self, branch: Branch) -> None:
        self._readers[branch.uid] -= 1

    def tick(self) -> None:
        """Begin what is due: it is done in the background."""
        if self.limits is None:
            return
        self.room.look()
        for branch in self.store.all(Branch):
            if self._may_be_kept(branch):
                task = asyncio.create_task(self._keep(branch, self.limits))
                self._tasks[branch.uid] = task
                task.add_done_callback(partial(self._forget_task, branch.uid))

    def _forget_task(self, uid: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(uid) is task:
            del self._tasks[uid]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._rest_until[uid] = time.monotonic() + PAUSE_AFTER_FAILURE
            log.error("The history of %s is not kept for a while", uid, exc_info=error)

    def told(self, branch: Branch) -> dict[str, object] | None:
        """For the control surface: the stretches that can be asked for, what they take, and why nothing is archived."""
        if self.limits is None:
            return None
        own = self.store.all(Base, branch.name)
        log_bytes = sum(segment.bytes for segment in self._segments.get(branch.uid, []))
        return {
            "spans": [
                {
                    "branch": span.branch,
                    "from": reach.first_millisecond(span.time),
                    "from_lsn": span.lsn,
                    "until": None if span.until_time is None else reach.last_millisecond(span.until_time),
                    "until_lsn": span.until_lsn or None,
                }
                for span in reach.reachable(self.store, branch)
            ],
            "bases": len(own),
            "bytes": sum(base.bytes for base in own) + log_bytes,
            "stopped": self.room.why_not(branch) or None,
        }

    def _may_be_kept(self, branch: Branch) -> bool:
        rests = self._rest_until.get(branch.uid, 0.0) > time.monotonic()
        there = branch.state == "READY" and branch.delete_time is None and branch.uid not in self._leaving
        return there and not rests and branch.uid not in self._tasks

    async def _keep(self, branch: Branch, limits: Limits) -> None:
        try:
            await self._measure_again(branch, limits)
            await self._stop_or_resume(branch)
            await self._read_archive(branch)
            if branch.uid not in self._stopped and self._base_is_due(branch, limits):
                async with self._one_at_a_time:
                    await self._make_base(branch, limits)
            if not self._readers[branch.uid]:
                await self._prune(branch, limits)
        except (CannotCopy, Refused, OSError, psycopg.Error) as error:
            self._rest_until[branch.uid] = time.monotonic() + PAUSE_AFTER_FAILURE
            self._events.record("history-failed", branch=branch.name, message=str(error))
            log.warning("The history of %s could not be kept: %s", branch.name, error)

    async def _measure_again(self, branch: Branch, limits: Limits) -> None:
        """Whether a branch that was too large for a copy still is: no copy will say so."""
        now = time.monotonic()
        too_large = branch.logical_size > limits.size or not self.room.has(branch.logical_size)
        if too_large and now - self._measured.get(branch.uid, -MEASURED_EACH) >= MEASURED_EACH:
            self._measured[branch.uid] = now
            size = await asyncio.to_thread(size_as_copied, self.data.cluster(branch.uid).data)
            if size != branch.logical_size:
                branch.logical_size = size
                self.store.put(branch)

    async def _stop_or_resume(self, branch: Branch) -> None:
        why, archive = self.room.why_not(branch), self.archive(branch.uid)
        if why and branch.uid not in self._stopped:
            self._stopped.add(branch.uid)
            at = await self._complete(branch, archive)
            archive.stop()
            self._close(branch, at)
            self._events.record("history-stopped", branch=branch.name, message=why)
        elif not why and branch.uid in self._stopped:
            archive.resume()
            self._stopped.discard(branch.uid)
            self._events.record("history-resumed", branch=branch.name)

    async def _complete(self, branch: Branch, archive: Archive) -> tuple[float, str] | None:
        """Have everything archived up to now; up to when that is."""
        now = time.time()
        try:
            sealed = await self.compute_of(branch.name).seal()
        except (Refused, OSError, psycopg.Error):
            return archive.end()
        until = time.monotonic() + ARCHIVED_WITHIN
        while sealed.segment is not None and not archive.has(sealed.segment):
            if time.monotonic() > until:
                return archive.end()
            await asyncio.sleep(0.02)
        return now, sealed.lsn

    def _close(self, branch: Branch, at: tuple[float, str] | None) -> None:
        """The log of all bases ends here."""
        for base in self.store.all(Base, branch.name):
            if base.until_time is None:
                base.until_time, base.until_lsn = at or (base.time, base.lsn)
                self.store.put(base)

    async def _read_archive(self, branch: Branch) -> None:
        archive = self.archive(branch.uid)
        changed = archive.log.stat().st_mtime
        if self._seen.get(branch.uid) != changed:
            await asyncio.to_thread(archive.shrink, self._segments.get(branch.uid, []))
            self._segments[branch.uid] = await asyncio.to_thread(archive.segments)
            self._seen[branch.uid] = changed

    def _base_is_due(self, branch: Branch, limits: Limits) -> bool:
        # The copy of a sleeping one would keep it from waking.
        if not self.compute_of(branch.name).running:
            return False
        known = [base for base in reach.bases(self.store, branch) if base.until_time is None]
        segments = self._segments.get(branch.uid, [])
        if known and log_since(known[-1], segments) < limits.every:
            return False
        if self.room.has(branch.logical_size):
            return True
        if not known or taken_by(known, segments) > limits.size:
            # Without another base nothing of the log could go: it would grow without end.
            self.room.cramp(branch)
        return False

    async def _make_base(self, branch: Branch, limits: Limits) -> None:
        archive, began = self.archive(branch.uid), time.monotonic()
        part = archive.bases / f"ba-{secrets.token_hex(6)}.part"
        try:
            copied = await self.compute_of(branch.name).copy_to(part, unhurried=True)
            branch.logical_size = copied.bytes
            if not self.room.why_not(branch):
                base = new_base(branch, copied)
                part.rename(archive.bases / base.uid)
                self.store.put(base)
                self._events.record(
                    "base-made", branch=branch.name, bytes=copied.bytes, seconds=round(time.monotonic() - began, 3)
                )
            self.store.put(branch)
        finally:
            await asyncio.shield(asyncio.to_thread(remove_directory, part))

    async def _prune(self, branch: Branch, limits: Limits) -> None:
        archive, segments = self.archive(branch.uid), self._segments.get(branch.uid, [])
        known, not_before = reach.bases(self.store, branch), reach.horizon(self.store, branch)
        dropped = outlived(known, segments, not_before=not_before, size=limits.size)
        with self.store.together():
            for base in dropped:
                self.store.drop(base.name)
        for base in dropped:
            await asyncio.to_thread(remove_directory, archive.bases / base.uid)
            self._events.record("history-pruned", branch=branch.name, before=base.time)
        left = [base for base in known if base not in dropped]
        first = left[0].segment if left else None
        if any(first is None or segment.place < first[8:] for segment in segments):
            await asyncio.to_thread(archive.prune, first)
