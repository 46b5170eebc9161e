"""The original's queries, from its README, its guide and its query builder, run unmodified and say something."""

import re
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from orders.models import Order
from tests.shop import sql

pytestmark = pytest.mark.django_db

# As the README has them.
README = {
    "verify inserts": """SELECT
    table_name,
    operation,
    record_id,
    new_data->>'name' as item_name,
    created_at
FROM ecommerce.audit_log
WHERE operation = 'INSERT'
ORDER BY created_at DESC
LIMIT 20;""",
    "recent products": """-- Check recent products
SELECT product_id, name, price, created_at
FROM ecommerce.products
ORDER BY created_at DESC
LIMIT 5;""",
    "audit log": """-- Check audit log
SELECT * FROM ecommerce.audit_log
ORDER BY created_at DESC
LIMIT 10;""",
}
# What the pages and the query builder asked, and the guide taught.
QUERIES = README | {
    "all users": "SELECT * FROM ecommerce.users",
    "all products": "SELECT * FROM ecommerce.products",
    "recent orders": """SELECT o.order_id, u.username, o.order_date, o.status, o.total_amount
        FROM ecommerce.orders o JOIN ecommerce.users u ON o.user_id = u.user_id ORDER BY o.order_date DESC LIMIT 10""",
    "audit log summary": """SELECT table_name, operation, COUNT(*) AS count, MAX(created_at) AS last_change
        FROM ecommerce.audit_log GROUP BY table_name, operation ORDER BY table_name, operation""",
    "recent inserts": """SELECT table_name, record_id, new_data->>'name' AS name, created_at, created_by
        FROM ecommerce.audit_log WHERE operation = 'INSERT' ORDER BY created_at DESC LIMIT 10""",
    "users and their roles": """SELECT username, metadata->>'role' AS role, metadata->>'tier' AS tier
        FROM ecommerce.users WHERE metadata->>'role' IS NOT NULL OR metadata->>'tier' IS NOT NULL""",
    "gold customers": """SELECT username FROM ecommerce.users WHERE metadata @> '{"tier": "gold"}'""",
    "a tag": "SELECT name, tags FROM ecommerce.products WHERE 'laptop' = ANY(tags)",
    "some of several tags": "SELECT name, tags FROM ecommerce.products WHERE tags && ARRAY['laptop', 'storage']",
    "orders by city": """SELECT shipping_address->>'city' AS city, COUNT(*) FROM ecommerce.orders
        GROUP BY shipping_address->>'city'""",
    "product inventory": """SELECT name, stock_quantity, category FROM ecommerce.products
        ORDER BY stock_quantity DESC LIMIT 10""",
    "top selling products": """SELECT p.name, SUM(oi.quantity) AS total_sold, SUM(oi.subtotal) AS revenue
        FROM ecommerce.products p JOIN ecommerce.order_items oi ON p.product_id = oi.product_id
        GROUP BY p.product_id, p.name ORDER BY total_sold DESC LIMIT 10""",
    "revenue by category": """SELECT p.category, SUM(oi.subtotal) AS revenue
        FROM ecommerce.order_items oi JOIN ecommerce.products p ON oi.product_id = p.product_id
        JOIN ecommerce.orders o ON oi.order_id = o.order_id WHERE o.status = 'completed'
        GROUP BY p.category ORDER BY revenue DESC""",
    "revenue": "SELECT SUM(total_amount) FROM ecommerce.orders WHERE status = 'completed'",
    "user purchase history": """SELECT u.username, o.order_id, o.order_date, p.name, oi.quantity, oi.subtotal
        FROM ecommerce.users u JOIN ecommerce.orders o ON u.user_id = o.user_id
        JOIN ecommerce.order_items oi ON o.order_id = oi.order_id
        JOIN ecommerce.products p ON oi.product_id = p.product_id ORDER BY o.order_date DESC""",
    "top customers": """SELECT u.username, u.email, COUNT(o.order_id) AS orders, SUM(o.total_amount) AS spent
        FROM ecommerce.users u JOIN ecommerce.orders o ON u.user_id = o.user_id
        GROUP BY u.user_id, u.username, u.email ORDER BY spent DESC LIMIT 10""",
    "low stock": """SELECT product_id, name, stock_quantity, category FROM ecommerce.products
        WHERE stock_quantity < 50 ORDER BY stock_quantity ASC""",
    "orders of the last month": """SELECT DATE_TRUNC('day', order_date) AS day, SUM(total_amount) FROM ecommerce.orders
        WHERE order_date > NOW() - INTERVAL '30 days' GROUP BY 1 ORDER BY 1""",
}


@pytest.fixture(autouse=True)
def _sample(db: None) -> None:
    call_command("seed", stdout=StringIO())


def ask(name: str) -> list[tuple[Any, ...]]:
    return sql(QUERIES[name])


@pytest.mark.parametrize("name", QUERIES)
def test_query_gives_rows(name: str) -> None:
    rows = ask(name)
    assert rows
    assert any(cell is not None for row in rows for cell in row)


def test_they_say_what_is_in_the_sample() -> None:
    assert len(ask("all users")) == 5 and len(ask("all products")) == 10 and len(ask("recent orders")) == 4
    assert len(ask("user purchase history")) == 8
    assert ask("gold customers") == [("johndoe",)]
    assert {name for name, _ in ask("a tag")} == {"Laptop Pro 2024"}
    assert next(name for _, name, *_ in ask("recent products")) == "External SSD 1TB"


def test_sums_agree_with_each_other() -> None:
    ((revenue,),) = ask("revenue")
    assert sum((amount for _, amount in ask("revenue by category")), Decimal(0)) == revenue > 0
    totals = sum(Order.objects.values_list("total_amount", flat=True))
    assert sum(spent for *_, spent in ask("top customers")) == totals
    counted = {(table, operation): count for table, operation, count, _ in ask("audit log summary")}
    assert counted["products", "INSERT"] == 10 and counted["order_items", "INSERT"] == 8


def test_none_of_them_was_adapted_to_us() -> None:
    """They name the original's tables and columns, and nothing that only we have."""
    ours = re.compile(r"\b(sku|actor|request_id|txid|stock_taken|idempotency_key)\b")
    assert not [name for name, query in QUERIES.items() if ours.search(query)]
