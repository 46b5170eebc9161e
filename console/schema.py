"""The tables that the reader may read, for the browser beside the editor."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from .apps import ConsoleConfig
from .relations import CATALOGS

STATEMENT = Path(__file__).with_name("schema.sql").read_text()
# The rest of relations.CATALOGS is read, too; these are the ones that one looks for.
OF_POSTGRES = (
    "pg_stat_activity", "pg_stat_user_tables", "pg_stat_user_indexes", "pg_indexes", "pg_settings", "pg_locks",
    "pg_class", "pg_attribute", "pg_constraint", "pg_stats", "pg_extension", "pg_database",
)  # fmt: skip
assert CATALOGS.issuperset(OF_POSTGRES)


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    may_be_null: bool
    is_generated: bool
    about: str
    refers_to: str | None


@dataclass(frozen=True)
class Index:
    """`on` is its method and columns, as in "btree (email)"."""

    name: str
    is_unique: bool
    on: str


@dataclass(frozen=True)
class Table:
    """`rows` is Postgres's own estimate; None until the table was analysed."""

    name: str
    about: str
    rows: int | None
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...]


def tables() -> list[Table]:
    """In the order in which ConsoleConfig names them. One query."""
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, {"schema": settings.SHOP_SCHEMA, "tables": list(ConsoleConfig.reads)})
        (told,) = cursor.fetchone()
    return [_table(each) for each in (json.loads(told) if isinstance(told, str) else told)]


def _table(told: dict[str, object]) -> Table:
    columns = tuple(Column(**each) for each in told.pop("columns"))  # type: ignore[attr-defined]
    indexes = tuple(Index(**each) for each in told.pop("indexes"))  # type: ignore[attr-defined]
    return Table(columns=columns, indexes=indexes, **told)  # type: ignore[arg-type]
