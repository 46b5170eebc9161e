"""What Lakebase Local costs: wakes, branches, memory."""

import statistics
import time

import psutil
import psycopg

from bench.figures import Figures, percentile
from tests.emulator import Emulator
from tests.local.sdk import DATABASE, Sdk

PRIMARY = "projects/shop/branches/production/endpoints/primary"
MEGABYTE = 1 << 20
FILL = """
CREATE TABLE filler (id bigint, a text STORAGE PLAIN);
ALTER TABLE filler SET (autovacuum_enabled = off);
"""


def wakes(figures: Figures, sdk: Sdk, *, times: int = 40) -> None:
    """Connect to a sleeping endpoint and run one SELECT, token in hand."""
    token, taken = sdk.token(PRIMARY), []
    for _ in range(times):
        sdk.emulator.suspend(PRIMARY)
        began = time.perf_counter()
        with sdk.connect(PRIMARY, password=token) as session:
            session.execute("SELECT 1").fetchone()
        taken.append((time.perf_counter() - began) * 1000)
    p95 = percentile(taken, 0.95)
    value = f"p50 {statistics.median(taken):.0f} ms, p95 {p95:.0f} ms"
    figures.say("cold wake, connect to SELECT", value, "p95 under 250 ms", holds=p95 < 250)


def hot_branches(figures: Figures, sdk: Sdk, *, times: int = 5) -> None:
    """Branches of a running parent, until the new endpoint takes queries; an fsync of the copy is part of it."""
    _branch(figures, sdk, "hot branch of a new project", times)
    with sdk.connect(PRIMARY) as session:
        session.execute(FILL)
        rows = "INSERT INTO filler SELECT n, repeat(md5(n::text), 60) FROM generate_series(%s::int, %s::int) n"
        while session.execute("SELECT pg_database_size(%s)", [DATABASE]).fetchone()[0] < 1024 * MEGABYTE:  # type: ignore[index]
            session.execute(rows, [1, 50_000])
    _branch(figures, sdk, "hot branch of 1 GB", times)


def _branch(figures: Figures, sdk: Sdk, name: str, times: int) -> None:
    taken, method = [], ""
    for number in range(times):
        began = time.perf_counter()
        branch = sdk.make_branch("projects/shop", f"b{number}")
        taken.append(time.perf_counter() - began)
        (told,) = [one for one in sdk.emulator.get("/_local/info")["branches"] if one["name"] == branch.name]
        method, size = told["copied_by"], told["bytes"]
        sdk.postgres.delete_branch(str(branch.name), purge=True).wait()
    value = f"{statistics.median(taken):.2f} s"
    figures.say(f"{name} ({size / MEGABYTE:.0f} MB, {method})", value)


def memory(figures: Figures, emulator: Emulator) -> None:
    """Of the emulator alone, its one branch asleep."""
    emulator.suspend(PRIMARY)
    time.sleep(1)
    assert emulator._process is not None
    told = psutil.Process(emulator._process.pid).memory_full_info()
    used = getattr(told, "pss", told.rss)
    figures.say(
        "memory of the idle emulator, one branch asleep",
        f"{used / MEGABYTE:.0f} MB PSS, {told.rss / MEGABYTE:.0f} MB RSS",
    )


def direct_and_through(sdk: Sdk) -> tuple[str, str]:
    """Connection strings to one Postgres: by the gateway, and by its own socket as its superuser."""
    from lakebase.local.account import data_directory
    from lakebase.local.postgres import SUPERUSER

    with sdk.connect(PRIMARY) as session:
        session.execute("SELECT 1")
    (sockets,) = [path.parent for path in data_directory(sdk.emulator.directory).glob("run/*/.s.PGSQL.5432")]
    direct = psycopg.conninfo.make_conninfo(host=str(sockets), port=5432, user=SUPERUSER, dbname=DATABASE)
    gateway = psycopg.conninfo.make_conninfo(
        host="127.0.0.1", port=sdk.emulator.pg_port, user=sdk.user, dbname=DATABASE, sslmode="require",
        password=sdk.token(PRIMARY),
    )  # fmt: skip
    return gateway, direct
