"""A history that stops for want of room, its own or the disk's, and when it goes on."""

import asyncio
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lakebase.local.cluster.data import DataDirectory
from lakebase.local.compute import Sealed
from lakebase.local.events import EventLog
from lakebase.local.history.keeper import Keeper
from lakebase.local.history.retention import Limits
from lakebase.local.history.room import Room
from lakebase.local.records import Base, Branch
from lakebase.local.store import Store
from tests.local.history.conftest import BRANCH, PRIMARY, PROJECT, history, moment, rows, until
from tests.local.sdk import Sdk

MEGABYTE = 1 << 20
FILL = "INSERT INTO filler SELECT repeat(md5(n::text), 30) FROM generate_series(1, 110000) n"


@pytest.mark.slow
def test_branch_that_has_shrunk_has_a_history_again(start: Callable[..., Sdk]) -> None:
    sdk = start("--history-size", "120", "--history-every", "16")
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE counted AS SELECT 1 AS number; CREATE TABLE filler (x text STORAGE PLAIN)")
        session.execute(FILL)
        until(lambda: bool(sdk.emulator.events("history-stopped")), 60)
        assert "over the 120 MB that its history may take" in history(sdk)["stopped"]
        until(lambda: history(sdk)["bytes"] <= 120 * MEGABYTE)
        session.execute("DROP TABLE filler")
        until(lambda: bool(sdk.emulator.events("history-resumed")), 60)
        until(lambda: bool(history(sdk)["spans"]) and history(sdk)["spans"][-1]["until"] is None)
        assert history(sdk)["stopped"] is None
        status = sdk.postgres.get_branch(BRANCH).status
        assert status is not None and status.logical_size_bytes is not None
        assert status.logical_size_bytes < 120 * MEGABYTE
        at = time.time()
    assert rows(sdk, sdk.make_branch(PROJECT, "then", source_branch_time=moment(at)).name) == [1]


def test_log_does_not_grow_without_end_where_no_base_has_room(tmp_path: Path, data: DataDirectory) -> None:
    """A branch twice as large as any disk, and a base whose log has grown over the size."""
    limits = Limits(size=1 << 62, min_free=0, every=0)
    branch = Branch("projects/p/branches/b", "br-1", 0, 0, state="READY", logical_size=1 << 61)
    base = Base(f"{branch.name}/bases/1", "ba-1", 0, 0, time.time(), "0/1000000", "0" * 24, (1 << 62) + 1)
    huge = data.cluster(branch.uid).data
    huge.mkdir()

    async def seal() -> Sealed:
        return Sealed("0/2000000", None)

    compute: Any = SimpleNamespace(running=True, seal=seal)

    async def tick_twice() -> dict[str, object] | None:
        keeper = Keeper(data=data, store=store, events=events, limits=limits, compute_of=lambda name: compute)
        keeper.settings(branch.uid)
        # It was measured just now.
        keeper._measured[branch.uid] = time.monotonic()
        for _ in range(2):
            keeper.tick()
            await asyncio.gather(*keeper._tasks.values())
        return keeper.told(branch)

    with closing(Store(tmp_path / "state.db")) as store, closing(EventLog(tmp_path / "events.db")) as events:
        for record in (branch, base):
            store.put(record)
        told = asyncio.run(tick_twice())
        (stopped,) = events.read(kind="history-stopped")
    assert told is not None
    assert told["stopped"] == stopped["message"]
    assert str(told["stopped"]).startswith(f"The disk has no room for another copy of {branch.name} (")
    assert (told["bases"], told["spans"]) == (0, [])  # what has ended, and is too large, goes


def test_it_goes_on_when_there_is_room(tmp_path: Path) -> None:
    room = Room(Limits(size=1 << 62, min_free=0), tmp_path)
    branch = Branch("projects/p/branches/b", "br-1", 0, 0, logical_size=1 << 61)
    assert room.why_not(branch) == ""
    room.cramp(branch)
    assert "no history of it is kept until there is" in room.why_not(branch)
    branch.logical_size = 1
    assert room.why_not(branch) == ""
