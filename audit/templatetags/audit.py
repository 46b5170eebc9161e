"""What templates ask about entries."""

from typing import Any

from django import template

from ..diff import short
from ..models import AuditEntry

register = template.Library()


@register.simple_tag
def in_short(entry: AuditEntry) -> dict[str, Any]:
    """{"changes": the first few, "more": how many others there are}."""
    changes, more = short(entry)
    return {"changes": changes, "more": more}
