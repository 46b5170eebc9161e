"""What the emulator holds while nothing happens: to be compared with what it held before the unrest."""

import time
from dataclasses import dataclass

import psutil

from bench.figures import Figures
from bench.soak.patient import PRIMARY, PRODUCTION, READER, Gone, Patient, Refused
from lakebase.local.child import API
from tests.local.running.conftest import data_root, postmasters

MEGABYTE = 1 << 20
# Buffers and pools that fill up once: what leaks for half an hour at this pace is more.
SPARE_MEMORY, SPARE_DESCRIPTORS = 24 * MEGABYTE, 4


@dataclass(frozen=True)
class Held:
    rss: int
    descriptors: int
    sockets: int
    processes: int
    servers: int


def quieten(patient: Patient) -> None:
    """No branch but production, every endpoint asleep; what is on its way has ended."""
    until = time.monotonic() + 120
    while True:
        left = [one["name"] for one in patient.branches() if one["name"] != PRODUCTION]
        try:
            for name in left:
                patient.ask("DELETE", f"{API}/{name}?purge=true")
            for endpoint in (READER, PRIMARY):
                patient.ask("POST", "/_local/suspend", {"endpoint": endpoint})
            break
        except (Gone, Refused) as refusal:
            if time.monotonic() > until:
                raise TimeoutError(f"It does not come to rest: {refusal}") from refusal
            time.sleep(0.2)
    time.sleep(3)


def held(patient: Patient) -> Held:
    assert patient.emulator._process is not None
    process = psutil.Process(patient.emulator._process.pid)
    return Held(
        process.memory_info().rss, process.num_fds(), len(process.net_connections()),
        len(process.children(recursive=True)), len(postmasters(patient.emulator)),
    )  # fmt: skip


def told(figures: Figures, before: Held, after: Held) -> None:
    grown = after.rss - before.rss
    figures.say(
        "memory, at rest before and after", f"{before.rss / MEGABYTE:.0f}, {after.rss / MEGABYTE:.0f} MB RSS",
        f"{SPARE_MEMORY // MEGABYTE} MB more", grown <= SPARE_MEMORY,
    )  # fmt: skip
    for name, one, other, spare in (
        ("file descriptors", before.descriptors, after.descriptors, SPARE_DESCRIPTORS),
        ("sockets", before.sockets, after.sockets, SPARE_DESCRIPTORS),
        ("child processes", before.processes, after.processes, 0),
        ("servers", before.servers, after.servers, 0),
    ):
        figures.say(f"{name}, at rest before and after", f"{one}, {other}", f"{spare} more", other <= one + spare)


def left_behind(patient: Patient) -> list[str]:
    """Directories and logs of what does not exist any more."""
    root = data_root(patient.emulator)
    templates = {path.name.partition("-")[2] for path in root.glob("template-*")}
    known = {one["uid"] for one in patient.branches()} | {one["uid"] for one in patient.endpoints()}
    found = [path for kind in ("branches", "standbys", "history") for path in (root / kind).glob("*")]
    return sorted(
        [path.name for path in found if path.name not in known]
        + [path.name for path in (root / "logs").glob("*") if not path.name.startswith((*known, "template-"))]
        + [path.name for path in (root / "run").glob("*") if path.name not in templates | {uid[-12:] for uid in known}]
    )
