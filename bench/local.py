"""`make bench-local`: Lakebase Local at its limits. Parts by name: `make bench-local PARTS="history clients"`.

The bars are those that the project holds itself to; a machine busy with other things misses them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import emulator as local
from bench import gateway
from bench import history as moments
from bench.figures import Figures
from tests.emulator import CHECKOUT
from tests.local.sdk import Sdk, new_project

PROJECT = "projects/shop"
CLIENTS = 64


def history(figures: Figures) -> None:
    moments.moments(figures)
    moments.start_of_a_branch(figures)


def gigabyte(figures: Figures) -> None:
    """A branch of 1 GB of a running parent, on this file system and on one whose copies share their blocks."""
    with local.shop_project() as sdk:
        local.hot_branches(figures, sdk, times=3)
    if os.geteuid() != 0 or shutil.which("mkfs.xfs") is None:
        figures.say("the same where copies share blocks", "needs root and mkfs.xfs")
        return
    with _on_xfs() as sdk:
        local.hot_branches(figures, sdk, times=3)


def clients(figures: Figures) -> None:
    with local.shop_project("--no-history") as sdk:
        through, beside = local.direct_and_through(sdk)
        gateway.prepare(beside)
        pair = gateway.throughput(through, beside, clients=CLIENTS, turns=5)
    value = f"{pair.gateway:.0f} / {pair.direct:.0f} = {pair.ratio:.2f}"
    figures.say(f"SELECTs a second of {CLIENTS} clients, gateway / socket", value)


def wakes(figures: Figures) -> None:
    with local.shop_project() as sdk:
        local.wakes(figures, sdk, endpoints=_branches(sdk, 20))


def memory(figures: Figures) -> None:
    with local.shop_project() as sdk:
        endpoints = _branches(sdk, 25)
        for endpoint in endpoints:
            sdk.emulator.suspend(endpoint)
        sessions = [sdk.connect(endpoint) for endpoint in endpoints[:5]]
        local.memory_of_all(figures, sdk.emulator, f"{len(sessions)} branches awake, {25 - len(sessions)} asleep")
        for session in sessions:
            session.close()


def _branches(sdk: Sdk, number: int) -> list[str]:
    """The endpoints of so many branches, the project's own among them."""
    made = [sdk.make_branch(PROJECT, f"b{count}").name for count in range(1, number)]
    return [local.PRIMARY, *(f"{name}/endpoints/primary" for name in made)]


@contextmanager
def _on_xfs() -> Iterator[Sdk]:
    """The project on a Lakebase Local whose clusters lie on XFS, in a file."""
    from lakebase.local.cluster.account import data_directory

    with tempfile.TemporaryDirectory() as directory:
        image, clusters = Path(directory, "xfs"), data_directory(Path(directory, "local"))
        with image.open("wb") as file:
            file.truncate(8 << 30)
        subprocess.run(["mkfs.xfs", "-q", "-m", "reflink=1", image], check=True)
        clusters.mkdir(parents=True)
        subprocess.run(["mount", "-o", "loop", image, clusters], check=True)
        try:
            with new_project(Path(directory)) as sdk:
                yield sdk
        finally:
            subprocess.run(["umount", clusters], check=True)
            shutil.rmtree(clusters)


PARTS = {part.__name__: part for part in (history, gigabyte, clients, wakes, memory)}


def main(words: list[str]) -> int:
    """Without words all parts; otherwise those named."""
    if unknown := set(words) - set(PARTS):
        sys.exit(f"There is no part {', '.join(unknown)}; there are {', '.join(PARTS)}.")
    figures = Figures()
    for name in words or PARTS:
        figures.title(f"{name.capitalize()} (load of the machine before: {os.getloadavg()[0]:.1f})")
        PARTS[name](figures)
    return 1 if figures.missed else 0


if __name__ == "__main__":
    os.chdir(CHECKOUT)
    sys.exit(main(sys.argv[1:]))
