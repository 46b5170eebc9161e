"""The two shops that pages are asked of, large and small with rows of one kind, and what a page is asked about."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from tests.served_site import manage


@dataclass(frozen=True, kw_only=True)
class Size:
    """Rows of each kind; an order has three items."""

    users: int
    products: int
    orders: int
    entries: int
    imports: int

    def divided(self, by: int) -> "Size":
        """So small a part of it, but no less than the small shop has."""
        return Size(**{name: max(rows // by, getattr(SMALL, name)) for name, rows in vars(self).items()})

    def __str__(self) -> str:
        return (
            f"{self.orders:,} orders of 3 items, {self.products:,} products, {self.users:,} users, "
            f"{self.entries:,} audit entries, {self.imports:,} imports"
        )


FULL = Size(users=100_000, products=100_000, orders=1_000_000, entries=5_000_000, imports=10_000)
# A small seed, and enough of everything for each list to fill a page, so that a page shows as much as in the other.
SMALL = Size(users=1_000, products=1_000, orders=10_000, entries=10_000, imports=60)

IMPORTS = """
INSERT INTO csv_imports (kind, file_name, sha256, lines, inserted, updated, unchanged, rejected, seconds, imported_at,
    actor, request_id, txid)
SELECT 'products', 'goods-' || n || '.csv', md5(n::text) || md5(n::text), 1000, 900, 50, 40, 10, 0.5,
    now() - n * interval '1 hour', 'ada', md5(n::text), n
FROM generate_series(1, %s) AS n
"""


def fill(owner: dict[str, str], superuser: str, size: Size) -> None:
    """Into an empty migrated database, as its owner does in that environment, and faster where that tells nothing.

    Django must be set up, for the other benches' modules.
    """
    from bench import orders, trail

    manage("seed", "--users", str(size.users), "--products", str(size.products), "--orders", "0", env=owner)
    orders.fill_orders(superuser, size.orders)
    trail.fill(superuser, entries=size.entries)
    with psycopg.connect(superuser, autocommit=True, options="-c search_path=ecommerce") as session:
        session.execute(IMPORTS, [size.imports])
    manage("embed", env=owner)
    with psycopg.connect(superuser, autocommit=True) as session:
        # All of it: Django's own tables are asked on each page, and a branch was copied without statistics of them.
        session.execute("VACUUM ANALYZE")
        session.execute("CHECKPOINT")


@dataclass(frozen=True, kw_only=True)
class Marks:
    """Something to ask for in one shop: rows from the middle of each table."""

    product: int
    product_made: datetime
    product_name: str
    category: str
    tag: str
    user: int
    user_made: datetime
    username: str
    email: str
    order: int
    order_date: datetime
    bulk: int
    entry: int
    changed: int
    txid: int
    since: datetime

    @property
    def until(self) -> datetime:
        return self.since + timedelta(days=1)


MARKS = """
SELECT p.product_id AS product, p.created_at AS product_made, p.name AS product_name, p.category, tag,
    u.user_id AS "user", u.created_at AS user_made, username, email, o.order_id AS "order", order_date,
    import_id AS bulk, audit_id AS entry, record_id AS changed, txid, now() - interval '100 days' AS since
-- Of those whose names are alike in both shops: brand, sort, thing and model.
FROM (SELECT * FROM products WHERE category = 'Electronics' ORDER BY created_at, product_id
        OFFSET (SELECT count(*) / 2 FROM products WHERE category = 'Electronics') LIMIT 1) AS p,
    -- The rarest that fills a page with another to follow.
    (SELECT tag FROM products, unnest(tags) AS tag GROUP BY tag HAVING count(*) > 25
        ORDER BY count(*), tag LIMIT 1) AS t,
    (SELECT * FROM users ORDER BY created_at, user_id OFFSET (SELECT count(*) / 2 FROM users) LIMIT 1) AS u,
    (SELECT * FROM orders ORDER BY order_date, order_id OFFSET (SELECT count(*) / 2 FROM orders) LIMIT 1) AS o,
    (SELECT max(import_id) / 2 AS import_id FROM csv_imports) AS i,
    (SELECT * FROM audit_log WHERE operation = 'UPDATE' AND table_name = 'products'
        AND audit_id >= (SELECT (min(audit_id) + max(audit_id)) / 2 FROM audit_log) ORDER BY audit_id LIMIT 1) AS a
"""


def marks(superuser: str) -> Marks:
    with psycopg.connect(
        superuser, options="-c search_path=ecommerce", row_factory=psycopg.rows.dict_row, autocommit=True
    ) as session:
        found: dict[str, Any] | None = session.execute(MARKS).fetchone()
    assert found is not None, "The shop is not filled."
    found = {name: each.astimezone(UTC) if isinstance(each, datetime) else each for name, each in found.items()}
    return Marks(**found)
