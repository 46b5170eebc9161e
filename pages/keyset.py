"""Pages of long lists that cost the same however far one goes: each begins where the one before ended."""

from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet

PAGE_SIZE = 25
COUNTED = 1000
NEXT, PREVIOUS = ">", "<"


class Slice(NamedTuple):
    """Rows in their order, and what to give as `at` for those before and after; empty where there are none."""

    rows: list[Any]
    previous: str
    following: str


class Fitting(NamedTuple):
    """Rows that fit what was searched for; `are_many`: of all there are more than were looked for first do."""

    rows: QuerySet[Any]
    are_many: bool


def slice_of(rows: QuerySet[Any], order: str, at: str = "", size: int = PAGE_SIZE) -> Slice:
    """The page at `at`, as an earlier Slice has told; whatever else stands there means the first page.

    `order` is a field that is never null, with "-" before it for falling values; the key tells equal ones apart.
    """
    field = rows.model._meta.get_field(order.lstrip("-"))
    falling, backwards = order.startswith("-"), at.startswith(PREVIOUS)
    place = _place(rows.model, field, at)
    if place is None:
        backwards = False
    else:
        rows = rows.filter(_beyond(field.name, place, below=falling != backwards))
    sign = "-" if falling != backwards else ""
    found = list(rows.order_by(f"{sign}{field.name}", f"{sign}pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    before, after = (more, True) if backwards else (place is not None, more)
    return Slice(
        found,
        _told(PREVIOUS, field, found[0]) if before and found else "",
        _told(NEXT, field, found[-1]) if after and found else "",
    )


def count_of(rows: QuerySet[Any], most: int = COUNTED) -> str:
    """How many rows there are, counted up to `most`: "12" or "1,000+"."""
    found = rows.order_by()[: most + 1].count()
    return more_than(most) if found > most else f"{found:,}"


def more_than(most: int = COUNTED) -> str:
    return f"{most:,}+"


def few_first(rows: QuerySet[Any], condition: Q, most: int = COUNTED) -> Fitting:
    """Those of the rows that fit; up to `most` of all there are are found before they are put in order.

    PostgreSQL knows little of how many rows hold some words. Expecting many, it walks the list in its order to the
    first that fits, which takes all of it where few or none do. Where many do that walk is short, and left to it.
    """
    found = list(rows.model._default_manager.filter(condition).order_by().values_list("pk", flat=True)[: most + 1])
    are_many = len(found) > most
    return Fitting(rows.filter(condition) if are_many else rows.filter(pk__in=found), are_many)


def _beyond(field: str, place: tuple[Any, Any], *, below: bool) -> Q:
    value, key = place
    word = "lt" if below else "gt"
    # The first condition is implied by the rest: it is the one that an index answers.
    return Q(**{f"{field}__{word}e": value}) & (Q(**{f"{field}__{word}": value}) | Q(**{f"pk__{word}": key}))


def _told(direction: str, field: Any, row: Model) -> str:
    return f"{direction}{field.value_to_string(row)}~{row.pk}"


def _place(model: type[Model], field: Any, at: str) -> tuple[Any, Any] | None:
    text, separator, key = at[1:].rpartition("~")
    if at[:1] not in (NEXT, PREVIOUS) or not separator or "\x00" in at:
        return None
    key_field: Field[Any, Any] = model._meta.pk
    try:
        place = field.to_python(text), key_field.to_python(key)
    except ValidationError:
        return None
    return None if "" in place or None in place or not _is_finite(place[0]) else place


def _is_finite(value: Any) -> bool:
    return bool(getattr(value, "is_finite", lambda: True)())
