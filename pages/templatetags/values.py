"""Values of any kind as text."""

import json
from typing import Any

from django import template

from pages import deleting

register = template.Library()


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
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


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
