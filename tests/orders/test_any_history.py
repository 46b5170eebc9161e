"""Property-based: whatever is written, and however, the figures are what the rows say, folded or not."""

import os
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders import figures
from orders.models import Status
from tests.conftest import act_as
from tests.orders.exact import assert_exact
from tests.shop import sql

EXAMPLES = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else 60

# %(a)s, %(b)s, %(c)s are small numbers, %(day)s days from today, %(status)s a status. Keys are few and given, so that
# they come back after a deletion and statements meet the rows of others.
DAY = "now() + %(day)s * interval '1 day'"
KEY = "(%(a)s + 3 * %(c)s)"
WRITES = [
    f"INSERT INTO users (user_id, email, username, created_at) VALUES ({KEY}, {KEY} || '@x.org', {KEY}, {DAY})",
    f"""INSERT INTO products (product_id, sku, name, price, stock_quantity, category, created_at)
        VALUES ({KEY}, {KEY}, 'Lamp', %(b)s, 9, 'C' || %(c)s, {DAY})""",
    f"""INSERT INTO users (user_id, email, username) SELECT n, n || '@x.org', n FROM generate_series(10, 10 + %(a)s) n
        ON CONFLICT (lower(email)) DO UPDATE SET created_at = {DAY}""",
    f"UPDATE users SET created_at = {DAY} WHERE user_id %% 3 = %(c)s",
    f"UPDATE products SET created_at = {DAY}, price = %(b)s, category = 'C' || %(c)s WHERE product_id >= %(a)s",
    "UPDATE products SET product_id = product_id + 10, stock_quantity = 7 WHERE product_id = %(a)s",
    "DELETE FROM users WHERE user_id >= %(a)s",
    "DELETE FROM products WHERE product_id = %(a)s",
    "SELECT * FROM place_order(%(a)s, ARRAY[%(b)s, %(c)s, %(a)s], ARRAY[1, %(b)s, 1])",
    f"""INSERT INTO orders (order_id, user_id, status, total_amount, order_date)
        VALUES ({KEY}, %(b)s, %(status)s, %(c)s * 1.25, {DAY})""",
    f"""WITH made AS (INSERT INTO orders (order_id, user_id, status, total_amount, order_date)
            SELECT n, %(a)s, %(status)s, n, {DAY} FROM generate_series({KEY}, {KEY} + %(c)s) AS n RETURNING order_id)
        INSERT INTO order_items (order_id, product_id, quantity, unit_price, category)
        SELECT order_id, product_id, %(c)s + 1, price, 'C9' FROM made, products WHERE product_id <= %(a)s""",
    """INSERT INTO orders (order_id, user_id, total_amount) SELECT %(a)s, user_id, 1 FROM users LIMIT 1
        ON CONFLICT (order_id) DO UPDATE SET status = %(status)s, total_amount = orders.total_amount + 1""",
    "UPDATE orders SET status = %(status)s WHERE order_id %% 3 = %(c)s",
    "UPDATE orders SET status = (order_status_following(status))[1] WHERE order_status_following(status) <> '{}'",
    "UPDATE orders SET status = 'completed' WHERE status = 'shipped'",
    "UPDATE orders SET status = 'cancelled' WHERE status IN ('pending', 'paid') AND order_id >= %(a)s",
    f"UPDATE orders SET order_date = {DAY} WHERE order_id %% 3 = %(c)s",
    "UPDATE orders SET order_date = order_date + interval '6 hours', total_amount = total_amount + %(c)s",
    "UPDATE orders SET payment_method = 'paypal'",
    "UPDATE orders SET order_id = order_id + 10 WHERE order_id = %(a)s",
    "DELETE FROM orders WHERE order_id >= %(a)s",
    "DELETE FROM orders WHERE order_id = %(a)s",
    """INSERT INTO order_items (order_id, product_id, quantity, unit_price)
        SELECT %(a)s, product_id, %(b)s, %(c)s * 0.5 FROM products WHERE product_id <= %(b)s""",
    "UPDATE order_items SET quantity = %(b)s, unit_price = %(c)s WHERE order_id = %(a)s",
    "UPDATE order_items SET product_id = %(a)s WHERE product_id = %(b)s",
    "UPDATE order_items SET order_id = %(a)s WHERE order_id = %(b)s",
    "UPDATE order_items SET category = 'C' || %(c)s, order_item_id = order_item_id + 1000",
    "DELETE FROM order_items WHERE order_id = %(a)s",
    "DELETE FROM order_items WHERE order_item_id %% 3 = %(c)s",
    """WITH lines AS (DELETE FROM order_items WHERE order_id = %(a)s AND product_id <= %(b)s)
        DELETE FROM orders WHERE order_id = %(a)s""",
    """WITH lines AS (DELETE FROM order_items WHERE order_id >= %(a)s RETURNING 1),
        gone AS (DELETE FROM orders WHERE order_id >= %(a)s AND (SELECT count(*) FROM lines) >= 0 RETURNING 1)
        SELECT count(*) FROM gone""",
    """WITH lines AS (UPDATE order_items SET order_id = %(b)s WHERE order_id = %(a)s)
        DELETE FROM orders WHERE order_id = %(a)s AND %(a)s <> %(b)s""",
    "SELECT fold_figures()",
    "SELECT fold_figures()",
    "SELECT move_figures_week(figures_today() + %(c)s)",
    "SELECT recount_figures()",
    "TRUNCATE order_items",
    "TRUNCATE orders CASCADE",
    "TRUNCATE products CASCADE",
    "TRUNCATE users, orders, order_items, order_placements",
]  # fmt: skip
SETTING = """
INSERT INTO users (user_id, email, username) VALUES (1, 'a@x.org', 'a'), (2, 'b@x.org', 'b');
INSERT INTO products (product_id, sku, name, price, stock_quantity, category)
    SELECT n, n, 'Lamp', n, 100, 'C' || n % 2 FROM generate_series(1, 4) AS n;
INSERT INTO orders (order_id, user_id, status, total_amount, order_date)
    SELECT n, 1, (ARRAY['completed', 'shipped', 'pending'])[n], n, now() - n * interval '3 days'
    FROM generate_series(1, 3) AS n;
INSERT INTO order_items (order_id, product_id, quantity, unit_price)
    SELECT o, p, o + p, p FROM generate_series(1, 3) AS o, generate_series(1, 3) AS p;
"""


class Step(NamedTuple):
    write: str
    parameters: dict[str, Any]
    kept: bool


small = st.integers(1, 4)
steps = st.builds(
    Step,
    st.sampled_from(WRITES),
    st.fixed_dictionaries(
        {"a": small, "b": small, "c": st.integers(0, 2), "day": st.integers(-9, 2), "status": st.sampled_from(Status)}
    ),
    st.sampled_from([True, True, True, True, False]),
)


@pytest.fixture
def owned(own_database: str, app_principal: dict[str, str]) -> Iterator[None]:
    act_as(connection, None)
    yield
    act_as(connection, app_principal)


@pytest.mark.fuzz
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(steps, min_size=1, max_size=15))
def test_figures_are_what_the_rows_say(owned: None, history: list[Step]) -> None:
    with transaction.atomic():
        sql(SETTING)
        for step in history:
            take(step)
        assert_exact(limit=1)
        figures.fold()
        assert_exact(limit=1)
        transaction.set_rollback(True)


def take(step: Step) -> None:
    """Refused by a constraint or undone at will, it shall leave no trace."""
    try:
        with transaction.atomic():
            sql(step.write, step.parameters)
            if not step.kept:
                transaction.set_rollback(True)
    except IntegrityError:
        pass
