"""Clients that write rows, and what they remember of it: the copy with which branches and standbys are compared."""

import math
import random
import threading
import time
from array import array
from collections.abc import Callable, Mapping

from bench.soak.patient import BROKEN, PRIMARY, Gone, Patient

TABLE = "CREATE TABLE written (client int, number bigint, PRIMARY KEY (client, number))"
ALL = "SELECT client, array_agg(number) FROM written GROUP BY client"
PAUSE = 0.02
Rows = Mapping[int, set[int]]


class Writer:
    """Row `number` was begun at `begun[number]` and acknowledged at `acknowledged[number]`; inf: nobody knows."""

    def __init__(self, client: int, patient: Patient, chance: random.Random) -> None:
        self.client, self.patient, self.chance = client, patient, chance
        self.begun, self.acknowledged = array("d"), array("d")
        self.sessions, self.longest_outage = 0, 0.0

    def run(self, resting: Callable[[], bool], over: threading.Event) -> None:
        """Write, with sessions of some rows each, until `over`."""
        since = time.monotonic()
        while not over.is_set():
            if resting():
                time.sleep(0.1)
                since = time.monotonic()
                continue
            try:
                with self.patient.connect(PRIMARY) as session:
                    self.sessions += 1
                    for _ in range(self.chance.randint(1, 200)):
                        if resting() or over.is_set():
                            break
                        self._write(session)
                        self.longest_outage = max(self.longest_outage, time.monotonic() - since)
                        since = time.monotonic()
                        time.sleep(self.chance.uniform(0, 2 * PAUSE))
            except BROKEN:
                time.sleep(0.05)

    def _write(self, session: "object") -> None:
        number = len(self.begun)
        self.begun.append(time.time())
        self.acknowledged.append(math.inf)
        session.execute("INSERT INTO written VALUES (%s, %s)", [self.client, number])  # type: ignore[attr-defined]
        self.acknowledged[number] = time.time()

    def compare(self, found: set[int], there_by: float, none_after: float) -> list[str]:
        """What is wrong with the rows found: those acknowledged by `there_by` must be, those begun later not."""
        faults = []
        for number, (begun, acknowledged) in enumerate(zip(self.begun, self.acknowledged, strict=False)):
            if acknowledged <= there_by and number not in found:
                faults.append(f"row {self.client}/{number}, acknowledged {there_by - acknowledged:.3f} s before, lost")
            elif begun > none_after and number in found:
                faults.append(f"row {self.client}/{number}, begun {begun - none_after:.3f} s after, is there")
        return faults


class Shadow:
    """All writers, and every difference that was found."""

    def __init__(self, writers: list[Writer]) -> None:
        self.writers = writers
        self.faults: list[str] = []
        self.comparisons: dict[str, int] = {}
        self._lock = threading.Lock()

    @property
    def acknowledged(self) -> int:
        return sum(1 for writer in self.writers for at in writer.acknowledged if at < math.inf)

    def compare(self, what: str, rows: Rows, there_by: float, none_after: float) -> None:
        faults = [
            f"{what}: {fault}"
            for writer in self.writers
            for fault in writer.compare(rows.get(writer.client, set()), there_by, none_after)
        ]
        with self._lock:
            self.faults += faults
            kind = what.partition(" projects/")[0]
            self.comparisons[kind] = self.comparisons.get(kind, 0) + 1


def rows_of(patient: Patient, endpoint: str, seconds: float = 120) -> Rows:
    """Asked again while servers are killed. Raises Gone when the endpoint is, TimeoutError after two minutes."""
    until = time.monotonic() + seconds
    while True:
        try:
            with patient.connect(endpoint) as session:
                return {client: set(numbers) for client, numbers in session.execute(ALL)}
        except Gone:
            raise
        except BROKEN as error:
            if time.monotonic() > until:
                raise TimeoutError(f"{endpoint} gave no rows within two minutes: {error}") from error
            time.sleep(0.1)
