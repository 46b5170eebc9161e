"""The whole result of a statement as a file, row by row, within the limits of a run but for the rows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, count
from tempfile import TemporaryFile

from django.http import FileResponse
from django.utils import timezone

from pages.counted import counted
from pages.csv_guard import guarded
from pages.csv_lines import BYTE_ORDER_MARK

from .json_arrays import json_array
from .mistakes import QueryFailed, Reason
from .result import Cell, Column, Cut, Family, Row
from .running import Limits, Running, running
from .statement import Allowed, Kind

LIMITS = Limits(rows=100_000, size=64_000_000)
MOST_BYTES = 256_000_000  # of the file
TOGETHER = 500  # rows written at once
JSON_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
CSV_QUOTED = re.compile(r'[,"\r\n]')


@dataclass(frozen=True)
class Exported:
    """The answer that is the file, and how the run went; a plan has lines and no rows."""

    answer: FileResponse
    rows: int | None
    seconds: float


def download(statement: Allowed, kind: str, *, name: str) -> Exported:
    """The whole result as a file; `kind` is one of FORMATS. Raises QueryFailed.

    It is laid aside before anything is sent, so that whoever reads it slowly keeps neither a connection nor the place
    of a run, and a statement that fails on its way is told on the page.
    """
    content_type, write = FORMATS[kind]
    with ExitStack() as undo:
        file = undo.enter_context(TemporaryFile())
        with running(statement, name=name, limits=LIMITS) as query:
            for piece in write(query):
                file.write(piece.encode())
                if file.tell() > MOST_BYTES:
                    raise _too_large()
        file.seek(0)
        undo.pop_all()
    named = f"query-{timezone.now():%Y-%m-%d-%H%M}.{kind}"
    answer = FileResponse(file, as_attachment=True, filename=named, content_type=content_type)
    return Exported(answer, None if statement.kind is Kind.PLAN else query.fetched, query.seconds)


def _too_large() -> QueryFailed:
    return QueryFailed(
        f"The file would be larger than {MOST_BYTES // 1_000_000} MB.",
        reason=Reason.TOO_LARGE,
        hint="Ask for fewer rows or columns, or for shorter names of columns, which JSON repeats in each row.",
    )


def as_csv(query: Running) -> Iterator[str]:
    """A last line says when there is more. Cells that a spreadsheet would run are guarded."""
    yield BYTE_ORDER_MARK + _csv_line(tuple(column.name for column in query.columns))
    cut = 0
    for rows in _together(query.rows()):
        cut += _cut(rows)
        yield "".join(map(_csv_line, rows))
    if missing := _missing(query, cut):
        yield _csv_line((missing,))


def as_json(query: Running) -> Iterator[str]:
    """{"rows": [{name: value}], "complete": whether these are all}; columns of one name are told apart by a number."""
    columns = list(zip(distinct([column.name for column in query.columns]), query.columns, strict=True))
    yield '{"rows": ['
    before, cut = "\n", 0
    for rows in _together(query.rows()):
        cut += _cut(rows)
        yield before + ",\n".join(_object(columns, row) for row in rows)
        before = ",\n"
    missing = _missing(query, cut)
    told = {"complete": not missing} | ({"note": missing} if missing else {})
    yield f"\n], {json.dumps(told)[1:-1]}}}\n"


FORMATS: dict[str, tuple[str, Callable[[Running], Iterator[str]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "json": ("application/json; charset=utf-8", as_json),
}


def distinct(names: Iterable[str]) -> list[str]:
    """name, name_2, name_3: none of them twice."""
    made: list[str] = []
    taken: set[str] = set()
    for name in names:
        given = next(each for each in chain([name], (f"{name}_{number}" for number in count(2))) if each not in taken)
        taken.add(given)
        made.append(given)
    return made


def _together(rows: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == TOGETHER:
            yield batch
            batch = []
    if batch:
        yield batch


def _cut(rows: list[Row]) -> int:
    return sum(isinstance(cell, Cut) for row in rows for cell in row)


def _missing(query: Running, cut: int) -> str:
    """What the file has not, in words, once all rows were read; empty when it is the whole result."""
    told = f"{counted(cut, 'cell was', 'cells were')} too long, and only the beginning is here." if cut else ""
    return " ".join(filter(None, (query.limited, told)))


def _csv_line(row: Row) -> str:
    """As COPY writes it: an empty text is "", and NULL nothing at all, so that they can be told apart."""
    return ",".join(map(_csv_cell, row)) + "\r\n"


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    cell = guarded(cell)
    return '"' + cell.replace('"', '""') + '"' if not cell or CSV_QUOTED.search(cell) else cell


def _object(columns: list[tuple[str, Column]], row: Row) -> str:
    pairs = zip(columns, row, strict=True)
    return "{" + ", ".join(f"{_quoted(name)}: {_json_cell(cell, column)}" for (name, column), cell in pairs) + "}"


def _json_cell(cell: Cell, column: Column) -> str:
    if column.family is Family.ARRAY and column.part and cell is not None and not isinstance(cell, Cut):
        part = column.part
        return json_array(cell, lambda element: _value(element, part)) or _quoted(cell)
    return _value(cell, column.family)


def _value(cell: Cell, family: Family) -> str:
    if cell is None:
        return "null"
    if family is Family.BOOLEAN:
        return "true" if cell == "t" else "false"
    if family is Family.NUMBER and JSON_NUMBER.fullmatch(cell):
        return cell
    if family is Family.JSON and not isinstance(cell, Cut):
        return cell.replace("\n", " ")
    return _quoted(cell)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
