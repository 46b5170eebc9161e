"""A copy of a running server whose first replay is killed starts all the same, with all that it had."""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import LiteralString

import psutil
import pytest
from psycopg import sql

from lakebase.local.cluster.account import postgres_account
from lakebase.local.cluster.backup_label import PUT_AWAY
from lakebase.local.cluster.binaries import find_binaries, prepare
from lakebase.local.cluster.branching import copy_running
from lakebase.local.cluster.postgres import Cluster

ROWS = 20_000
FILL: LiteralString = "INSERT INTO filler SELECT repeat(md5(n::text), 60) FROM generate_series(1, 20000) AS n"


@pytest.fixture
def short_directory() -> Iterator[Path]:
    """A Unix socket's address has room for few letters."""
    with tempfile.TemporaryDirectory(prefix="lbl-") as directory:
        yield Path(directory)


@contextlib.asynccontextmanager
async def running(directory: Path) -> AsyncIterator[Cluster]:
    account = postgres_account()
    account.own(directory)
    binaries = prepare(find_binaries(os.environ.get("LAKEBASE_LOCAL_PG_BIN")), account, directory)
    cluster = Cluster(binaries, account, directory / "data", directory / "run", directory / "log")
    await cluster.initialise()
    await cluster.start(20)
    try:
        yield cluster
    finally:
        await cluster.stop()


async def kill_amid_replay(copy: Cluster, starting: asyncio.Task[None]) -> None:
    while not (copy.data / PUT_AWAY).exists():
        assert not starting.done(), "It was too quick."
        await asyncio.sleep(0.001)
    assert copy.process is not None
    server = psutil.Process(copy.process.pid)
    for process in [server, *server.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


async def copied_and_killed(directory: Path) -> tuple[int, bool]:
    """Rows in a copy that was made while they came, ROWS at a time; whether the label is still put away."""
    async with running(directory) as parent:
        await parent.execute(sql.SQL("CREATE TABLE filler (x text)"))
        copy = Cluster(parent.binaries, parent.account, directory / "copy", directory / "run2", directory / "log2")
        await parent.execute(sql.SQL(FILL))
        copying = asyncio.create_task(copy_running(parent, copy.data))
        while not copying.done():
            await parent.execute(sql.SQL(FILL))
        await copying
    starting = asyncio.create_task(copy.start(20))
    await kill_amid_replay(copy, starting)
    try:
        await starting
        ((there,),) = await copy.execute(sql.SQL("SELECT count(*) FROM filler"))
    finally:
        await copy.stop()
    return there, (copy.data / PUT_AWAY).exists()


@pytest.mark.slow
def test_a_killed_replay_begins_anew(short_directory: Path) -> None:
    there, is_put_away = asyncio.run(copied_and_killed(short_directory))
    assert there >= ROWS and there % ROWS == 0 and not is_put_away
