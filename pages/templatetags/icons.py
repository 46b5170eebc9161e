"""Lucide's icons, drawn once each: the library copies and writes out a tree of XML every time, thirty times a page.

The tag keeps the library's name, whose own app is not installed: `{% lucide "plus" size=16 aria_hidden="true" %}`.
"""

from functools import lru_cache

from django import template
from lucide.templatetags.lucide import lucide

register = template.Library()
register.simple_tag(lru_cache(maxsize=512)(lucide), name="lucide")
