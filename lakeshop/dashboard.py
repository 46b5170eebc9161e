"""The dashboard: figures, charts, the latest orders and the activity, and which of them a reader has not seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property

from audit.activity import Activity
from audit.news import summary, version
from catalog.models import Product
from orders import figures
from orders.models import Order
from pages import charts
from pages.requests import Request

CHART_DAYS = 30
LONGEST_CHART = 10
LATEST_ORDERS = 8
# Part of the page, and the tables that it is about.
PARTS = {
    "cards": ("users", "products", "orders"),
    "revenue": ("orders", "order_items"),
    "orders": ("orders", "users"),
    "inventory": ("products",),
}
OF_TODAY = ("cards", "revenue")


@dataclass(frozen=True, kw_only=True)
class Card:
    """A figure; `url` names the page of its rows, where the site has one."""

    title: str
    icon: str
    url: str
    said: str
    change: str
    direction: str


class Dashboard:
    """As a request asks for it; what a template does not ask for is not read.

    In all it takes five queries, that for the visitor's account among them, which brings the summary of the log.
    """

    def __init__(self, request: Request) -> None:
        self._summary = summary(request)
        self._today = datetime.now(UTC).date()
        self._seen = request.GET
        self.activity = Activity(request, self._summary)

    @cached_property
    def versions(self) -> dict[str, str]:
        """Of each part: another one as soon as something is written that it may show, or a day begins."""
        found = {part: version(self._summary, tables) for part, tables in PARTS.items()}
        return found | {part: f"{found[part]}{self._today:%m%d}" for part in OF_TODAY}

    @cached_property
    def changed(self) -> set[str]:
        """The parts that the reader's page, which tells what it shows, has not seen like this."""
        changed = {part for part, word in self.versions.items() if self._seen.get(part) != word}
        return changed if self.activity.is_seen else changed | {"activity"}

    @cached_property
    def _figures(self) -> figures.Figures:
        return figures.of_dashboard(CHART_DAYS)

    @property
    def is_empty(self) -> bool:
        return not self._figures.totals.products.total

    @property
    def cards(self) -> list[Card]:
        totals = self._figures.totals
        return [
            _card("Users", "users", "catalog:user_list", *totals.users, charts.counted),
            _card("Products", "package", "catalog:product_list", *totals.products, charts.counted),
            _card("Orders", "shopping-cart", "orders:order_list", *totals.orders, charts.counted),
            _card("Revenue", "wallet", "", *totals.revenue, charts.money, "of it"),
        ]

    @property
    def revenue_by_day(self) -> charts.Line:
        title = f"Revenue of the last {CHART_DAYS} days (UTC), from completed orders"
        return charts.daily_line("revenue_by_day", title, self._figures.days, unit="Revenue", said=charts.money)

    @property
    def revenue_by_category(self) -> charts.Bars:
        rows = _longest(charts.Row(each.category, each.revenue) for each in self._figures.categories)
        return charts.lying_bars("revenue_by_category", "Revenue by category", rows, unit="Revenue", said=charts.money)

    @property
    def inventory(self) -> charts.Bars:
        best = Product.objects.best_stocked().values_list("name", "stock_quantity", "category")[:LONGEST_CHART]
        rows = [charts.Row(*each) for each in best]
        return charts.lying_bars("inventory_chart", "Most in stock", rows, unit="In stock", group="Category")

    @property
    def orders(self) -> list[Order]:
        return list(Order.objects.newest_first().select_related("user")[:LATEST_ORDERS])


def _card(
    title: str, icon: str, url: str, total: charts.Number, recent: charts.Number, said: charts.Said, what: str = "new"
) -> Card:
    """`recent` is the part of the total that is of the last seven days: what was deleted in them is in neither."""
    words = f"{said(recent) if recent else 'None'} {what} in 7 days"
    return Card(title=title, icon=icon, url=url, said=said(total), change=words, direction="up" if recent else "none")


def _longest(rows: Iterable[charts.Row]) -> list[charts.Row]:
    """As many rows as the chart has room for; those beyond are one, the last."""
    found = list(rows)
    if len(found) <= LONGEST_CHART:
        return found
    kept, others = found[: LONGEST_CHART - 1], found[LONGEST_CHART - 1 :]
    total = sum((Decimal(row.value) for row in others), Decimal(0))
    return [*kept, charts.Row(f"{len(others)} others", total)]
