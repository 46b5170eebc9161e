"""The columns of a statement, asked of Postgres before it runs, and the query that fetches only so much of each."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import pq
from psycopg.errors import error_from_result

from .ordering import Order
from .result import Column, Family

TEXT, BYTEA, VARCHAR = 25, 17, 1043
NAMES = """
SELECT format_type(given.oid, given.modifier), whole.typcategory, whole.typname, part.typcategory, part.typname
FROM unnest(%s::oid[], %s::int[]) WITH ORDINALITY AS given(oid, modifier, place)
JOIN pg_type AS whole ON whole.oid = given.oid
LEFT JOIN pg_type AS part ON part.oid = whole.typelem AND part.typdelim = ',' ORDER BY given.place
"""
FAMILIES = {
    "json": Family.JSON, "jsonb": Family.JSON, "bytea": Family.BYTES, "uuid": Family.UUID, "xml": Family.XML,
    "record": Family.ROW,
}  # fmt: skip
# By pg_type.typcategory, https://www.postgresql.org/docs/current/catalog-pg-type.html
CATEGORIES = {
    "A": Family.ARRAY, "B": Family.BOOLEAN, "C": Family.ROW, "D": Family.TIME, "N": Family.NUMBER, "R": Family.RANGE,
    "S": Family.TEXT, "T": Family.INTERVAL, "E": Family.TEXT,
}  # fmt: skip


def described(wire: Any, statement: str) -> pq.abc.PGresult:
    """Let Postgres read the statement by the extended protocol, which takes one and not two. Raises psycopg.Error."""
    for answer in (wire.prepare(b"", statement.encode()), wire.describe_prepared(b"")):
        if answer.status != pq.ExecStatus.COMMAND_OK:
            raise error_from_result(answer)
    return answer


def named(connection: psycopg.Connection[Any], found: pq.abc.PGresult) -> tuple[Column, ...]:
    """The columns by name and type."""
    if not found.nfields:
        return ()
    oids = [found.ftype(number) for number in range(found.nfields)]
    modifiers = [found.fmod(number) for number in range(found.nfields)]
    with psycopg.Cursor(connection) as cursor:
        types = cursor.execute(NAMES, [oids, modifiers]).fetchall()
    names = ((found.fname(number) or b"").decode() for number in range(found.nfields))
    return tuple(
        Column(name, written, _family(category, type_name), _family(part_category, part) if part else None)
        for name, (written, category, type_name, part_category, part) in zip(names, types, strict=True)
    )


def cut_to(longest: int, found: pq.abc.PGresult, query: str, order: Order | None = None) -> str:
    """A query for each row as one text[], with a character more than `longest` where a cell is longer."""
    cells = [_cell(f"c{number}", found.ftype(number), longest + 1) for number in range(found.nfields)]
    columns = ", ".join(f"c{number}" for number in range(found.nfields))
    # On lines of its own: it may end with a comment.
    rows = f"SELECT ARRAY[{', '.join(cells)}]::text[] FROM (\n{query}\n) AS q{f'({columns})' if columns else ''}"
    return f"{rows} ORDER BY {_by(order, found.ftype(order.place))}" if order else rows


def _by(order: Order, oid: int) -> str:
    column, way = f"c{order.place}", "DESC" if order.descending else "ASC"
    keys = [column]
    if order.as_text:
        keys = [f"CASE num_nulls({column}) WHEN 0 THEN concat({column}) END"]
    elif oid in (TEXT, VARCHAR):
        keys = [f"lower({column})", column]  # as people look for words, whatever the database's collation
    # The last key keeps equal ones as they came.
    return ", ".join([*(f"{key} {way} NULLS LAST" for key in keys), "row_number() OVER ()"])


def _cell(column: str, oid: int, longest: int) -> str:
    if oid in (TEXT, VARCHAR):
        return f"left({column}, {longest})"
    if oid == BYTEA:
        return f"left(substring({column}, 1, {longest // 2 + 1})::text, {longest})"
    # concat() writes a value as psql shows it, where a cast to text may not; a row of NULLs is no NULL.
    return f"CASE num_nulls({column}) WHEN 0 THEN left(concat({column}), {longest}) END"


def _family(category: str, name: str) -> Family:
    if name in FAMILIES:
        return FAMILIES[name]
    if name.startswith("reg"):
        return Family.TEXT
    if name.startswith("_"):
        return Family.ARRAY
    return CATEGORIES.get(category, Family.OTHER)
