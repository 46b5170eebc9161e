"""Rows of the shop as a CSV file, streamed by COPY: safe in a spreadsheet, and imported again just what they were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.http import StreamingHttpResponse
from django.utils import timezone

from pages.csv_guard import GUARD
from pages.csv_lines import BYTE_ORDER_MARK

from .importing.columns import LISTED, WITHOUT_COMMAS

AT_ONCE = 1 << 16


@dataclass(frozen=True)
class Export:
    """`columns` are headings and their SQL on `source`; `key` is the SQL of the key that a queryset chooses by."""

    name: str
    columns: dict[str, str]
    source: str
    key: str
    order: str

    def select(self) -> str:
        columns = ", ".join(f"{sql} AS {heading}" for heading, sql in self.columns.items())
        return f"SELECT {columns} FROM {self.source}"


def guarded(sql: str) -> str:
    """SQL of a text that no spreadsheet takes for a formula."""
    return GUARD.replace("{text}", sql)


# As a,b where an import reads that as the same tags; in braces otherwise.
JOINED = "array_to_string(p.tags, ',')"
READ_BACK = f"CASE WHEN {WITHOUT_COMMAS} <> '' AND {{cell}} NOT LIKE '{{%' THEN {LISTED} END".replace("{cell}", JOINED)
TAGS = f"CASE p.tags WHEN '{{}}' THEN '' WHEN {READ_BACK} THEN {JOINED} ELSE p.tags::text END"
PRODUCTS = Export(
    "products",
    columns={
        **{name: guarded(f"p.{name}") for name in ("sku", "name", "description")},
        **{name: f"p.{name}" for name in ("price", "stock_quantity")},
        "category": guarded("p.category"),
        "tags": guarded(TAGS),
    },
    source="products AS p",
    key="p.product_id",
    order="p.product_id",
)
USERS = Export(
    "users",
    columns={
        **{name: guarded(f"u.{name}") for name in ("email", "username", "full_name")},
        **{name: f"u.{name}::text" for name in ("metadata", "preferences", "is_active")},
    },
    source="users AS u",
    key="u.user_id",
    order="u.user_id",
)


def exported(export: Export, only: models.QuerySet[Any] | None = None) -> Iterator[bytes]:
    """The file in pieces; `only` chooses the rows. The database is asked when the first piece is."""
    sql, parameters = f"{export.select()} ORDER BY {export.order}", None
    if only is not None:
        chosen, parameters = only.order_by().values("pk").query.sql_with_params()
        select = export.select().replace("%", "%%")
        sql = f"{select} WHERE {export.key} IN ({chosen}) ORDER BY {export.order}"
    copied = _whole(f"COPY ({sql}) TO STDOUT (FORMAT csv, HEADER)", parameters)
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(copied) as copy:
        piece = bytearray(BYTE_ORDER_MARK.encode())
        for row in copy:
            piece += row
            if len(piece) > AT_ONCE:
                yield bytes(piece)
                piece.clear()
        yield bytes(piece)


def _whole(statement: str, parameters: Any) -> str:
    """With the parameters in it: where DEBUG is set, Django's cursor takes a COPY without any."""
    operations: Any = connection.ops
    return statement if parameters is None else str(operations.compose_sql(statement, parameters))


def download(export: Export, only: models.QuerySet[Any] | None = None) -> StreamingHttpResponse:
    """An answer that is the file, named after its kind and today."""
    answer = StreamingHttpResponse(exported(export, only), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{export.name}-{timezone.now():%Y-%m-%d}.csv"'
    return answer
