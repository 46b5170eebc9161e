"""What happens to the emulator meanwhile: branches and snapshots come and go, endpoints sleep, servers are killed."""

import contextlib
import math
import os
import random
import signal
import sys
import time
from typing import Any

from bench.soak.patient import PRIMARY, PRODUCTION, PROJECT, READER, Gone, Patient, Refused, Sourceless, moment
from bench.soak.shadow import Shadow, rows_of
from lakebase.local.child import API
from lakebase.local.cluster.branching import ATTEMPTS

# What a standby may be behind before it counts as a fault: its primary may just have been killed.
LATEST = 45.0
# Every moment that lies no longer ago can be had: a killed server loses no log, and no history here nears its limits.
REACH = 300.0
BRANCHES, SNAPSHOTS = f"{PROJECT}/branches", f"{PROJECT}/snapshots"
Bounds = tuple[float, float]  # what was acknowledged by the first moment is there, what was begun after the second not


class Unrest:
    """Each method is one incident; the seed decides which, when and to whom."""

    def __init__(self, patient: Patient, shadow: Shadow, seed: int) -> None:
        self.patient, self.shadow = patient, shadow
        self.chance = random.Random(seed)
        self.counts: dict[str, int] = {}
        self.began = time.time()
        self._numbers = iter(range(1_000_000))
        self._snapshots: dict[str, Bounds] = {}
        self._gone_from: dict[str, float] = {}  # since when it may be gone: deleted by somebody, or expired

    def count(self, kind: str) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + 1

    def branch(self) -> None:
        """Of what is there now: all that was acknowledged before it was asked for is in it."""
        asked = time.time()
        name = self._make(BRANCHES, {})
        if name is not None:
            self._compare("branch", name, (asked, time.time()))
        self.count("branches made")

    def past_branch(self) -> None:
        """Of a moment of the past: exactly what was acknowledged by then."""
        at = self._past()
        name = None if at is None else self._make_of_moment(BRANCHES, at)
        if at is not None and name is not None:
            self._compare("past branch", name, _just(at))
            self.count("branches of the past made")

    def snapshot(self) -> None:
        """A branch of any snapshot has what was there at its moment, however late it is made."""
        if not self._snapshots or self.chance.random() < 0.5:
            self._take_snapshot()
        if not (kept := list(self._snapshots)):
            return
        source = self.chance.choice(kept)
        bounds = self._snapshots.get(source)
        if bounds is None:
            return
        try:
            name = self._make(BRANCHES, {"source_snapshot": source})
        except Sourceless:
            if not self._may_be_gone(source):
                raise
            self._snapshots.pop(source, None)
            self.count("snapshots expired or deleted before they were branched")
            return
        if name is not None:
            self._compare("snapshot", name, bounds)
            self.count("branches of snapshots made")

    def forget_snapshots(self) -> None:
        """After a rest, for which all were deleted."""
        self._snapshots.clear()

    def read(self) -> None:
        """The standby has what was acknowledged a while ago, and nothing that nobody wrote."""
        asked = time.time()
        self.shadow.compare("standby", rows_of(self.patient, READER), asked - LATEST, time.time())

    def standby(self) -> None:
        """A new one has all that was acknowledged before it was asked for, and goes again."""
        asked, kills = time.time(), self._kills
        spec = {"endpoint_type": "ENDPOINT_TYPE_READ_ONLY"}
        try:
            name = self.patient.make(f"{PRODUCTION}/endpoints", "endpoint_id", f"r{next(self._numbers)}", spec)
        except Gone:
            if not self._gave_it_no_chance(kills):
                raise
            return
        self.shadow.compare(f"new standby {name}", rows_of(self.patient, name), asked, time.time())
        # Unheard by a killed emulator it may be gone already.
        with contextlib.suppress(Gone):
            self.patient.ask("DELETE", f"{API}/{name}")
        self.count("standbys made")

    def delete(self) -> None:
        with contextlib.suppress(Gone, Refused):
            self._delete([one["name"] for one in self.patient.branches() if one["name"] != PRODUCTION], "?purge=true")

    def delete_snapshot(self) -> None:
        """Perhaps one of which a branch is just being made."""
        with contextlib.suppress(Gone, Refused):
            self._delete([one["name"] for one in self.patient.snapshots()])

    def sleep(self) -> None:
        endpoints = [one["name"] for one in self.patient.endpoints() if one["state"] == "ACTIVE"]
        with contextlib.suppress(Gone, Refused):
            self.patient.ask("POST", "/_local/suspend", {"endpoint": self.chance.choice(endpoints or [PRIMARY])})
            self.count("endpoints put to sleep")

    def kill_postgres(self) -> None:
        pids = [one["pid"] for one in self.patient.endpoints() if one["pid"]]
        if pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.chance.choice(pids), signal.SIGKILL)
                self.count("postgres killed")

    def kill_emulator(self) -> None:
        self.patient.emulator.kill()
        time.sleep(self.chance.uniform(0, 1))
        self.patient.emulator.start()
        self.count("emulator killed")

    def _past(self) -> float | None:
        """A moment that can be had; None in the first seconds."""
        first, last = max(self.began + 5, time.time() - REACH), time.time() - 2
        return self.chance.uniform(first, last) if first < last else None

    def _take_snapshot(self) -> None:
        asked, at = time.time(), self._past() if self.chance.random() < 0.5 else None
        if at is None:
            name = self._make(SNAPSHOTS, {"source_branch": PRODUCTION})
        else:
            name = self._make_of_moment(SNAPSHOTS, at)
        if name is not None:
            self._snapshots[name] = (asked, time.time()) if at is None else _just(at)
            self.count("snapshots made" if at is None else "snapshots of the past made")

    def _make_of_moment(self, collection: str, at: float) -> str | None:
        try:
            return self._make(collection, {"source_branch": PRODUCTION, "source_branch_time": moment(at)})
        except Refused as refusal:
            self.shadow.faults.append(f"the moment {time.time() - at:.1f} s ago was refused: {refusal}")
            return None

    def _make(self, collection: str, spec: dict[str, Any]) -> str | None:
        """None where it ended as soon as it was there. Raises Sourceless, and Gone for one that was lost."""
        kind = collection.rpartition("/")[2]
        identifier = f"{kind[0]}{next(self._numbers)}"
        name = f"{collection}/{identifier}"
        spec, kills = {**spec, **self._life(name)}, self._kills
        try:
            return self.patient.make(collection, "branch_id" if kind == "branches" else "snapshot_id", identifier, spec)
        except Sourceless:
            raise
        except Gone:
            if self._may_be_gone(name):
                self.count(f"{kind} expired or deleted before they were made")
            elif not self._gave_it_no_chance(kills):
                raise
            return None

    def _life(self, name: str) -> dict[str, object]:
        """Most end by themselves."""
        if self.chance.random() >= 0.8:
            return {"no_expiry": True}
        seconds = self.chance.randint(30, 90)
        self._gone_from[name] = time.time() + seconds
        return {"ttl": f"{seconds}s"}

    def _delete(self, names: list[str], query: str = "") -> None:
        if names:
            name = self.chance.choice(names)
            self._gone_from[name] = 0.0
            self.patient.ask("DELETE", f"{API}/{name}{query}")
            self.count(f"{name.split('/')[2]} deleted")

    @property
    def _kills(self) -> int:
        return self.counts.get("postgres killed", 0)

    def _gave_it_no_chance(self, before: int) -> bool:
        """Whether its server was killed as often as a copy is tried: on a slow machine that is honestly given up."""
        if self._kills - before < ATTEMPTS:
            return False
        self.count("given up after that many kills")
        return True

    def _may_be_gone(self, name: str) -> bool:
        return self._gone_from.get(name, math.inf) <= time.time()

    def _compare(self, kind: str, name: str, bounds: Bounds) -> None:
        try:
            rows = rows_of(self.patient, f"{name}/endpoints/primary")
        except Gone:
            if not self._may_be_gone(name):
                raise
            self.count("branches expired or deleted before they were compared")
            return
        self.shadow.compare(f"{kind} {name}", rows, *bounds)


def _just(at: float) -> Bounds:
    """The request carries whole microseconds."""
    return at - 1e-6, at + 1e-6


def told(text: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')}  {text}\n")
    sys.stdout.flush()
