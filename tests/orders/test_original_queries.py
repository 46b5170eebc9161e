"""Queries that the original's readers know run unmodified."""

import pytest

from tests.shop import ann, lamp, order_of, sql

QUERIES = [
    """SELECT table_name, operation, record_id, new_data->>'name' as item_name, created_at
    FROM ecommerce.audit_log WHERE operation = 'INSERT' ORDER BY created_at DESC LIMIT 20;""",
    "SELECT product_id, name, price, created_at FROM ecommerce.products ORDER BY created_at DESC LIMIT 5;",
    "SELECT * FROM ecommerce.audit_log ORDER BY created_at DESC LIMIT 10;",
]


@pytest.mark.django_db
@pytest.mark.parametrize("query", QUERIES)
def test_query_gives_rows(query: str) -> None:
    order_of(ann(), (lamp(), 2))
    assert sql(query)
