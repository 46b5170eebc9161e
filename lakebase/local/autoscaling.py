"""Simulated autoscaling: which size the service might give an endpoint for the load that its postgres really has.

Nothing is scaled. The figure lies between the endpoint's limits and is 0 while it sleeps.
"""

import asyncio
import contextlib
import logging
import time
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from lakebase.local.compute import Compute

log = logging.getLogger("lakebase.local")
SECONDS = 1.0
KEPT = 3600  # samples: an hour awake, in 72 kB for each endpoint that was ever awake
# One compute unit is taken for one core that works at four fifths, or for eight sessions at work.
CORE_SHARE, SESSIONS = 0.8, 8
# Of the way to what is wanted, in a second: up it is nearly there after three, down half way after fourteen.
RISE, FALL = 0.6, 0.05


@dataclass(frozen=True, slots=True)
class Sample:
    """`at` in epoch seconds of the wall clock; `cores`: processors busy with this endpoint, on average since before."""

    at: float
    cu: float
    active_sessions: int
    cores: float


class History:
    """The last KEPT samples, in a ring of fixed size."""

    def __init__(self) -> None:
        self._times = array("d")
        self._figures = array("f")
        self._next = 0

    def add(self, sample: Sample) -> None:
        figures = array("f", (sample.cu, sample.active_sessions, sample.cores))
        if len(self._times) < KEPT:
            self._times.append(sample.at)
            self._figures.extend(figures)
        else:
            self._times[self._next] = sample.at
            self._figures[3 * self._next : 3 * self._next + 3] = figures
        self._next = (self._next + 1) % KEPT

    def since(self, after: float) -> list[Sample]:
        """Those taken later than `after`, oldest first."""
        count = len(self._times)
        first = self._next if count == KEPT else 0
        places = ((first + number) % KEPT for number in range(count))
        return [self._at(place) for place in places if self._times[place] > after]

    def _at(self, place: int) -> Sample:
        cu, active, cores = self._figures[3 * place : 3 * place + 3]
        return Sample(self._times[place], round(cu, 2), int(active), round(cores, 3))


@dataclass
class Load:
    """The CPU time of one postmaster and of all that it has started."""

    pid: int
    _children: dict[int, psutil.Process] = field(default_factory=dict)
    _before: float | None = None  # CPU seconds

    def __post_init__(self) -> None:
        self._postmaster = psutil.Process(self.pid)
        self._at = time.monotonic()

    def cores(self) -> float:
        """Processors that were busy with it since it was asked before. Raises psutil.Error when it is gone."""
        # The dead first: a child that dies in between is missed this time, in place of counted twice.
        own = self._postmaster.cpu_times()
        total = own.user + own.system + own.children_user + own.children_system + self._living()
        now, before = time.monotonic(), self._before
        seconds, self._at = max(now - self._at, 0.001), now
        self._before = total if before is None else max(before, total)
        return 0.0 if before is None else max(0.0, total - before) / seconds

    def _living(self) -> float:
        known, self._children, total = self._children, {}, 0.0
        for pid in _children(self._postmaster):
            try:
                process = self._children[pid] = known.get(pid) or psutil.Process(pid)
                times = process.cpu_times()
            except psutil.Error:
                continue
            total += times.user + times.system
        return total


def _children(process: psutil.Process) -> list[int]:
    """Where the kernel lists them (Linux), without a look at every process of the machine."""
    try:
        text = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    except OSError:
        return [child.pid for child in process.children()]
    return [int(pid) for pid in text.split()]


class Autoscaling:
    """Samples each second the endpoints that are awake; `computes` by their names, as they come and go."""

    def __init__(self, computes: Mapping[str, Compute]) -> None:
        self._computes = computes
        self._loads: dict[str, Load] = {}
        self._sizes: dict[str, float] = {}
        self._histories: dict[str, History] = {}

    async def run(self) -> None:
        while True:
            await asyncio.sleep(SECONDS)
            try:
                await self.sample()
            except Exception:  # without it no endpoint would have a size until the next start
                log.exception("The load could not be measured; it is tried again in a second.")

    async def sample(self) -> None:
        """Measure in another thread: many processes take some milliseconds."""
        awake = {name: pid for name, compute in self._computes.items() if (pid := _postmaster(compute)) is not None}
        self._forget(awake)
        cores = await asyncio.to_thread(self._measure, awake) if awake else {}
        for name, busy in cores.items():
            if (compute := self._computes.get(name)) is not None:
                self._take(compute, busy)

    def size(self, name: str) -> float:
        """Compute units as of the last sample; 0 while it sleeps."""
        compute = self._computes[name]
        limits = compute.endpoint.compute
        return _within(self._sizes.get(name, 0.0), limits.min_cu, limits.max_cu) if compute.running else 0.0

    def history(self, name: str, after: float) -> list[Sample]:
        return self._histories[name].since(after) if name in self._histories else []

    def _forget(self, awake: Mapping[str, int]) -> None:
        """Whoever has fallen asleep gets one sample of nothing, and whoever was deleted gets none."""
        for name in [name for name in self._loads if self._loads[name].pid != awake.get(name)]:
            del self._loads[name]
            self._sizes.pop(name, None)
            if name in self._computes and name not in awake:
                self._record(name, Sample(time.time(), 0.0, 0, 0.0))
        for name in [name for name in self._histories if name not in self._computes]:
            del self._histories[name]

    def _measure(self, awake: Mapping[str, int]) -> dict[str, float]:
        cores = {}
        for name, pid in awake.items():
            # It may end at any moment.
            with contextlib.suppress(psutil.Error):
                load = self._loads.get(name) or self._loads.setdefault(name, Load(pid))
                cores[name] = load.cores()
        return cores

    def _take(self, compute: Compute, cores: float) -> None:
        active = sum(session.statements.at_work for session in compute.sessions)
        limits = compute.endpoint.compute
        wanted = _within(max(cores / CORE_SHARE, active / SESSIONS), limits.min_cu, limits.max_cu)
        size = next_size(self._sizes.get(compute.name, limits.min_cu), wanted)
        self._sizes[compute.name] = size
        self._record(compute.name, Sample(time.time(), size, active, cores))

    def _record(self, name: str, sample: Sample) -> None:
        self._histories.setdefault(name, History()).add(sample)


def next_size(before: float, wanted: float) -> float:
    """Up fast, down slowly."""
    size = before + (RISE if wanted > before else FALL) * (wanted - before)
    return wanted if abs(wanted - size) < 0.01 else size


def _within(size: float, low: float, high: float) -> float:
    return min(max(size, low), high)


def _postmaster(compute: Compute) -> int | None:
    process = compute.cluster.process
    return process.pid if process is not None and compute.running else None
