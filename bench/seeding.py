"""The large seed: orders a second, beside a bare COPY of the same rows into the same tables with the same triggers."""

import os
import statistics
import sys
from datetime import UTC, datetime

from bench import emulator as local
from bench.figures import Figures, timed
from tests.emulator import CHECKOUT

# What a turn made is copied once more under other keys: the same keys again would meet their dead rows.
SHIFT = 1_000_000_000  # the sequences stay below it
COPIES = {
    "users (user_id, email, username, full_name, metadata, preferences, is_active, created_at, updated_at)": """
        SELECT user_id + {shift}, '{shift}' || email, '{shift}' || username, full_name, metadata, preferences,
            is_active, created_at, updated_at FROM users WHERE user_id BETWEEN {users} + 1 AND {most}""",
    "products (product_id, sku, name, description, price, stock_quantity, category, tags)": """
        SELECT product_id + {shift}, '{shift}' || sku, name, description, price, stock_quantity, category, tags
        FROM products WHERE product_id BETWEEN {products} + 1 AND {most}""",
    "orders (order_id, user_id, order_date, status, total_amount, shipping_address, payment_method, stock_taken)": """
        SELECT order_id + {shift}, user_id + {shift}, order_date, status, total_amount, shipping_address,
            payment_method, stock_taken FROM orders WHERE order_id BETWEEN {orders} + 1 AND {most} ORDER BY order_id""",
    "order_items (order_id, product_id, quantity, unit_price, category)": """
        SELECT order_id + {shift}, product_id + {shift}, quantity, unit_price, category
        FROM order_items WHERE order_id BETWEEN {orders} + 1 AND {most} ORDER BY order_item_id""",
}
LAST = """
    SELECT (SELECT coalesce(max(user_id), 0) FROM users WHERE user_id < {shift}),
        (SELECT coalesce(max(product_id), 0) FROM products WHERE product_id < {shift}),
        (SELECT coalesce(max(order_id), 0) FROM orders WHERE order_id < {shift})
"""


def seeding(figures: Figures, *, orders: int = 20_000, turns: int = 3) -> None:
    """On the default connection, whose schema is migrated; the rows stay. Medians of alternating turns."""
    taken = [_turn(orders, turn) for turn in range(1, turns + 1)]
    seed, floor = (statistics.median(side) for side in zip(*taken, strict=True))
    value = f"{orders / seed:,.0f} orders/s"
    figures.say(f"seed of {orders:,} orders with items, audited", value, "at least 5,000", orders / seed >= 5_000)
    value = f"{orders / floor:,.0f} orders/s = {floor / seed:.2f}"
    figures.say("a bare COPY of the same rows, audited; seed to it", value)


def _turn(orders: int, turn: int) -> tuple[float, float]:
    from django.db import connection

    from audit.actor import acting_as
    from orders.seeding.crowd import Size, populate

    size = Size(users=orders // 10, products=500, orders=orders, days=365, seed=turn, until=datetime.now(UTC))
    with connection.cursor() as cursor:
        cursor.execute(LAST.format(shift=SHIFT))
        last = dict(zip(("users", "products", "orders"), cursor.fetchone(), strict=True))
    seed = timed(lambda: populate(size))
    rows = {
        columns: _copied_out(query.format(shift=SHIFT * turn, most=SHIFT, **last)) for columns, query in COPIES.items()
    }
    with acting_as("bench"):
        return seed, timed(lambda: [_copied_in(columns, lines) for columns, lines in rows.items()])


def _copied_out(query: str) -> bytes:
    from django.db import connection

    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
        return b"".join(copy)


def _copied_in(columns: str, lines: bytes) -> None:
    from django.db import connection

    with connection.cursor() as cursor, cursor.copy(f"COPY {columns} FROM STDIN") as copy:
        copy.write(lines)


def main() -> int:
    """On a Lakebase Local of its own, as the owner."""
    figures = Figures()
    with local.owned_shop():
        figures.title("The large seed")
        seeding(figures)
    return 1 if figures.missed else 0


if __name__ == "__main__":
    os.chdir(CHECKOUT)
    sys.exit(main())
