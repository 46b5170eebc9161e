"""`make bench-connection`: what a connection costs, from the page to PostgreSQL. Ratios within this one run, medians.

The bars are those that the project holds itself to; a machine busy with other things misses them.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import emulator as local
from bench import gateway
from bench.figures import Figures
from tests.emulator import CHECKOUT, Emulator
from tests.local.sdk import Sdk
from tests.running_site import Up, destroy


def requests(figures: Figures, *, turns: int = 5) -> None:
    """What a request pays for its connection: taken from the pool and put back, or opened and closed."""
    from django.db import connections

    pooled, single = connections["default"], connections["single"]
    for connection in (pooled, single):
        _request(connection)
    figures.say("connection of a request, pool / new", *_compared(_connection, pooled, single, turns, at_least=50))
    value, _, _ = _compared(_request, pooled, single, turns, at_least=0)
    figures.say("the same with one SELECT, pool / new", value)


def _compared(
    once: Callable[[Any], float], pooled: Any, single: Any, turns: int, *, at_least: float
) -> tuple[str, str, bool]:
    """Value, bar and whether it holds; the two kinds alternate, and the medians of the turns' medians are told."""
    pairs = []
    for _ in range(turns):
        on_pool = statistics.median(once(pooled) for _ in range(200))
        pairs.append((on_pool, statistics.median(once(single) for _ in range(10))))
    on_pool, on_new = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = on_new / on_pool
    return f"{on_pool:.3f} / {on_new:.1f} ms = 1 : {ratio:.0f}", f"at least 1 : {at_least:.0f}", ratio >= at_least


def _connection(connection: Any) -> float:
    began = time.perf_counter()
    connection.ensure_connection()
    connection.close()
    return (time.perf_counter() - began) * 1000


def _request(connection: Any) -> float:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    connection.close()
    return (time.perf_counter() - began) * 1000


def mints(figures: Figures, emulator: Emulator) -> None:
    """Eight threads, nothing cached, each its own new connection."""
    from django.db import connections

    from lakebase import tokens

    connections["default"].close()
    tokens.forget_logins()
    last, barrier = emulator.last_event(), threading.Barrier(8)

    def work() -> None:
        barrier.wait()
        with connections["single"].cursor() as cursor:
            cursor.execute("SELECT 1")
        connections["single"].close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    minted = len(emulator.events("mint", after=last))
    figures.say("tokens minted by 8 threads on a cold cache", str(minted), "exactly 1", holds=minted == 1)


def through_the_gateway(figures: Figures, sdk: Sdk) -> None:
    through, direct = local.direct_and_through(sdk)
    gateway.prepare(direct)
    trip = gateway.round_trip(through, direct)
    added = trip.gateway - trip.direct
    value = f"{trip.gateway:.3f} / {trip.direct:.3f} ms"
    figures.say("round trip p50, gateway / direct socket", value, "at most +0.15 ms", holds=added <= 0.15)
    rate = gateway.throughput(through, direct)
    value = f"{rate.gateway:.0f} / {rate.direct:.0f} = {rate.ratio:.2f}"
    figures.say("8 clients, prepared one-row SELECTs a second", value, "at least 0.45", holds=rate.ratio >= 0.45)
    new = gateway.connecting(through, direct)
    figures.say("connect, SELECT, close, gateway / direct", f"{new.gateway:.1f} / {new.direct:.1f} ms")
    inward, outward = gateway.bulk(through, direct)
    figures.say("COPY in, out through the gateway", f"{inward.gateway:.0f}, {outward.gateway:.0f} MB/s")


def second_start(figures: Figures) -> None:
    """`make run` where everything is prepared already, until the first page; the SDK's import is measured beside it."""
    import_sdk = [sys.executable, "-c", "from databricks.sdk import WorkspaceClient"]
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory) / "lakebase"
        try:
            _first_page(home)
            taken = []
            for _ in range(3):
                began = time.perf_counter()
                subprocess.run(import_sdk, check=True)
                imported = time.perf_counter() - began
                taken.append((_first_page(home), imported))
        finally:
            destroy(home)
    page, imported = (statistics.median(side) for side in zip(*taken, strict=True))
    value = f"{page:.1f} s, SDK {imported:.1f} s"
    figures.say("second start to the first page", value, "SDK's import + 3 s", holds=page <= imported + 3)


def _first_page(home: Path) -> float:
    began = time.perf_counter()
    up = Up(home)
    try:
        while True:
            try:
                up.get("/")
                return time.perf_counter() - began
            except OSError:
                time.sleep(0.02)
    finally:
        up.stop()


def main() -> int:
    figures = Figures()
    with local.shop_project("--no-history") as sdk:
        figures.title("The page's connection")
        _set_up_django(sdk)
        requests(figures)
        mints(figures, sdk.emulator)
        figures.title("Lakebase Local")
        through_the_gateway(figures, sdk)
        local.wakes(figures, sdk)
        local.memory(figures, sdk.emulator)
        local.hot_branches(figures, sdk)
    figures.title("The two commands")
    second_start(figures)
    return 1 if figures.missed else 0


def _set_up_django(sdk: Sdk) -> None:
    import copy

    import django
    from django.conf import settings

    local.be_the_owner(sdk)
    single = copy.deepcopy(settings.DATABASES["default"])
    single["OPTIONS"].pop("pool", None)
    settings.DATABASES["single"] = single
    django.setup()


if __name__ == "__main__":
    os.chdir(CHECKOUT)
    sys.exit(main())
