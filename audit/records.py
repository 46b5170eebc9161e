"""What an entry is about, in words and as a page: told by the images and by the apps, which the audit does not know."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.apps import apps
from django.urls import reverse

# Whichever of these the row had first says its name.
NAMED_BY = ("name", "username")


class RecordPage(NamedTuple):
    """Where a table's records are shown: a URL name, and the column whose value it takes.

    `called` names rows that bear no name, with their columns. An AppConfig declares
    `record_pages = {"order_items": RecordPage("orders:order", "order_id", called="Line of order {order_id}")}`.
    """

    url_name: str
    column: str
    called: str = ""


def tables() -> set[str]:
    """The tables whose records have pages."""
    return {table for config in apps.get_app_configs() for table in getattr(config, "record_pages", {})}


def name(table: str, image: Mapping[str, Any]) -> str:
    """What people call the record; "" when its row bears no name."""
    for column in NAMED_BY:
        if image.get(column):
            return str(image[column])
    page = _page(table)
    try:
        return page.called.format_map(image) if page else ""
    except KeyError:  # a TRUNCATE, or a row from before the column
        return ""


def address(table: str, image: Mapping[str, Any]) -> str | None:
    """The path of the page that shows the record, which may be gone; None when there is none for this table."""
    page = _page(table)
    key = image.get(page.column) if page else None
    return reverse(page.url_name, args=[key]) if page and key is not None else None


def _page(table: str) -> RecordPage | None:
    found = (getattr(config, "record_pages", {}).get(table) for config in apps.get_app_configs())
    return next(filter(None, found), None)
