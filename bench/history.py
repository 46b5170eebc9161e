"""What points in time cost, and how long one takes to be had. Medians, ratios within this one run."""

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
from google.protobuf.timestamp_pb2 import Timestamp

from bench import emulator as local
from bench.figures import Figures
from tests.local.sdk import DATABASE, Sdk

PROJECT = "projects/shop"
CLIENTS, TURNS, SECONDS = 4, 5, 4.0
WRITTEN = "CREATE TABLE IF NOT EXISTS written (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text)"
WRITE = "INSERT INTO written (body) SELECT repeat(md5(n::text), 8) FROM generate_series(1, 100) n"


def start_of_a_branch(figures: Figures, *, times: int = 7) -> None:
    """Of a new project's few megabytes: with history its first base is copied before it starts."""
    taken: dict[str, list[float]] = {"with": [], "without": []}
    with _with_and_without() as (kept, bare):
        for number in range(times):
            for name, sdk in (("with", kept), ("without", bare)):
                began = time.perf_counter()
                branch = str(sdk.make_branch(PROJECT, f"b{number}").name)
                taken[name].append(time.perf_counter() - began)
                sdk.postgres.delete_branch(branch, purge=True).wait()
        kept_median, bare_median = statistics.median(taken["with"]), statistics.median(taken["without"])
        figures.say("branch of a new project, with / without history", f"{kept_median:.2f} / {bare_median:.2f} s")
        write_load(figures, kept, bare)


def write_load(figures: Figures, kept: Sdk, bare: Sdk) -> None:
    """Transactions of a hundred rows, four clients, on the servers' own sockets; new bases are made meanwhile."""
    addresses = [local.superuser(sdk) for sdk in (kept, bare)]
    rates: list[list[float]] = [[], []]
    for sdk in (kept, bare):
        local.stay_awake(sdk)
    for turn in range(TURNS):
        for side in (0, 1) if turn % 2 else (1, 0):
            rates[side].append(_rate(addresses[side]))
    with_history, without = (statistics.median(side) for side in rates)
    ratio = with_history / without
    value = f"{with_history:.0f} / {without:.0f} = {ratio:.2f}"
    figures.say("writing transactions a second, with / without", value, "at least 0.85", holds=ratio >= 0.85)


def _rate(address: str) -> float:
    with _writing(address) as done:
        before, began = sum(done), time.perf_counter()
        time.sleep(SECONDS)
        return (sum(done) - before) / (time.perf_counter() - began)


@contextmanager
def _writing(address: str) -> Iterator[list[int]]:
    """Clients that write as fast as they can; how many transactions each has done."""
    stop, done = threading.Event(), [0] * CLIENTS
    with psycopg.connect(address, autocommit=True) as session:
        session.execute(WRITTEN)

    def write(number: int) -> None:
        with psycopg.connect(address, autocommit=True) as session:
            while not stop.is_set():
                session.execute(WRITE)
                done[number] += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def moments(figures: Figures, *, times: int = 7) -> None:
    """A branch at a moment half a second ago, of 200 MB that are written to all the time."""
    taken = []
    with local.shop_project() as sdk:
        with sdk.connect(local.PRIMARY) as session:
            session.execute(local.FILL)
            rows = "INSERT INTO filler SELECT n, repeat(md5(n::text), 60) FROM generate_series(1, 20000) n"
            while session.execute("SELECT pg_database_size(%s)", [DATABASE]).fetchone()[0] < 200 * local.MEGABYTE:  # type: ignore[index]
                session.execute(rows)
        with _throttled(local.superuser(sdk)):
            for number in range(times):
                time.sleep(1)
                at = Timestamp()
                at.FromMilliseconds(int((time.time() - 0.5) * 1000))
                began = time.perf_counter()
                branch = str(sdk.make_branch(PROJECT, f"b{number}", source_branch_time=at).name)
                taken.append(time.perf_counter() - began)
                sdk.postgres.delete_branch(branch, purge=True).wait()
    value = f"{statistics.median(taken):.2f} s, worst {max(taken):.2f} s"
    holds = statistics.median(taken) < 4
    figures.say("branch at a moment of 200 MB under write load", value, "median under 4 s", holds=holds)


@contextmanager
def _throttled(address: str) -> Iterator[None]:
    """A shop's busy hour: one transaction of a hundred rows every fiftieth of a second."""
    stop = threading.Event()

    def write() -> None:
        with psycopg.connect(address, autocommit=True) as session:
            session.execute(WRITTEN)
            while not stop.wait(0.02):
                session.execute(WRITE)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def _with_and_without() -> Iterator[tuple[Sdk, Sdk]]:
    with ExitStack() as stack:
        yield stack.enter_context(local.shop_project()), stack.enter_context(local.shop_project("--no-history"))
