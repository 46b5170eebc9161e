"""What the gateway costs beside PostgreSQL's own socket: the same statements both ways, in turns.

Ratios of one run only: the machine decides the absolute figures. Each function takes the two connection strings.
"""

import statistics
import threading
import time
from dataclasses import dataclass

import psycopg

STATEMENT = "SELECT id, name FROM bench_row WHERE id = %s"
BLOCK = ("x" * 1023 + "\n") * 1024


@dataclass(frozen=True)
class Pair:
    """One figure through the gateway and one on the direct socket."""

    gateway: float
    direct: float

    @property
    def ratio(self) -> float:
        return self.gateway / self.direct


def prepare(direct: str) -> None:
    """Make the table that the statements read; `direct` must be allowed to."""
    with psycopg.connect(direct, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS bench_row (id int PRIMARY KEY, name text)")
        connection.execute(
            "INSERT INTO bench_row SELECT n, 'row ' || n FROM generate_series(1, 1000) n ON CONFLICT DO NOTHING"
        )
        connection.execute("GRANT SELECT ON bench_row TO PUBLIC")


def round_trip(gateway: str, direct: str, *, turns: int = 7, statements: int = 500) -> Pair:
    """p50 of one statement's round trip in milliseconds: the median over the turns of each turn's median."""

    def once(connection: psycopg.Connection) -> float:
        times = []
        for number in range(statements):
            began = time.perf_counter()
            connection.execute(STATEMENT, [number % 1000 + 1], prepare=True).fetchone()
            times.append(time.perf_counter() - began)
        return statistics.median(times) * 1000

    with psycopg.connect(gateway, autocommit=True) as through, psycopg.connect(direct, autocommit=True) as beside:
        once(through), once(beside)
        pairs = [(once(through), once(beside)) for _ in range(turns)]
    return Pair(*(statistics.median(side) for side in zip(*pairs, strict=True)))


def throughput(gateway: str, direct: str, *, clients: int = 8, seconds: float = 1.0, turns: int = 7) -> Pair:
    """Prepared one-row SELECTs a second by `clients` threads; medians over the turns."""
    pairs = [(_rate(gateway, clients, seconds), _rate(direct, clients, seconds)) for _ in range(turns)]
    return Pair(*(statistics.median(side) for side in zip(*pairs, strict=True)))


def _rate(conninfo: str, clients: int, seconds: float) -> float:
    counts, start = [0] * clients, threading.Barrier(clients + 1)

    def work(client: int) -> None:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(STATEMENT, [1], prepare=True).fetchone()
            start.wait()
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                connection.execute(STATEMENT, [counts[client] % 1000 + 1], prepare=True).fetchone()
                counts[client] += 1

    threads = [threading.Thread(target=work, args=[client]) for client in range(clients)]
    for thread in threads:
        thread.start()
    start.wait()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def bulk(gateway: str, direct: str, *, megabytes: int = 100, turns: int = 3) -> tuple[Pair, Pair]:
    """COPY into and out of a temporary table, in MB a second."""
    rates = [(_copy(gateway, megabytes), _copy(direct, megabytes)) for _ in range(turns)]
    inward = Pair(*(statistics.median(each[side][0] for each in rates) for side in (0, 1)))
    outward = Pair(*(statistics.median(each[side][1] for each in rates) for side in (0, 1)))
    return inward, outward


def _copy(conninfo: str, megabytes: int) -> tuple[float, float]:
    with psycopg.connect(conninfo, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bulk (line text)")
        began = time.perf_counter()
        with cursor.copy("COPY bulk FROM STDIN") as copy:
            for _ in range(megabytes):
                copy.write(BLOCK)
        between = time.perf_counter()
        with cursor.copy("COPY bulk TO STDOUT") as copy:
            for _ in copy:
                pass
        return megabytes / (between - began), megabytes / (time.perf_counter() - between)


def connecting(gateway: str, direct: str, *, turns: int = 30) -> Pair:
    """Connect, one SELECT, close, in milliseconds; medians."""

    def once(conninfo: str) -> float:
        began = time.perf_counter()
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute("SELECT 1").fetchone()
        return (time.perf_counter() - began) * 1000

    pairs = [(once(gateway), once(direct)) for _ in range(turns)]
    return Pair(*(statistics.median(side) for side in zip(*pairs, strict=True)))
