"""What the audit costs a bulk write, ours beside the original's design."""

import statistics
import time
from pathlib import Path

import psycopg

from audit.operations import TRIGGERS
from bench.figures import Figures

ROWS = 100_000
TURNS = 7
SMALL_UPDATES, LARGE_UPDATE = 7, 10_000
# The original's columns and ours in one statement each, with the same values.
INSERT = """
INSERT INTO {table} (name, description, price, stock_quantity, category, tags)
SELECT 'Product ' || n, 'A thing with a description of some length, number ' || n, (n %% 10000) / 100.0, n %% 500,
    (ARRAY['Electronics', 'Accessories', 'Books', 'Clothing', 'Other'])[n %% 5 + 1], ARRAY['tag' || n %% 50, 'sale']
FROM generate_series(1, %s) AS n
"""
UPDATE = "UPDATE {table} SET price = price + 1, stock_quantity = stock_quantity + 1"
ORIGINAL, ORIGINAL_PLAIN = "original.products", "original.products_unaudited"
OURS, AUDITED, PLAIN = "ecommerce.products", "ecommerce.products_audited", "ecommerce.products_unaudited"
TABLES = (ORIGINAL, ORIGINAL_PLAIN, OURS, AUDITED, PLAIN)
LOGS = ("ecommerce.audit_log", "ecommerce.audit_counts", "ecommerce.audit_count_deltas")


def writes(figures: Figures, superuser: str) -> None:
    """`superuser` connects to a migrated database whose tables may be emptied."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(Path(__file__).with_suffix(".sql").read_text())
        connection.execute("SET search_path = ecommerce, pg_temp")
        connection.execute(TRIGGERS.format(table=AUDITED, key="product_id"))
        taken: dict[str, list[tuple[float, float]]] = {table: [] for table in TABLES}
        for turn in range(TURNS):
            for table in TABLES if turn % 2 else reversed(TABLES):
                taken[table].append(_turn(connection, table))
        for number, (operation, least) in enumerate((("INSERT..SELECT", 0.7), ("UPDATE", 0.7))):
            _compare(figures, operation, {table: [each[number] for each in taken[table]] for table in TABLES}, least)
        _large_after_small(figures, connection)


def _turn(connection: psycopg.Connection, table: str) -> tuple[float, float]:
    """Seconds of the insert and of the update, in empty tables."""
    empty(connection, "original.audit_log", *TABLES)
    inserted = _seconds(connection, INSERT.format(table=table), [ROWS])
    return inserted, _seconds(connection, UPDATE.format(table=table))


def empty(connection: psycopg.Connection, *tables: str) -> None:
    """The log and these tables."""
    connection.execute("SET session_replication_role = replica")  # the log refuses to be emptied otherwise
    connection.execute(f"TRUNCATE {', '.join((*LOGS, *tables))} CASCADE")
    connection.execute("SET session_replication_role = origin")
    connection.execute("CHECKPOINT")


def _seconds(connection: psycopg.Connection, statement: str, parameters: list[int] | None = None) -> float:
    began = time.perf_counter()
    connection.execute(statement, parameters)
    return time.perf_counter() - began


def _compare(figures: Figures, operation: str, taken: dict[str, list[float]], most: float) -> None:
    """The median over the turns of what ours adds to what the original adds."""

    def share(ours: str) -> float:
        turns = zip(taken[ours], taken[PLAIN], taken[ORIGINAL], taken[ORIGINAL_PLAIN], strict=True)
        return statistics.median((mine - bare) / (theirs - unaudited) for mine, bare, theirs, unaudited in turns)

    median = {table: statistics.median(times) for table, times in taken.items()}
    seconds = f"{median[OURS]:.2f} - {median[PLAIN]:.2f} / {median[ORIGINAL]:.2f} - {median[ORIGINAL_PLAIN]:.2f} s"
    figures.say(f"{operation} of 100k, added by ours / by the original's", seconds)
    figures.say("  ratio, all our triggers", f"{share(OURS):.2f}", f"at most {most}", holds=share(OURS) <= most)
    figures.say("  ratio, audit alone", f"{share(AUDITED):.2f}", "at most 0.6", holds=share(AUDITED) <= 0.6)


def _large_after_small(figures: Figures, connection: psycopg.Connection) -> None:
    """In one session, whose plans are kept."""
    empty(connection, *TABLES)
    connection.execute(INSERT.format(table=OURS), [LARGE_UPDATE])
    first = connection.execute(f"SELECT min(product_id) FROM {OURS}").fetchone()
    for _ in range(SMALL_UPDATES):
        connection.execute(f"{UPDATE.format(table=OURS)} WHERE product_id = %s", first)
    taken = _seconds(connection, UPDATE.format(table=OURS))
    figures.say("UPDATE of 10k rows after 7 of one row", f"{taken:.2f} s", "under 2 s", holds=taken < 2)
