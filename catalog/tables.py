"""The lists of products and users, column by column."""

from functools import cache
from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator

from pages.tables import Table, address
from pages.templatetags.moments import moment
from pages.templatetags.values import usd

from .models import LOW_STOCK, Product, ShopUser

NUMBER = {"td": {"class": "number"}, "th": {"class": "number"}}
WIDE_ONLY = {"td": {"class": "wide-only"}, "th": {"class": "wide-only"}}
SHOWN_TAGS = 3


class Selection(tables.Column):
    """A box to tick, named by its row."""

    def __init__(self) -> None:
        cell = {"class": "select-cell"}
        super().__init__(accessor="pk", orderable=False, verbose_name="", attrs={"td": cell, "th": cell})

    def render(self, value: Any, record: Any) -> str:  # type: ignore[override]
        label = f"Select {Truncator(record).chars(80)}"
        return format_html('<input type="checkbox" name="pk" value="{}" aria-label="{}">', value, label)

    @property
    def header(self) -> str:
        return format_html('<span class="visually-hidden">{}</span>', "Select")


class ProductTable(Table):
    for_editors = ("select",)

    select = Selection()
    name = tables.Column()
    sku = tables.Column("SKU", attrs=WIDE_ONLY)
    category = tables.Column(attrs=WIDE_ONLY)
    tags = tables.Column(orderable=False, attrs=WIDE_ONLY, empty_values=())
    price = tables.Column(attrs=NUMBER)
    stock_quantity = tables.Column("In stock", attrs=NUMBER)

    class Meta(Table.Meta):
        model = Product
        fields = ("select", "name", "sku", "category", "tags", "price", "stock_quantity")

    def render_name(self, value: str, record: Product) -> str:
        return linked(address("catalog:product", record.pk), value)

    def render_sku(self, value: str) -> str:
        return format_html('<span class="code-text">{}</span>', Truncator(value).chars(24))

    def render_tags(self, value: list[str]) -> str:
        return tag_list(value)

    def render_price(self, value: Any) -> str:
        return usd(value)

    def render_stock_quantity(self, value: int) -> str:
        look = "out" if value == 0 else "low" if value < LOW_STOCK else "in"
        note = {"out": "sold out", "low": "low", "in": ""}[look]
        return format_html('<span class="stock stock-{}">{}</span>{}', look, f"{value:,}", note and f" {note}")


class UserTable(Table):
    for_editors = ("select",)

    select = Selection()
    username = tables.Column()
    email = tables.Column("E-mail", attrs={"td": {"class": "wide-only breakable"}, "th": {"class": "wide-only"}})
    full_name = tables.Column("Name", attrs=WIDE_ONLY)
    role = tables.Column(orderable=False, empty_values=(), accessor="metadata", attrs=WIDE_ONLY)
    is_active = tables.Column("State", orderable=False)
    created_at = tables.Column("Since", attrs=WIDE_ONLY)

    class Meta(Table.Meta):
        model = ShopUser
        fields = ("select", "username", "full_name", "email", "role", "is_active", "created_at")

    def render_username(self, value: str, record: ShopUser) -> str:
        return linked(address("catalog:user", record.pk), value)

    def render_role(self, value: dict[str, Any]) -> str:
        return str(value.get("role") or "") if isinstance(value, dict) else ""

    def render_is_active(self, value: bool) -> str:
        return _state(value)

    def render_created_at(self, value: Any) -> str:
        return moment(value, "day")


@cache
def _state(active: bool) -> str:
    return render_to_string("catalog/_user_state.html", {"active": active})


def linked(url: str, text: str) -> str:
    return format_html('<a class="row-link" dir="auto" href="{}">{}</a>', url, Truncator(text).chars(80))


def tag_list(tags: list[str]) -> str:
    """The first few as chips, and how many more there are."""
    shown = ((Truncator(tag).chars(30),) for tag in tags[:SHOWN_TAGS])
    chips = format_html_join("", '<li class="chip" dir="auto">{}</li>', shown)
    more = format_html('<li class="chip-more">+{}</li>', len(tags) - SHOWN_TAGS) if len(tags) > SHOWN_TAGS else ""
    return format_html('<ul class="chips" aria-label="Tags">{}{}</ul>', chips, more) if tags else ""
