"""Five million entries of the audit trail: made at once, and what reading them costs."""

from collections.abc import Callable
from datetime import timedelta

import psycopg

from bench.audit import empty
from bench.figures import Figures, median_ms

ENTRIES = 5_000_000
# Products are inserted and updated all year; now and then ann deletes a user, and that is what is looked for.
FILL = """
INSERT INTO ecommerce.audit_log
    (table_name, operation, record_id, old_data, new_data, created_at, created_by, actor, request_id, txid)
SELECT CASE WHEN rare THEN 'users' WHEN n %% 3 = 0 THEN 'order_items' ELSE 'products' END,
    CASE WHEN rare THEN 'DELETE' WHEN n %% 2 = 0 THEN 'UPDATE' ELSE 'INSERT' END,
    n %% %(records)s, CASE WHEN n %% 2 = 0 THEN image END, image,
    now() - (%(entries)s - n) * (interval '350 days' / %(entries)s), 'shop',
    CASE WHEN rare THEN 'ann' ELSE 'shop' END, NULL, n / 4
FROM generate_series(1, %(entries)s) AS n,
    LATERAL (SELECT n %% %(rare)s = 7 AS rare, jsonb_build_object('product_id', n %% %(records)s,
        'name', 'Product ' || n, 'price', n %% 1000, 'stock_quantity', 5, 'category', 'Books',
        'tags', '{}'::text[]) AS image) AS made
"""


def fill(superuser: str, *, entries: int = ENTRIES) -> None:
    """So many entries and no others, ten of a record, fifty of them rare; and what is counted of them."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        empty(connection)
        connection.execute("SET session_replication_role = replica")
        connection.execute(FILL, {"entries": entries, "records": entries // 10, "rare": entries // 50})
        connection.execute(
            "INSERT INTO ecommerce.audit_counts SELECT table_name, operation, count(*) "
            "FROM ecommerce.audit_log GROUP BY table_name, operation"
        )
        connection.execute("VACUUM ANALYZE ecommerce.audit_log")


def reads(figures: Figures, superuser: str) -> None:
    """Five million entries, read as the pages do; Django must be set up on the same database."""
    from django.utils import timezone

    from audit.models import AuditEntry, AuditSummary

    fill(superuser)
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
        milliseconds, bar = median_ms(ask), 50 if "days" in name else 5
        figures.say(f"5M entries: {name}", f"{milliseconds:.2f} ms", f"under {bar} ms", holds=milliseconds < bar)
