"""What templates ask about entries."""

from typing import Any

from django import template
from django.utils.text import Truncator

from ..diff import short
from ..models import AuditEntry

register = template.Library()

LONGEST_NAME = 70


@register.simple_tag
def in_short(entry: AuditEntry) -> dict[str, Any]:
    """The words of a line: name, key and who, the first few changes and how many more there are."""
    changes, more = short(entry)
    name = entry.record_name
    return {
        "name": name if len(name) <= LONGEST_NAME else Truncator(name).chars(LONGEST_NAME),
        "key": "" if entry.record_id is None else entry.record_id,
        "who": Truncator(entry.actor).chars(LONGEST_NAME) if entry.actor else "by SQL",
        "changes": changes,
        "more": more,
    }
