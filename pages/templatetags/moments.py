"""Moments as people read them: in UTC here, in the viewer's zone once local_time.js has run."""

from datetime import UTC, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html

register = template.Library()

_EXACT = "%-d %b %Y, %H:%M:%S UTC"
_FORMS = {"day": "%-d %b %Y", "minute": "%-d %b %Y, %H:%M UTC", "second": "%H:%M:%S UTC", "exact": _EXACT}
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


@register.simple_tag
def moment(value: datetime | None, form: str = "minute") -> str:
    """A <time>; `form` is day, minute, second (of today) or exact. Nothing for no moment."""
    return "" if value is None else _time(value, form, value.astimezone(UTC).strftime(_FORMS[form]))


@register.simple_tag
def ago(value: datetime | None) -> str:
    """A <time> that reads "5 minutes ago" and grows older while it is looked at."""
    return "" if value is None else _time(value, "ago", since((timezone.now() - value).total_seconds()))


def since(seconds: float) -> str:
    if seconds < 10:
        return "just now"
    size, unit = next((size, unit) for size, unit in _UNITS if seconds >= size)
    count = int(seconds // size)
    return f"{count} {unit}{'' if count == 1 else 's'} ago"


def _time(value: datetime, form: str, text: str) -> str:
    utc = value.astimezone(UTC)
    return format_html(
        '<time datetime="{}" data-moment="{}" title="{}">{}</time>', utc.isoformat(), form, utc.strftime(_EXACT), text
    )
