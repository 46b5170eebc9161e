"""How an entry reads: its fields before and after as text, and in short for a line of a list."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from pages.exact_json import written

from .models import MISSING, AuditEntry, Change

FOLDED_ABOVE = 400
SHORT = 24
IN_SHORT = 3
# Change with every write, or tell nothing that the line does not.
UNREMARKABLE = frozenset({"created_at", "updated_at", "name", "username"})


class Cell(NamedTuple):
    """A value as shown. `kind` is missing, null, empty or value; `lead` is the beginning of one that is folded."""

    kind: str
    text: str = ""
    lead: str = ""


class Row(NamedTuple):
    field: str
    before: Cell
    after: Cell


class Short(NamedTuple):
    """A change on one line; `before` and `after` stay empty where one of them is too long for it."""

    field: str
    before: str
    after: str


def rows(entry: AuditEntry) -> list[Row]:
    """What differs, in the order of the row's own columns as PostgreSQL keeps them."""
    return [Row(change.field, cell(change.before), cell(change.after)) for change in entry.changes()]


def unchanged(entry: AuditEntry) -> list[tuple[str, Cell]]:
    """The columns that an UPDATE left as they were."""
    old, new = entry.old_data or {}, entry.new_data or {}
    return [(field, cell(value)) for field, value in new.items() if field in old and old[field] == value]


def cell(value: Any) -> Cell:
    if value is MISSING:
        return Cell("missing")
    if value is None:
        return Cell("null")
    said = text(value)
    if not said:
        return Cell("empty")
    return Cell("value", said, lead=f"{said[: SHORT * 4].rstrip()}…" if len(said) > FOLDED_ABOVE else "")


def text(value: Any) -> str:
    """A text as it is, anything else as JSON; numbers with the digits that PostgreSQL wrote."""
    return value if isinstance(value, str) else written(value, indent=2)


def short(entry: AuditEntry) -> tuple[list[Short], int]:
    """The changes, or the most telling fields of a new or deleted row, and how many more there are."""
    found = [change for change in entry.changes() if entry.operation != "UPDATE" or change.field != "updated_at"]
    told = found if entry.operation == "UPDATE" else [change for change in found if _tells(change, entry)]
    shown = [_short(change) for change in told[:IN_SHORT]]
    return shown, len(found) - len(shown) if entry.operation == "UPDATE" else 0


def _short(change: Change) -> Short:
    before, after = _brief(change.before), _brief(change.after)
    field = change.field if len(change.field) <= 2 * SHORT else f"{change.field[: 2 * SHORT]}…"
    whole = MISSING in (change.before, change.after) or (before and after)
    return Short(field, before, after) if whole else Short(field, "", "")


def _tells(change: Change, entry: AuditEntry) -> bool:
    value = change.before if change.after is MISSING else change.after
    if value is None or isinstance(value, bool) or not _brief(value) or _is_moment(value):
        return False
    is_key = value == entry.record_id and change.field.endswith("_id")
    return not is_key and change.field not in UNREMARKABLE


def _is_moment(value: Any) -> bool:
    try:
        return isinstance(value, str) and "T" in value and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


def _brief(value: Any) -> str:
    """The value in a few characters, or nothing."""
    if value is None:
        return "null"
    if value is MISSING or isinstance(value, dict | list):
        return ""
    said = text(value)
    return said if len(said) <= SHORT else ""
