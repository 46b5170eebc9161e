"""The history of imports, column by column."""

from datetime import datetime

import django_tables2 as tables
from django.urls import reverse
from django_filters.filters import ChoiceFilter
from django_filters.filterset import FilterSet

from pages.tables import Table
from pages.templatetags.moments import ago

from ..filters import CHOICE
from ..models import CsvImport
from ..tables import NUMBER, WIDE_ONLY, linked
from .columns import KINDS

WIDE_NUMBER = {each: {"class": "number wide-only"} for each in ("td", "th")}


class ImportFilter(FilterSet):
    kind = ChoiceFilter(choices=[(name, name.capitalize()) for name in KINDS], label="Kind", **CHOICE)

    class Meta:
        model = CsvImport
        fields = ("kind",)


class ImportTable(Table):
    file_name = tables.Column("File", orderable=False, empty_values=())
    kind = tables.Column(orderable=False, attrs=WIDE_ONLY)
    inserted = tables.Column("New", orderable=False, attrs=NUMBER)
    updated = tables.Column("Changed", orderable=False, attrs=WIDE_NUMBER)
    unchanged = tables.Column("Unchanged", orderable=False, attrs=WIDE_NUMBER)
    rejected = tables.Column("Rejected", orderable=False, attrs=NUMBER)
    actor = tables.Column("By", orderable=False, attrs=WIDE_ONLY)
    imported_at = tables.Column("When", orderable=False)

    class Meta(Table.Meta):
        model = CsvImport
        fields = ("file_name", "kind", "inserted", "updated", "unchanged", "rejected", "actor", "imported_at")

    def render_file_name(self, value: str, record: CsvImport) -> str:
        return linked(reverse("catalog:bulk_result", args=[record.pk]), value or "a file")

    def render_inserted(self, value: int) -> str:
        return f"{value:,}"

    render_updated = render_unchanged = render_rejected = render_inserted

    def render_imported_at(self, value: datetime) -> str:
        return ago(value)
