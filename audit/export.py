"""Entries as a file, newest first, read in batches by key: as long as the log is, at the memory of one batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast
from django.http import StreamingHttpResponse
from django.utils import timezone

from pages.csv_guard import guarded
from pages.csv_lines import BYTE_ORDER_MARK, line_writer

from .models import AuditEntryQuerySet

BATCH = 1000
FIELDS = ("audit_id", "created_at", "table_name", "operation", "record_id", "actor", "created_by", "request_id", "txid")
# As PostgreSQL writes them, to the digit.
IMAGES = ("old_data", "new_data")

Row = tuple[Any, ...]


def rows(entries: AuditEntryQuerySet) -> Iterator[list[Row]]:
    """FIELDS and IMAGES of all entries, a batch at a time; what is written meanwhile is not among them."""
    images = {f"{name}_text": Cast(name, TextField()) for name in IMAGES}
    found = entries.annotate(**images).latest_first().values_list(*FIELDS, *images)
    batch = list(found[:BATCH])
    while batch:
        yield batch
        batch = list(found.filter(audit_id__lt=batch[-1][0])[:BATCH]) if len(batch) == BATCH else []


def as_csv(batches: Iterable[list[Row]]) -> Iterator[str]:
    csv_line = line_writer()
    yield BYTE_ORDER_MARK + csv_line((*FIELDS, *IMAGES))
    for batch in batches:
        yield "".join(csv_line([_cell(value) for value in row]) for row in batch)


def as_json_lines(batches: Iterable[list[Row]]) -> Iterator[str]:
    for batch in batches:
        yield "".join(f"{_object(row)}\n" for row in batch)


FORMATS: dict[str, tuple[str, Callable[[Iterable[list[Row]]], Iterator[str]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "jsonl": ("application/jsonl; charset=utf-8", as_json_lines),
}


def download(entries: AuditEntryQuerySet, kind: str) -> StreamingHttpResponse:
    """An answer that is the file, named after today; `kind` is one of FORMATS."""
    content_type, written = FORMATS[kind]
    answer = StreamingHttpResponse(written(rows(entries)), content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="audit-{timezone.now():%Y-%m-%d}.{kind}"'
    return answer


def _cell(value: Any) -> str:
    return "" if value is None else guarded(value.isoformat() if isinstance(value, datetime) else str(value))


def _object(row: Row) -> str:
    """The images are JSON already, and their numbers keep their digits where nobody reads them."""
    *fields, old, new = row
    told = json.dumps(dict(zip(FIELDS, fields, strict=True)), default=datetime.isoformat, ensure_ascii=False)
    return f'{told[:-1]}, "old_data": {old or "null"}, "new_data": {new or "null"}}}'
