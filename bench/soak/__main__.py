"""`make soak`: half an hour of clients, branches, snapshots, sleep and kill -9. Exit code 1 on any lost row and leak.

Postgres is killed all the time; the emulator in the first third, and in the last sixth when there is much behind it.
Between them it lives on, so that it can be seen whether it grows.
MINUTES=2 make soak: a rehearsal. SEED=7: the same dice, though threads that take turns decide who throws.
"""

import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable

from bench.emulator import shop_project
from bench.figures import Figures
from bench.soak import leaks
from bench.soak.patient import PRODUCTION, READER, Patient
from bench.soak.shadow import TABLE, Shadow, Writer, rows_of
from bench.soak.unrest import Unrest, told
from lakebase.local.child import API
from tests.local.sdk import Sdk

WRITERS = 3
LONGEST_OUTAGE = 60.0
TOLD_EVENTS = 40
# A soak that has compared none of these proves nothing.
COMPARED = ("branch", "past branch", "snapshot", "standby", "new standby", "end")


class Soak:
    """The threads around one emulator. Only the main thread kills it."""

    def __init__(self, sdk: Sdk, seed: int) -> None:
        self.patient = Patient(sdk)
        self.shadow = Shadow([Writer(n, self.patient, random.Random(f"{seed}/{n}")) for n in range(WRITERS)])
        self.unrest = Unrest(self.patient, self.shadow, seed)
        self.chance = random.Random(seed)
        self.over = threading.Event()
        self.resting = False
        self.broken: list[str] = []
        self._busy = 0
        self._lock = threading.Lock()

    def begin(self) -> list[threading.Thread]:
        with self.patient.connect(f"{PRODUCTION}/endpoints/primary") as session:
            session.execute(TABLE)
        spec = {"endpoint_type": "ENDPOINT_TYPE_READ_ONLY", "suspend_timeout_duration": "60s"}
        self.patient.make(f"{PRODUCTION}/endpoints", "endpoint_id", "reader", spec)
        work: list[Callable[[], None]] = [
            lambda: self._again(self.unrest.branch, 6),
            lambda: self._again(self.unrest.past_branch, 8),
            lambda: self._again(self.unrest.snapshot, 8),
            lambda: self._again(self.unrest.standby, 15),
            lambda: self._again(self.unrest.read, 4),
            lambda: self._again(self.unrest.delete, 25),
            lambda: self._again(self.unrest.delete_snapshot, 25),
            lambda: self._again(self.unrest.sleep, 5),
        ]
        for writer in self.shadow.writers:
            work.append(lambda writer=writer: writer.run(lambda: self.resting, self.over))  # type: ignore[misc]
        threads = [threading.Thread(target=self._guarded, args=[one]) for one in work]
        for thread in threads:
            thread.start()
        return threads

    def disturb(self, until: float, *, emulator_too: bool) -> None:
        """Kill every few seconds, until this moment of the monotonic clock or the first failure."""
        self.resting = False
        while time.monotonic() < until and not self.broken:
            time.sleep(self.chance.uniform(3, 12))
            if emulator_too and self.chance.random() < 0.4:
                self.unrest.kill_emulator()
            else:
                self.unrest.kill_postgres()

    def rest(self) -> leaks.Held:
        """What it holds when nobody wants anything."""
        self.resting = True
        until = time.monotonic() + 180
        while self._busy and time.monotonic() < until:
            time.sleep(0.1)
        if self._busy:
            self.broken.append(f"{self._busy} incidents went on for three minutes while all was to rest")
        time.sleep(1)
        leaks.quieten(self.patient)
        self.unrest.forget_snapshots()
        return leaks.held(self.patient)

    def _again(self, incident: Callable[[], None], seconds: float) -> None:
        while not self.over.wait(self.chance.uniform(0, 2 * seconds)):
            with self._lock:
                if self.resting:
                    continue
                self._busy += 1
            try:
                incident()
            finally:
                with self._lock:
                    self._busy -= 1

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            self.broken.append(f"{type(error).__name__}: {error}")
            for event in self.patient.ask("GET", f"/_local/events?limit={TOLD_EVENTS}")["events"]:
                told(json.dumps(event))  # what led to it
            raise


def soak(sdk: Sdk, seconds: float, seed: int) -> Figures:
    figures, run = Figures(), Soak(sdk, seed)
    began = time.monotonic()
    threads = run.begin()
    try:
        told("kill -9 of postgres and the emulator")
        run.disturb(began + seconds / 3, emulator_too=True)
        told("kill -9 of postgres only, so that the emulator can grow old")
        run.disturb(began + seconds / 2, emulator_too=False)
        rests = [run.rest()]
        run.disturb(began + seconds * 5 / 6, emulator_too=False)
        rests.append(run.rest())
        told("kill -9 of both again")
        run.disturb(began + seconds, emulator_too=True)
        rests.append(run.rest())
    finally:
        run.over.set()
        for thread in threads:
            thread.join(300)
    now = time.time()
    for endpoint in (f"{PRODUCTION}/endpoints/primary", READER):
        run.shadow.compare(f"end {endpoint}", rows_of(run.patient, endpoint), now, now)
    report(figures, run, rests)
    return figures


def report(figures: Figures, run: Soak, rests: list[leaks.Held]) -> None:
    figures.title("What was done")
    figures.say("rows acknowledged", f"{run.shadow.acknowledged:,}")
    figures.say("sessions of writers", f"{sum(writer.sessions for writer in run.shadow.writers):,}")
    for kind, count in sorted(run.unrest.counts.items()):
        figures.say(kind, f"{count:,}")
    figures.title("What must hold")
    told_comparisons(figures, run.shadow)
    lost = run.shadow.faults
    figures.say("rows lost or out of time, moments refused", f"{len(lost)}", "0", not lost)
    longest = max(writer.longest_outage for writer in run.shadow.writers)
    figures.say(
        "longest that a writer waited", f"{longest:.1f} s", f"{LONGEST_OUTAGE:.0f} s", longest <= LONGEST_OUTAGE
    )
    figures.say("threads that gave up", f"{len(run.broken)}", "0", not run.broken)
    leaks.told(figures, rests)
    left = [line for rest in rests for line in (*rest.strangers, *rest.files[:20])]
    for line in [*lost[:20], *run.broken, *left]:
        told(line)


def told_comparisons(figures: Figures, shadow: Shadow) -> None:
    for kind in COMPARED:
        count = shadow.comparisons.get(kind, 0)
        figures.say(f"comparisons with the shadow: {kind}", f"{count:,}", "1 at least", count > 0)


def main() -> int:
    minutes = float(os.environ.get("MINUTES", "30"))
    seed = int(os.environ.get("SEED") or random.randrange(1_000_000))
    told(f"{minutes:g} minutes, SEED={seed}")
    with shop_project() as sdk:
        sys.stdout.write(f"{API} at port {sdk.emulator.rest_port}, log {sdk.emulator.log}\n")
        figures = soak(sdk, minutes * 60, seed)
    return 1 if figures.missed else 0


if __name__ == "__main__":
    sys.exit(main())
