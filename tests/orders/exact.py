"""The dashboard's figures counted from the rows, another way than the database keeps them."""

from datetime import timedelta
from typing import Any

from orders import figures
from tests.shop import sql, value

SALES = """FROM orders JOIN order_items USING (order_id) JOIN products USING (product_id)
    WHERE status = 'completed' AND (order_date AT TIME ZONE 'UTC')::date BETWEEN %s AND %s"""
ALWAYS = ["-infinity", "infinity"]


def assert_exact(limit: int = 3) -> None:
    """Every figure that a page reads, and every sum that is kept, is what the rows say."""
    assert sql("SELECT * FROM figures_differences() WHERE figure <> %s", [figures.ORDER_TOTAL]) == []
    today = value("SELECT figures_today()")
    week = [today - timedelta(days=6), today]
    assert [tuple(count) for count in figures.totals()] == totals(week)
    assert list(map(tuple, figures.revenue_by_day(20))) == by_day(today)
    assert list(map(tuple, figures.revenue_by_category())) == by_category()
    assert list(map(tuple, figures.top_products(limit))) == top(ALWAYS, limit)
    assert list(map(tuple, figures.top_products_this_week(limit))) == top(week, limit)


def totals(week: list[Any]) -> list[tuple[Any, Any]]:
    counts = []
    for table, moment in (("users", "created_at"), ("products", "created_at"), ("orders", "order_date")):
        within = f"FILTER (WHERE ({moment} AT TIME ZONE 'UTC')::date BETWEEN %s AND %s)"
        counts += sql(f"SELECT count(*), count(*) {within} FROM {table}", week)
    revenue = """SELECT coalesce(sum(total_amount), 0), coalesce(sum(total_amount)
        FILTER (WHERE (order_date AT TIME ZONE 'UTC')::date BETWEEN %s AND %s), 0)
        FROM orders WHERE status = 'completed'"""
    return counts + sql(revenue, week)


def by_day(today: Any) -> list[tuple[Any, ...]]:
    query = """SELECT day::date, coalesce((SELECT sum(total_amount) FROM orders WHERE status = 'completed'
            AND (order_date AT TIME ZONE 'UTC')::date = day::date), 0)
        FROM generate_series(%s::date - 19, %s, interval '1 day') AS day ORDER BY 1"""
    return sql(query, [today, today])


def by_category() -> list[tuple[Any, ...]]:
    query = f"SELECT order_items.category, sum(quantity), sum(subtotal) {SALES} GROUP BY 1 ORDER BY 3 DESC, 1"
    return sql(query, ALWAYS)


def top(days: list[Any], limit: int) -> list[tuple[Any, ...]]:
    query = f"""SELECT products.product_id, sku, name, products.category, sum(quantity), sum(subtotal) {SALES}
        GROUP BY products.product_id ORDER BY 5 DESC, 6 DESC, 1 LIMIT %s"""
    return sql(query, [*days, limit])
