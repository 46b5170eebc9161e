"""What the emulator holds while nothing happens: compared with what it held before, and with nothing."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.figures import Figures
from bench.soak.files import Known, left_over
from bench.soak.patient import PRIMARY, PRODUCTION, READER, Gone, Patient, Refused
from lakebase.local.child import API
from tests.emulator import commands
from tests.local.running.conftest import data_root, postmasters

MEGABYTE = 1 << 20
# Buffers and pools that fill up once: what leaks for half an hour at this pace is more.
SPARE_MEMORY, SPARE_DESCRIPTORS = 24 * MEGABYTE, 4
# The housekeeping comes by each second.
PATIENCE = 15.0


@dataclass(frozen=True)
class Held:
    rss: int
    descriptors: int
    sockets: int
    processes: int
    servers: int
    strangers: list[str]
    files: list[str]


def quieten(patient: Patient) -> None:
    """No branch but production, no snapshot, every endpoint asleep; what is on its way has ended."""
    until = time.monotonic() + 120
    while True:
        left = [f"{one['name']}?purge=true" for one in patient.branches() if one["name"] != PRODUCTION]
        left += [one["name"] for one in patient.snapshots()]
        try:
            for path in left:
                patient.ask("DELETE", f"{API}/{path}")
            for endpoint in (READER, PRIMARY):
                patient.ask("POST", "/_local/suspend", {"endpoint": endpoint})
            break
        except (Gone, Refused) as refusal:
            if time.monotonic() > until:
                raise TimeoutError(f"It does not come to rest: {refusal}") from refusal
            time.sleep(0.2)
    time.sleep(3)


def held(patient: Patient) -> Held:
    emulator = patient.emulator
    assert emulator._process is not None
    root, process = data_root(emulator), psutil.Process(emulator._process.pid)
    strange = _what_stays(lambda: strangers(root))
    files = _what_stays(lambda: left_over(root, Known.read(emulator.directory / "state.db")))
    return Held(
        process.memory_info().rss, process.num_fds(), len(process.net_connections()),
        len(process.children(recursive=True)), len(postmasters(emulator)), strange, files,
    )  # fmt: skip


def strangers(root: Path) -> list[str]:
    """The processes that work below `root`, by their command line or directory: while all endpoints sleep, none."""
    found = []
    for process, words in commands():
        at = ""
        with suppress(psutil.Error):
            at = process.cwd()
        if any(str(root) in word for word in (*words, at)):
            found.append(f"{process.pid} {' '.join(words)}")
    return found


def told(figures: Figures, rests: list[Held]) -> None:
    """What has grown between the first two rests, in which the emulator lived on, and what none of them may hold."""
    before, after = rests[:2]
    grown = after.rss - before.rss
    figures.say(
        "memory, at rest before and after", f"{before.rss / MEGABYTE:.0f}, {after.rss / MEGABYTE:.0f} MB RSS",
        f"{SPARE_MEMORY // MEGABYTE} MB more", grown <= SPARE_MEMORY,
    )  # fmt: skip
    for name, one, other, spare in (
        ("file descriptors", before.descriptors, after.descriptors, SPARE_DESCRIPTORS),
        ("sockets", before.sockets, after.sockets, SPARE_DESCRIPTORS),
        ("child processes", before.processes, after.processes, 0),
    ):
        figures.say(f"{name}, at rest before and after", f"{one}, {other}", f"{spare} more", other <= one + spare)
    for name, counts in (
        ("servers", [rest.servers for rest in rests]),
        ("other processes with its data", [len(rest.strangers) for rest in rests]),
        ("files of what is gone, and what is without", [len(rest.files) for rest in rests]),
    ):
        figures.say(f"{name}, at each rest", ", ".join(map(str, counts)), "0", not any(counts))


def _what_stays(look: Callable[[], list[str]]) -> list[str]:
    until = time.monotonic() + PATIENCE
    while (found := look()) and time.monotonic() < until:
        time.sleep(0.5)
    return found
