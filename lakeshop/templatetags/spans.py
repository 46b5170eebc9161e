"""Lengths of time in words."""

from django import template

register = template.Library()

_UNITS = ((86400, "day", "days"), (3600, "hour", "hours"), (60, "min", "min"))


@register.filter
def span(seconds: float) -> str:
    """45 s, 12 min, 3 hours, 7 days: the largest unit that fits, rounded to its nearest whole number."""
    for size, one, many in _UNITS:
        if seconds >= size:
            count = round(seconds / size)
            return f"{count} {one if count == 1 else many}"
    return f"{round(max(seconds, 0))} s"


@register.filter
def milliseconds(value: float) -> str:
    """240 ms below a second, 1.3 s above."""
    return f"{round(value)} ms" if value < 1000 else f"{value / 1000:.1f} s"
