"""Tables are written out faster than django-tables2 does it, and say the same."""

from html.parser import HTMLParser

import lucide
import pytest
from django.template import Context, Template
from django.utils.html import format_html

from catalog.models import Product, ShopUser
from catalog.tables import ProductTable, UserTable
from orders.models import Order, Status
from orders.tables import OrderTable
from pages.tables import Sliced, Table
from tests.shop import ann, lamp

HOSTILE = "<script>alert(1)</script> & \"quotes\" 'single' {{ braces }}"


class Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(f"<{tag} {sorted(attrs, key=str)}>")

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def parsed(html: str) -> list[str]:
    cells = Cells()
    cells.feed(html)
    return cells.found


def by_the_library(table: Table) -> list[str]:
    return [
        "".join(format_html("<td {}>{}</td>", column.attrs["td"].as_html(), cell) for column, cell in row.items())
        for row in table.rows
    ]


def some_tables() -> list[Table]:
    lamp(name=HOSTILE, price=5, tags=[HOSTILE, "a", "b", "c"], sku="X" * 60, stock_quantity=0)
    lamp(sku="B", stock_quantity=3)
    user = ann(full_name=HOSTILE, metadata={"role": HOSTILE})
    ann(username="bob", email="bob@example.org", full_name="", is_active=False)
    Order.objects.create(user=user, status=Status.SHIPPED, total_amount=12345)
    return [
        ProductTable(Sliced(list(Product.objects.all()))),
        UserTable(Sliced(list(ShopUser.objects.all()))),
        OrderTable(Sliced(list(Order.objects.all()))),
    ]


@pytest.mark.django_db
def test_lines_are_those_of_the_library() -> None:
    for table in some_tables():
        assert [parsed(line) for line in table.lines()] == [parsed(line) for line in by_the_library(table)]


@pytest.mark.django_db
def test_a_value_is_text() -> None:
    html = "".join(line for table in some_tables() for line in table.lines())
    assert "<script" not in html and "&lt;script&gt;" in html


def test_an_icon_is_that_of_the_library() -> None:
    shown = Template('{% load lucide %}{% lucide "plus" size=16 aria_hidden="true" %}').render(Context())
    assert shown == lucide._render_icon("plus", 16, aria_hidden="true")
