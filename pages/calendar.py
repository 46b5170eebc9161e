"""Times that every reader can show: PostgreSQL's reach from 4713 BC to infinity, Python's from year 1 to year 9999."""

from datetime import UTC, datetime

from django.db.models import CheckConstraint, Q

# A day and more from the ends, so that they are times in every zone.
FIRST, END = datetime(2, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def times_readable(name: str, *fields: str) -> CheckConstraint:
    """Of columns of times: one row beyond would take every page down that lists it."""
    within = (pair for field in fields for pair in ((f"{field}__gte", FIRST), (f"{field}__lt", END)))
    told = "Give a date from year 2 to year 9998."
    return CheckConstraint(condition=Q(*within), name=name, violation_error_message=told)
