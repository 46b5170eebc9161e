"""The Lakebase Local that benches run on, and what it costs itself: wakes, branches, memory."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

import psutil
import psycopg

from bench.figures import Figures, percentile
from tests.emulator import CHECKOUT, Emulator, plain_environment
from tests.local.sdk import DATABASE, Sdk, new_project

PRIMARY = "projects/shop/branches/production/endpoints/primary"
MEGABYTE = 1 << 20
FILL = """
CREATE TABLE filler (id bigint, a text STORAGE PLAIN);
ALTER TABLE filler SET (autovacuum_enabled = off);
"""


@contextmanager
def shop_project(*arguments: str) -> Iterator[Sdk]:
    """A Lakebase Local of its own with the project `shop`, of which nothing is left afterwards."""
    with tempfile.TemporaryDirectory() as directory, new_project(Path(directory), *arguments) as owner:
        yield owner


@contextmanager
def owned_shop() -> Iterator[Sdk]:
    """The project with the shop's tables, awake; Django is set up in this process, as their owner."""
    import django

    with shop_project("--no-history") as sdk:
        stay_awake(sdk)
        migrate(sdk)
        be_the_owner(sdk)
        django.setup()
        yield sdk


def stay_awake(sdk: Sdk, endpoint: str = PRIMARY) -> None:
    """For what takes long and asks nothing meanwhile."""
    sdk.update_endpoint(endpoint, ["spec.suspension"], no_suspension=True)


def be_the_owner(sdk: Sdk) -> None:
    """This process's environment, which Django's settings read next: the owner, on the project's default branch."""
    os.environ.clear()
    os.environ.update(plain_environment() | sdk.emulator.environment())
    os.environ.update(LAKEBASE_PROJECT_ID="shop", LOG_LEVEL="ERROR", DJANGO_SETTINGS_MODULE="lakeshop.settings")


def migrate(sdk: Sdk) -> None:
    environment = plain_environment() | sdk.emulator.environment()
    environment |= {"LAKEBASE_PROJECT_ID": "shop", "LOG_LEVEL": "ERROR"}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=CHECKOUT, env=environment, check=True)


def wakes(figures: Figures, sdk: Sdk, *, times: int = 40, endpoints: Sequence[str] = (PRIMARY,)) -> None:
    """Connect to a sleeping endpoint, one after the other, and run one SELECT, token in hand."""
    tokens, taken = {endpoint: sdk.token(endpoint) for endpoint in endpoints}, []
    for endpoint in endpoints:
        sdk.emulator.suspend(endpoint)
    for endpoint in islice(cycle(endpoints), times):
        sdk.emulator.suspend(endpoint)
        began = time.perf_counter()
        with sdk.connect(endpoint, password=tokens[endpoint]) as session:
            session.execute("SELECT 1").fetchone()
        taken.append((time.perf_counter() - began) * 1000)
    p95 = percentile(taken, 0.95)
    value = f"p50 {statistics.median(taken):.0f} ms, p95 {p95:.0f} ms"
    name = "cold wake, connect to SELECT" + (f", of {len(endpoints)} branches" if len(endpoints) > 1 else "")
    figures.say(name, value, "p95 under 250 ms", holds=p95 < 250)


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
    process = psutil.Process(emulator._process.pid)
    figures.say(
        "memory of the idle emulator, one branch asleep",
        f"{_pss(process) / MEGABYTE:.0f} MB PSS, {process.memory_info().rss / MEGABYTE:.0f} MB RSS",
    )


def memory_of_all(figures: Figures, emulator: Emulator, name: str) -> None:
    """Of the emulator and of every postgres behind it, shared pages divided among them."""
    assert emulator._process is not None
    own = psutil.Process(emulator._process.pid)
    behind = own.children(recursive=True)
    told = [_pss(process) for process in (own, *behind)]
    value = f"{told[0] / MEGABYTE:.0f} + {sum(told[1:]) / MEGABYTE:.0f} MB PSS"
    figures.say(f"memory, emulator + {len(behind)} processes: {name}", value)


def _pss(process: psutil.Process) -> int:
    told = process.memory_full_info()
    return int(getattr(told, "pss", told.rss))


def direct_and_through(sdk: Sdk) -> tuple[str, str]:
    """Connection strings to one Postgres: by the gateway, and by its own socket as its superuser."""
    gateway = psycopg.conninfo.make_conninfo(
        host="127.0.0.1", port=sdk.emulator.pg_port, user=sdk.user, dbname=DATABASE, sslmode="require",
        password=sdk.token(PRIMARY),
    )  # fmt: skip
    return gateway, superuser(sdk)


def superuser(sdk: Sdk, endpoint: str = PRIMARY) -> str:
    """A connection string to an endpoint's Postgres, as its superuser, by the socket that its directory names."""
    from lakebase.local.cluster.postgres import SUPERUSER

    with sdk.connect(endpoint) as session:  # a sleeping one has no socket
        session.execute("SELECT 1")
    data = psutil.Process(sdk.emulator.endpoint(endpoint)["pid"]).cwd()
    sockets = Path(data, "postmaster.pid").read_text().splitlines()[4]
    return psycopg.conninfo.make_conninfo(host=sockets, port=5432, user=SUPERUSER, dbname=DATABASE)
