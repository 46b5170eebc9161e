"""The list of orders, column by column."""

from functools import cache
from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.text import Truncator

from pages.tables import Table, address
from pages.templatetags.moments import moment
from pages.templatetags.values import usd

from .models import Order

NUMBER = {"td": {"class": "number"}, "th": {"class": "number"}}
WIDE_ONLY = {"td": {"class": "wide-only order-plain"}, "th": {"class": "wide-only"}}


class OrderTable(Table):
    """Sorted by what an index keeps in order, so that a page costs the same among millions."""

    order_id = tables.Column("Order")
    user = tables.Column("Customer", orderable=False, attrs={"td": {"class": "order-customer"}})
    order_date = tables.Column("Placed", attrs=WIDE_ONLY)
    status = tables.Column(orderable=False)
    payment_method = tables.Column("Payment", orderable=False, attrs=WIDE_ONLY)
    total_amount = tables.Column("Total", orderable=False, attrs=NUMBER)

    class Meta(Table.Meta):
        model = Order
        fields = ("order_id", "user", "order_date", "status", "payment_method", "total_amount")

    def render_order_id(self, value: int) -> str:
        return format_html('<a class="order-link" href="{}">#{}</a>', address("orders:order", value), value)

    def render_user(self, record: Order) -> str:
        name = record.user.full_name or record.user.username
        return format_html('<span class="value" dir="auto">{}</span>', Truncator(name).chars(60))

    def render_order_date(self, value: Any) -> str:
        return moment(value)

    def render_status(self, record: Order) -> str:
        return _status(record.status)

    def render_payment_method(self, record: Order) -> str:
        return record.get_payment_method_display()

    def render_total_amount(self, value: Any) -> str:
        return usd(value)


@cache
def _status(status: str) -> str:
    return render_to_string("orders/_status.html", {"status": status})
