"""Searching and filtering the list of orders, and how many there are in each status."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet
from django.forms import DateInput, HiddenInput, TextInput
from django_filters.filters import CharFilter, ChoiceFilter, DateFilter
from django_filters.filterset import FilterSet

from audit.paging import whole_number
from catalog.filters import CHOICE
from catalog.models import ShopUser

from .forms import DaysForm
from .models import Order, Status

SEARCH = {"type": "search", "autocomplete": "off", "maxlength": 200}
NO_DAY = {"invalid": "Write a day as 2026-11-25."}
MOST_CUSTOMERS = 100
FENCE = 2**31
COUNTED = 1000
# Each by itself: PostgreSQL then knows which statuses are rare, and which index has them.
COUNT_EACH = "SELECT " + ", ".join(
    f"(SELECT count(*) FROM (SELECT FROM orders WHERE status = '{status}' LIMIT {COUNTED + 1}) AS counted)"
    for status in Status.values
)


def _day() -> DateInput:
    return DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class OrderFilter(FilterSet):
    """`is_partial`: so many customers have the words that only the orders of some were looked for.

    `note` stands below the fields.
    """

    note = "Days begin and end in UTC."
    is_partial, most_customers = False, MOST_CUSTOMERS

    # Chosen by the tabs above the list.
    status = ChoiceFilter(choices=Status.choices, label="Status", widget=HiddenInput, **CHOICE)
    q = CharFilter(method="matching", label="Order number or customer", widget=TextInput(attrs=SEARCH))
    since = DateFilter(method="from_day", label="From", widget=_day(), error_messages=NO_DAY)
    until = DateFilter(method="to_day", label="To", widget=_day(), error_messages=NO_DAY)

    class Meta:
        model = Order
        fields = ("status", "q", "since", "until")
        form = DaysForm

    def matching(self, rows: QuerySet[Order], name: str, words: str) -> QuerySet[Order]:
        number = whole_number(words.strip().removeprefix("#"))
        if number is not None:
            return rows.filter(pk=number)
        # The customers first: joined, the list would be walked from its newest order to the first that fits.
        found = ShopUser.objects.with_words(words).order_by().values_list("pk", flat=True)
        keys = list(found[: MOST_CUSTOMERS + 1])
        self.is_partial = len(keys) > MOST_CUSTOMERS
        if len(keys) == 1:  # the index has the orders of one in order
            return rows.filter(user=keys[0])
        # Of several, theirs are fetched whole, fenced by a limit: else the list would be walked all the same.
        theirs = Order.objects.filter(user__in=keys[:MOST_CUSTOMERS]).order_by().values("pk")[:FENCE]
        return rows.filter(pk__in=theirs)

    def from_day(self, rows: QuerySet[Order], name: str, day: date) -> QuerySet[Order]:
        return rows.filter(order_date__gte=datetime.combine(day, time.min, UTC))

    def to_day(self, rows: QuerySet[Order], name: str, day: date) -> QuerySet[Order]:
        return rows.filter(order_date__lte=datetime.combine(day, time.max, UTC))


class Tab(NamedTuple):
    """A status to choose, "" for all of them, and how many orders there are in it: "12" or "1,000+"."""

    status: str
    label: str
    found: str

    @property
    def chosen(self) -> str | None:
        """As it stands in the address, where "all" is nothing."""
        return self.status or None


def tabs() -> list[Tab]:
    """One query; each status is counted up to a thousand."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_EACH)
        found = cursor.fetchone()
    counted = (Tab(each, each.label, _told(count)) for each, count in zip(Status, found, strict=True))
    return [Tab("", "All", ""), *counted]


def _told(count: int) -> str:
    return f"{COUNTED:,}+" if count > COUNTED else f"{count:,}"
