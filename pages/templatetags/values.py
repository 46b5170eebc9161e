"""Values of any kind as text."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from pages import deleting
from pages.exact_json import written
from pages.visible import plain

register = template.Library()
MOST_SHOWN, BEFORE = 500, 60  # characters
COMMAND = re.compile("`([^`]+)`")


@register.filter
def shown(value: Any) -> str:
    """As people write it: nothing for nothing, lists with commas, objects as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ", ".join(value)
    if isinstance(value, dict | list):
        return plain(written(value, default=str))
    return str(value)


@register.filter
def beside(value: Any, other: Any) -> str:
    """As `shown`; a long one from shortly before where it parts from the other, or both would look alike."""
    text, another = (shown(each).replace("\r\n", "\n") for each in (value, other))
    parts_at = bisect_left(range(len(text)), True, key=lambda place: not another.startswith(text[: place + 1]))
    begin = parts_at - BEFORE if max(len(text), len(another)) > MOST_SHOWN else 0
    return f"…{text[begin:]}" if begin > 0 else text


@register.filter
def coded(text: str) -> SafeString:
    """`commands` as code."""
    return mark_safe(COMMAND.sub(r"<code>\1</code>", conditional_escape(text)))


@register.filter
def marked(pieces: Iterable[tuple[str, bool]], longest: int = 0) -> SafeString:
    """Pieces of a text, those that match as <mark>. Of more than `longest` signs none is shown, where that is given."""
    parts = []
    for piece, is_match in pieces:
        text = escape(Truncator(piece).chars(longest) if 0 < longest < len(piece) else piece)
        parts.append(f"<mark>{text}</mark>" if is_match else text)
    return mark_safe("".join(parts))


@register.filter
def usd(value: Any) -> str:
    return f"${value:,.2f}"


@register.filter
def is_object(value: Any) -> bool:
    return isinstance(value, dict)


@register.filter
def pairs(value: dict[str, Any]) -> list[tuple[str, Any]]:
    """A key called "items" would hide the method of that name from a template."""
    return list(value.items())


@register.filter
def stamp(row: Any) -> str:
    return deleting.stamp(row)
