"""What happens to the emulator meanwhile: branches come and go, endpoints sleep, servers are killed."""

import contextlib
import os
import random
import signal
import sys
import time

from bench.soak.patient import PRIMARY, PRODUCTION, PROJECT, READER, Gone, Patient, Refused, moment
from bench.soak.shadow import Shadow, rows_of
from lakebase.local.child import API

# What a standby may be behind before it counts as a fault: its primary may just have been killed.
LATEST = 45.0
NOT_EMULATED, NO_SUCH_MOMENT = 501, 400


class Unrest:
    """Each method is one incident; the seed decides which, when and to whom."""

    def __init__(self, patient: Patient, shadow: Shadow, seed: int) -> None:
        self.patient, self.shadow = patient, shadow
        self.chance = random.Random(seed)
        self.counts: dict[str, int] = {}
        self.history: bool | None = None  # whether there are branches at a point in time
        self.began = time.time()
        self._numbers = iter(range(1_000_000))
        self._doomed: set[str] = set()  # what somebody was told to delete, or ends by itself

    def count(self, kind: str) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + 1

    def branch(self) -> None:
        """Of what is there now: all that was acknowledged before it was asked for is in it."""
        asked = time.time()
        name = self._make(self._expiry())
        if name is not None:
            self._compare("branch", name, asked, time.time())
        self.count("branches made")

    def past_branch(self) -> None:
        """Of a moment of the past: exactly what was acknowledged by then."""
        at = self.chance.uniform(max(self.began + 5, time.time() - 300), time.time() - 2)
        if at < self.began + 5 or self.history is False:
            return
        try:
            name = self._make({"source_branch": PRODUCTION, "source_branch_time": moment(at), **self._expiry()})
        except Refused as refusal:
            if refusal.status == NOT_EMULATED:
                self.history = False
                return
            if refusal.status != NO_SUCH_MOMENT:
                raise
            self.count("moments out of reach")
            return
        self.history = True
        if name is None:
            return
        # The request carries whole microseconds.
        self._compare("past branch", name, at - 1e-6, at + 1e-6)
        self.count("branches of the past made")

    def read(self) -> None:
        """The standby has what was acknowledged a while ago, and nothing that nobody wrote."""
        asked = time.time()
        self.shadow.compare("standby", rows_of(self.patient, READER), asked - LATEST, time.time())

    def standby(self) -> None:
        """A new one has all that was acknowledged before it was asked for, and goes again."""
        asked = time.time()
        spec = {"endpoint_type": "ENDPOINT_TYPE_READ_ONLY"}
        name = self.patient.make(f"{PRODUCTION}/endpoints", "endpoint_id", f"r{next(self._numbers)}", spec)
        self.shadow.compare(f"new standby {name}", rows_of(self.patient, name), asked, time.time())
        # Unheard by a killed emulator it may be gone already.
        with contextlib.suppress(Gone):
            self.patient.ask("DELETE", f"{API}/{name}")
        self.count("standbys made")

    def delete(self) -> None:
        with contextlib.suppress(Gone, Refused):
            names = [one["name"] for one in self.patient.branches() if one["name"] != PRODUCTION]
            if names:
                name = self.chance.choice(names)
                self._doomed.add(name)
                self.patient.ask("DELETE", f"{API}/{name}?purge=true")
                self.count("branches deleted")

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

    def _make(self, spec: dict[str, object]) -> str | None:
        """None where somebody deleted it as soon as it was there. Raises Gone for one that was lost."""
        identifier = f"b{next(self._numbers)}"
        name = f"{PROJECT}/branches/{identifier}"
        if "ttl" in spec:
            self._doomed.add(name)
        try:
            return self.patient.make(f"{PROJECT}/branches", "branch_id", identifier, spec)
        except Gone:
            if name not in self._doomed:
                raise
            self.count("branches expired or deleted before they were made")
            return None

    def _expiry(self) -> dict[str, object]:
        """Most end by themselves."""
        return {"ttl": f"{self.chance.randint(30, 90)}s"} if self.chance.random() < 0.8 else {"no_expiry": True}

    def _compare(self, kind: str, name: str, there_by: float, none_after: float) -> None:
        try:
            rows = rows_of(self.patient, f"{name}/endpoints/primary")
        except Gone:
            self.count("branches expired or deleted before they were compared")
            return
        self.shadow.compare(f"{kind} {name}", rows, there_by, none_after)


def told(text: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')}  {text}\n")
    sys.stdout.flush()
