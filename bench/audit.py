"""What the audit costs a bulk write, ours beside the original's design, and what reading five million entries costs."""

import statistics
import time
from collections.abc import Callable
from datetime import timedelta
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
    _empty(connection, "original.audit_log", *TABLES)
    inserted = _seconds(connection, INSERT.format(table=table), [ROWS])
    return inserted, _seconds(connection, UPDATE.format(table=table))


def _empty(connection: psycopg.Connection, *tables: str) -> None:
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
    _empty(connection, *TABLES)
    connection.execute(INSERT.format(table=OURS), [LARGE_UPDATE])
    first = connection.execute(f"SELECT min(product_id) FROM {OURS}").fetchone()
    for _ in range(SMALL_UPDATES):
        connection.execute(f"{UPDATE.format(table=OURS)} WHERE product_id = %s", first)
    taken = _seconds(connection, UPDATE.format(table=OURS))
    figures.say("UPDATE of 10k rows after 7 of one row", f"{taken:.2f} s", "under 2 s", holds=taken < 2)


ENTRIES = 5_000_000
# Products are inserted and updated all year; now and then ann deletes a user, and that is what is looked for.
FILL = """
INSERT INTO ecommerce.audit_log
    (table_name, operation, record_id, old_data, new_data, created_at, created_by, actor, request_id, txid)
SELECT CASE WHEN rare THEN 'users' WHEN n %% 3 = 0 THEN 'order_items' ELSE 'products' END,
    CASE WHEN rare THEN 'DELETE' WHEN n %% 2 = 0 THEN 'UPDATE' ELSE 'INSERT' END,
    n %% 500000, CASE WHEN n %% 2 = 0 THEN image END, image,
    now() - (%(entries)s - n) * interval '6 seconds', 'shop', CASE WHEN rare THEN 'ann' ELSE 'shop' END, NULL, n / 4
FROM generate_series(1, %(entries)s) AS n,
    LATERAL (SELECT n %% 100000 = 7 AS rare, jsonb_build_object('product_id', n %% 500000, 'name', 'Product ' || n,
        'price', n %% 1000, 'stock_quantity', 5, 'category', 'Books', 'tags', '{}'::text[]) AS image) AS made
"""


def reads(figures: Figures, superuser: str) -> None:
    """Five million entries, read as the pages do; Django must be set up on the same database."""
    from django.utils import timezone

    from audit.models import AuditEntry, AuditSummary

    with psycopg.connect(superuser, autocommit=True) as connection:
        _empty(connection)
        connection.execute("SET session_replication_role = replica")
        connection.execute(FILL, {"entries": ENTRIES})
        connection.execute(
            "INSERT INTO ecommerce.audit_counts SELECT table_name, operation, count(*) "
            "FROM ecommerce.audit_log GROUP BY table_name, operation"
        )
        connection.execute("VACUUM ANALYZE ecommerce.audit_log")
    log, now = AuditEntry.objects.all(), timezone.now()
    middle = AuditEntry.objects.order_by("-audit_id").values_list("audit_id", flat=True)[0] - ENTRIES // 2
    questions: dict[str, Callable[[], object]] = {
        "history of one record": lambda: list(log.of_record("products", 4242)),
        "rare filter: one operation": lambda: log.of_operation("DELETE").page(),
        "rare filter: one table": lambda: log.in_table("users").page(),
        "rare filter: one actor": lambda: log.by_actor("ann").page(),
        "common filter: one table": lambda: log.in_table("products").page(),
        "page in the middle": lambda: log.page(before=middle),
        "page in the middle, filtered": lambda: log.in_table("products", "UPDATE").page(before=middle),
        "the first of two hundred days": lambda: log.between(now - timedelta(days=200)).page(),
        "the last of a hundred days": lambda: log.between(now - timedelta(days=200), now - timedelta(days=100)).page(),
        "a transaction": lambda: list(log.of_transaction(ENTRIES // 8)),
        "capped count of a rare filter": lambda: log.of_operation("DELETE").counted(),
        "capped count of everything": lambda: log.counted(),
        "summary": lambda: AuditSummary.objects.current(),
    }
    for name, ask in questions.items():
        milliseconds, bar = _median_ms(ask), 50 if "days" in name else 5
        figures.say(f"5M entries: {name}", f"{milliseconds:.2f} ms", f"under {bar} ms", holds=milliseconds < bar)


def _median_ms(ask: Callable[[], object], times: int = 21) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)
