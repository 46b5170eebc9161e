"""The dashboard's figures: each one query, exact, and as fast with a million orders as with ten.

The database keeps them with every write (0007_figures.sql). Revenue and units sold are those of completed orders; days
are UTC's; the last seven days end with today.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

# What figures_differences() calls an order whose total is not its lines' sum.
ORDER_TOTAL = "total of order"

# Each as JSON text: numbers in it keep their digits.
DASHBOARD = """
SELECT json_build_array(users, products, orders, revenue, week_users, week_products, week_orders, week_revenue)::text,
    (SELECT coalesce(json_agg(json_build_array(day, revenue) ORDER BY day), '[]')::text FROM revenue_by_day(%s)),
    (SELECT coalesce(json_agg(json_build_array(category, units, revenue) ORDER BY revenue DESC, category), '[]')::text
        FROM revenue_by_category())
FROM shop_totals()
"""


class Count(NamedTuple):
    """How many there are, and how many of them are of the last seven days."""

    total: int
    change: int


class Money(NamedTuple):
    """All revenue, and that of the orders of the last seven days."""

    total: Decimal
    change: Decimal


class Totals(NamedTuple):
    users: Count
    products: Count
    orders: Count
    revenue: Money


class DayRevenue(NamedTuple):
    day: date
    revenue: Decimal


class CategorySales(NamedTuple):
    """What was sold of a category: the one its product had when the line was written."""

    category: str
    units: int
    revenue: Decimal


class ProductSales(NamedTuple):
    """What was sold of a product; its name and category are today's."""

    product_id: int
    sku: str
    name: str
    category: str
    units: int
    revenue: Decimal


class Figures(NamedTuple):
    """All that the dashboard shows of sales."""

    totals: Totals
    days: list[DayRevenue]
    categories: list[CategorySales]


class Difference(NamedTuple):
    """A figure that is kept wrong: of what (a day, a category, a key), what is kept and what a count gives."""

    figure: str
    of: str
    kept: Decimal
    counted: Decimal

    def __str__(self) -> str:
        return f"{self.figure} {self.of}: {self.kept}, but counted {self.counted}"


def totals() -> Totals:
    return _totals(*_rows("SELECT * FROM shop_totals()")[0])


def revenue_by_day(days: int = 30) -> list[DayRevenue]:
    """The last `days` days, oldest first; also those on which nothing was sold."""
    return [DayRevenue(*row) for row in _rows("SELECT * FROM revenue_by_day(%s)", days)]


def revenue_by_category() -> list[CategorySales]:
    """The highest revenue first."""
    return [CategorySales(*row) for row in _rows("SELECT * FROM revenue_by_category()")]


def of_dashboard(days: int = 30) -> Figures:
    """The totals, the revenue by day and by category, in one round trip."""
    found, by_day, by_category = (_exact(each) for each in _rows(DASHBOARD, days)[0])
    return Figures(
        _totals(*found),
        [DayRevenue(date.fromisoformat(day), Decimal(revenue)) for day, revenue in by_day],
        [CategorySales(category, units, Decimal(revenue)) for category, units, revenue in by_category],
    )


def top_products(limit: int = 10) -> list[ProductSales]:
    """The best sold of all time, by units."""
    return [ProductSales(*row) for row in _rows("SELECT * FROM top_products(%s)", limit)]


def top_products_this_week(limit: int = 10) -> list[ProductSales]:
    """The best sold in orders of the last seven days, by units."""
    return [ProductSales(*row) for row in _rows("SELECT * FROM top_products_this_week(%s)", limit)]


def differences() -> list[Difference]:
    """The figures that are not what counting all rows gives, and the orders whose total is not their lines' sum.

    Counts every row of the shop: seconds for a million orders.
    """
    fold()  # the week that is kept is today's then, and can be compared
    return [Difference(*row) for row in _rows("SELECT * FROM figures_differences()")]


def recount() -> None:
    """Count all figures anew; writers wait meanwhile. For the owner of the tables: others get a ProgrammingError."""
    _rows("SELECT recount_figures()")


def fold() -> None:
    """Sum up what writes have left, which otherwise a reader does: for the end of a bulk load."""
    _rows("SELECT fold_figures()")


def _totals(users: int, products: int, orders: int, revenue: Decimal, *week: Any) -> Totals:
    """Of the columns of shop_totals()."""
    sold = Money(Decimal(revenue), Decimal(week[3]))
    return Totals(Count(users, week[0]), Count(products, week[1]), Count(orders, week[2]), sold)


def _exact(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def _rows(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()
