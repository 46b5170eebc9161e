"""Whether there is anything new in the trail, told by its summary and without reading it."""

from collections.abc import Collection, Iterable
from zlib import crc32

from django.db.models import JSONField
from django.db.models.expressions import RawSQL

from pages.requests import Request

from .models import AuditSummary

# Asked with each question who the person is: see pages/roles.py.
AS_JSON = RawSQL(
    "SELECT coalesce(json_agg(s ORDER BY table_name, operation), '[]') FROM audit_summary AS s",
    [],
    output_field=JSONField(),
)


def summary(request: Request) -> list[AuditSummary]:
    """Of the whole log, as of when it was asked who the person is: what a page reads later is never older than it."""
    known = getattr(request.user, "audit_summary", None)
    rows = AuditSummary.objects
    return rows.current() if known is None else rows.folded(AuditSummary(**each) for each in known)


def version(summary: Iterable[AuditSummary], tables: Collection[str] = (), operation: str = "") -> str:
    """A short word that is another one as soon as entries of these tables (none: of all) come or go.

    The highest number would not do: a long transaction's entries bear numbers from when they were written, and are
    there for others only when it commits, after younger ones of higher number.
    """
    told = [
        (each.table_name, each.operation, each.entries)
        for each in summary
        if (not tables or each.table_name in tables) and (not operation or each.operation == operation)
    ]
    return f"{crc32(repr(told).encode()):08x}"
