"""A file on its way into the shop: its lines as texts in a temporary table, judged there, the wrong ones taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from django.db import connection

from pages.counted import counted
from pages.csv_guard import unguarded

from .columns import BLANKS, Kind
from .file import CsvFile, FileRefused
from .other_kinds import refuse_other_kinds
from .statements import Statements

FIRST_ROWS = 10
MOST_NAMED = 10


@dataclass
class Staged:
    """A file in the temporary tables; `columns` has for each heading what it means, None where it is none of ours."""

    file: CsvFile
    kind: Kind
    headings: list[str]
    columns: list[str | None]
    statements: Statements
    lines: int = 0
    sound: int = 0  # of these lines, once the wrong ones are taken out
    rows: list[tuple[int, list[str]]] = field(default_factory=list)

    def ignored(self) -> list[str]:
        """The headings of columns that are none of ours."""
        pairs = enumerate(zip(self.headings, self.columns, strict=True), start=1)
        return [heading or f"(column {place})" for place, (heading, column) in pairs if column is None]


def named(headings: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = len(headings) - MOST_NAMED
    return ", ".join(headings[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def stage(file: IO[bytes], kind: Kind) -> Staged:
    """Copy the file into the temporary tables and judge it there."""
    reader = CsvFile(file)
    headings, columns = _header(reader, kind)
    found = [kind.column(name) for name in columns if name]
    given = tuple(sorted(found, key=lambda column: column.keeps_blanks))
    staged = Staged(reader, kind, headings, columns, Statements(kind, given))
    run(staged.statements.tables)
    _copy(staged)
    if not staged.lines:
        raise FileRefused("The file has a first line with column names and no rows below it.")
    run(staged.statements.judge)
    return staged


def _header(reader: CsvFile, kind: Kind) -> tuple[list[str], list[str | None]]:
    """The headings as they stand, and the column that each of them means; None: not one of ours."""
    reader.choose_delimiter(lambda headings: sum(kind.recognised(heading) is not None for heading in headings))
    headings = [heading.strip() for heading in next(reader.records())[1]]
    columns = [kind.recognised(heading) for heading in headings]
    refuse_other_kinds(headings, kind)
    found = [name for name in columns if name]
    known = ", ".join(column.name for column in kind.columns)
    if not found:
        raise FileRefused(f"The first line names no column of {kind.name}. Name some of these in it: {known}.")
    for name in found:
        if found.count(name) > 1:
            same = [heading for heading, column in zip(headings, columns, strict=True) if column == name]
            raise FileRefused(f"{len(same)} columns mean {name}: {named(same)}. Remove all but one.")
    _refuse_without_key(kind, found)
    return headings, columns


def _refuse_without_key(kind: Kind, found: Sequence[str]) -> None:
    if kind.key in found:
        return
    if kind.key_default is None:
        raise FileRefused(f"The first line has no column {kind.key}, by which {kind.name} are known. Add one.")
    needed = [each.name for each in kind.columns if each.new is None and each.name != kind.key]
    if missing := [name for name in needed if name not in found]:
        raise FileRefused(
            f"The first line has no column {' and no column '.join(missing)}, which new {kind.name} need, and none "
            f"{kind.key}, by which existing ones are known. Add what is missing."
        )


def _copy(staged: Staged) -> None:
    # The statements list the columns in this order.
    trimmed = [staged.columns.index(each.name) for each in staged.statements.given if not each.keeps_blanks]
    kept = [staged.columns.index(each.name) for each in staged.statements.given if each.keeps_blanks]
    nothing = [None] * len(staged.statements.given)
    width, first = len(staged.headings), staged.rows
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(staged.statements.copy) as copy:
        for line, cells in staged.file.records():
            staged.lines += 1
            if len(first) < FIRST_ROWS:
                first.append((line, cells))
            if len(cells) == width:
                if "'" in "".join(cells):  # sooner asked than whether a cell begins with one
                    cells = list(map(unguarded, cells))
                said = [cells[place].strip(BLANKS) for place in trimmed]
                copy.write_row([line, None, *said, *[cells[place] for place in kept]])
            else:
                copy.write_row([line, _broken(staged.file, cells, width), *nothing])


def _broken(file: CsvFile, cells: list[str], width: int) -> str:
    if other := file.other_delimiter(cells, width):
        return file.mixed(other)
    said = f"The line has {counted(len(cells), 'cell')}, the first line {width}."
    return f"{said} A cell that holds the delimiter must be in quotation marks."


def run(sql: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    """The rows of a statement, none when it returns none."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def one(sql: str) -> tuple[Any, ...]:
    return run(sql)[0]
