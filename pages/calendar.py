"""Times that every reader can show: PostgreSQL's reach from 4713 BC to infinity, Python's from year 1 to year 9999."""

from datetime import UTC, datetime

from django.db.models import Q

# A day and more from the ends, so that they are times in every zone.
FIRST, END = datetime(2, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def is_readable(field: str) -> Q:
    """What a constraint says of a column of times: one row beyond would take every page down that lists it."""
    return Q((f"{field}__gte", FIRST), (f"{field}__lt", END))
