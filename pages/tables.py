"""Lists with search, filters, sorting and pages: as a page, and alone for htmx."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from inspect import signature
from typing import Any, ClassVar

import django_tables2
from django.db.models import QuerySet
from django.forms import BaseForm
from django.urls import get_script_prefix, reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django_filters.filterset import FilterSet
from django_tables2.columns.base import BoundColumn
from django_tables2.utils import Accessor

from .keyset import count_of, slice_of
from .requests import Request
from .roles import Role, role_of
from .searching import SearchedFilter

SOME_KEY = 2**53 + 1


def address(view: str, key: int) -> str:
    """The address of a row's page. Django's own `reverse` takes as long for it as all else in the cell."""
    before, after = _address(view, get_script_prefix())
    return f"{before}{key}{after}"


@cache
def _address(view: str, prefix: str) -> tuple[str, str]:
    before, _, after = reverse(view, args=[SOME_KEY]).rpartition(str(SOME_KEY))
    return before, after


class Sliced(django_tables2.data.TableData):
    """Rows that the database has put in order already."""

    def __init__(self, data: list[Any]) -> None:
        super().__init__(data)

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.data)

    def order_by(self, aliases: Any) -> None:
        """Nothing: the page is a part of an ordered whole."""


class Table(django_tables2.Table):
    """Our design. The class "number" of a column's cells sets figures flush right, "wide-only" spares phones."""

    base_columns: ClassVar[dict[str, django_tables2.Column]]
    for_editors: ClassVar[tuple[str, ...]] = ()  # columns that others do not get

    class Meta:
        template_name = "tables/table.html"
        attrs = {"class": "table"}
        order_by_field = "sort"

    def lines(self) -> Iterator[SafeString]:
        """The cells of each row as HTML.

        As rows of django-tables2 make them from columns and `render_...` methods, which take `value` and `record` here,
        but a column's attributes and the signature of its method are looked at once, not for each cell: half the time
        of a page. Attributes that depend on the row are not for this.
        """
        cells = [Cell.of(column) for column in self.columns]
        for record in self.data:
            yield mark_safe("".join([cell.html(record) for cell in cells]))


@dataclass(frozen=True)
class Cell:
    """One column's part of a row: what is shown, how, and where there is nothing."""

    opening: SafeString
    accessor: Accessor
    render: Callable[..., Any]
    wanted: frozenset[str]
    empty: Sequence[Any]
    default: Any

    @classmethod
    def of(cls, column: BoundColumn) -> "Cell":
        opening = format_html("<td {}>", column.attrs["td"].as_html())
        render: Callable[..., Any] = column.render  # type: ignore[attr-defined]  # set by the table
        wanted = frozenset(signature(render).parameters) & {"value", "record"}
        return cls(opening, column.accessor, render, wanted, column.column.empty_values, column.default)

    def html(self, record: Any) -> str:
        value = self.accessor.resolve(record)
        if value in self.empty:
            shown = self.default
        else:
            given = {"value": value, "record": record}
            shown = self.render(**{name: given[name] for name in self.wanted})
        return f"{self.opening}{conditional_escape(shown)}</td>"


def faults_of(form: BaseForm) -> list[str]:
    """What was asked for and cannot be, in words: then nothing is found, where django-filter would leave it out."""
    return [f"{form[name].label}: {' '.join(map(str, errors))}" for name, errors in form.errors.items()]


def listing(
    request: Request, rows: QuerySet[Any], *, filters: type[FilterSet], table: type[Table], order: str
) -> dict[str, Any]:
    """What templates/tables/ need: the filter with its form, the table of one page, the pager, the count.

    `order` is how the list is sorted unless ?sort= names another of the table's sortable columns.
    """
    chosen = filters(request.GET, queryset=rows)
    faults = faults_of(chosen.form)
    found = rows.none() if faults else chosen.qs
    sort = request.GET.get("sort", "")
    column = table.base_columns.get(sort.removeprefix("-"))
    if column is None or column.orderable is False:
        sort = order
    at = request.GET.get("at", "")
    page = slice_of(found, sort, at)
    may_edit = role_of(request.user) >= Role.EDITOR
    return {
        "filter": chosen,
        "is_filtered": any(request.GET.get(field.name) for field in chosen.form.visible_fields()),
        "table": table(Sliced(page.rows), order_by=sort, exclude=() if may_edit else table.for_editors),
        "page": page,
        # What is on the only page need not be asked for again.
        "count": f"{len(page.rows)}" if not at and not page.following else _count(chosen, found),
        "faults": faults,
        "may_edit": may_edit,
    }


def _count(chosen: FilterSet, found: QuerySet[Any]) -> str:
    return chosen.count(found) if isinstance(chosen, SearchedFilter) else count_of(found)
