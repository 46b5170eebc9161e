"""Whether there is anything new in the trail, told by its summary and without reading it."""

from collections.abc import Collection, Iterable
from zlib import crc32

from .models import AuditSummary


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
