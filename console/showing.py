"""A result on the page: its cells as HTML by the family of their column, one page of its rows, in some order."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from pages.csv_guard import guarded

from .indented import indented
from .ordering import Order
from .result import Cell, Column, Cut, Family, Result, Row

PAGE = 50
IN_LINE = {Family.JSON: 60, Family.TEXT: 300}
IN_LINE_ELSE = 120
LINES = 3
LEAD = 60
TRUTH = {"t": "true", "f": "false"}
NULL = mark_safe('<span class="null">NULL</span>')
EMPTY = mark_safe('<span class="nothing">empty</span>')


@dataclass(frozen=True)
class Heading:
    """`sort` is what its button asks for next; `aria_sort` says how the rows are now."""

    column: Column
    sort: str
    aria_sort: str


@dataclass(frozen=True)
class Shown:
    """One page of a result."""

    result: Result
    headings: list[Heading]
    lines: list[SafeString]
    first: int
    last: int
    page: int
    pages: int
    sort: str
    tsv: str

    @property
    def total(self) -> int:
        return len(self.result.rows)


def shown(result: Result, *, page: int = 1) -> Shown:
    rows = result.rows
    pages = max(-(-len(rows) // PAGE), 1)
    page = min(max(page, 1), pages)
    first = (page - 1) * PAGE
    here = rows[first : first + PAGE]
    families = [column.family for column in result.columns]
    lines = [_line(row, families) for row in here]
    headings = [_heading(number, column, result.order) for number, column in enumerate(result.columns)]
    sort, tsv = str(result.order or ""), as_tsv(result.columns, here)
    return Shown(result, headings, lines, first + 1, first + len(here), page, pages, sort, tsv)


def _heading(number: int, column: Column, order: Order | None) -> Heading:
    if order is None or number != order.place:
        return Heading(column, str(Order(number)), "")
    following = str(Order(number, not order.descending))
    return Heading(column, following, "descending" if order.descending else "ascending")


def _line(row: Row, families: list[Family]) -> SafeString:
    return mark_safe("".join(_td(cell, family) for cell, family in zip(row, families, strict=True)))


def _td(cell: Cell, family: Family) -> str:
    return f'<td class="{"number" if family is Family.NUMBER else f"cell-{family}"}">{cell_html(cell, family)}</td>'


def cell_html(cell: Cell, family: Family) -> SafeString:
    """What a person sees of a value: all of it, folded where it is long."""
    if cell is None:
        return NULL
    if cell == "":
        return EMPTY
    text = str(TRUTH.get(cell, cell) if family is Family.BOOLEAN else cell)
    cut = mark_safe(' <span class="cut">cut here</span>') if isinstance(cell, Cut) else ""
    if len(text) <= IN_LINE.get(family, IN_LINE_ELSE) and text.count("\n") < LINES:
        return format_html('<span class="told" dir="auto">{}</span>{}', text, cut)
    whole = indented(text) if family is Family.JSON else text
    lead = " ".join(text[: 2 * LEAD].split())[:LEAD] + "…"
    return format_html(
        '<details class="fold"><summary><span dir="auto">{}</span></summary>'
        '<pre class="told" dir="auto">\n{}</pre>{}</details>',
        lead,
        whole,
        cut,
    )


def as_tsv(columns: tuple[Column, ...], rows: list[Row]) -> str:
    """For the clipboard, from where spreadsheets take it: cells that hold a tab or a line's end are quoted."""
    lines = [[column.name for column in columns], *([cell or "" for cell in row] for row in rows)]
    return "\n".join("\t".join(map(_tsv_cell, line)) for line in lines)


def _tsv_cell(cell: str) -> str:
    cell = guarded(cell)
    return '"' + cell.replace('"', '""') + '"' if re.search(r'[\t\r\n"]', cell) else cell
