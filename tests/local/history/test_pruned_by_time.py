"""A base that is older than the project's history_retention_duration goes with its files, and its log with it."""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lakebase.local.cluster.account import Account
from lakebase.local.events import EventLog
from lakebase.local.history.keeper import Keeper
from lakebase.local.history.retention import Limits
from lakebase.local.records import Base, Branch, Project
from lakebase.local.store import Store

DAY = 86_400.0
BRANCH = "projects/p/branches/b"
LOG = [f"00000001000000000000000{number}" for number in range(1, 7)]


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    """Of a sleeping branch with bases of four days, two days and an hour ago, and the log from the first one on."""
    data: Any = SimpleNamespace(root=tmp_path, histories=tmp_path, account=Account())
    asleep: Any = SimpleNamespace(running=False)
    with closing(Store(tmp_path / "state.db")) as store, closing(EventLog(tmp_path / "events.db")) as events:
        store.put(Project("projects/p", "p", 0, 0, history_retention=7 * DAY))
        store.put(Branch(BRANCH, "br-1", 0, 0, state="READY"))
        made = Keeper(
            data=data, store=store, events=events, limits=Limits(min_free=0), compute_of=lambda name: cast(Any, asleep)
        )
        made.archive("br-1").prepare()
        for number, ago in ((1, 4 * DAY), (2, 2 * DAY), (3, 3600.0)):
            name = f"ba-{number}"
            (tmp_path / "br-1" / "bases" / name).mkdir()
            at, segment = time.time() - ago, LOG[2 * number - 2]
            store.put(Base(f"{BRANCH}/bases/{name}", name, at, at, at, f"0/{number}000000", segment, 1000))
        for segment in LOG:
            (tmp_path / "br-1" / "log" / segment).write_bytes(os.urandom(100))
        yield made


def kept(keeper: Keeper, tmp_path: Path, days: float) -> tuple[list[str], list[str], list[str]]:
    """Which records, copies and log files are there, once the project keeps so many days."""
    project = keeper.store.get(Project, "projects/p")
    assert project is not None
    project.history_retention = days * DAY

    async def once() -> None:
        keeper.tick()
        await asyncio.gather(*(task for task in asyncio.all_tasks() if task is not asyncio.current_task()))

    asyncio.run(once())
    files = [sorted(path.name for path in (tmp_path / "br-1" / kind).iterdir()) for kind in ("bases", "log")]
    return [base.uid for base in keeper.store.all(Base, BRANCH)], files[0], files[1]


@pytest.mark.parametrize(("days", "first"), [(7, 1), (3, 1), (1.5, 2), (1 / 48, 3)])
def test_what_no_moment_within_the_duration_needs_is_removed(
    keeper: Keeper, tmp_path: Path, days: float, first: int
) -> None:
    left = [f"ba-{number}" for number in range(first, 4)]
    assert kept(keeper, tmp_path, days) == (left, left, LOG[2 * first - 2 :])


def test_a_longer_duration_brings_nothing_back(keeper: Keeper, tmp_path: Path) -> None:
    assert kept(keeper, tmp_path, 1.5) == kept(keeper, tmp_path, 7)
    assert kept(keeper, tmp_path, 7)[0] == ["ba-2", "ba-3"]
