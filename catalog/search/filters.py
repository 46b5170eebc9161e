"""By what, beside words, a search of products is narrowed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Filters:
    """Products bear all of the tags, in whatever case; both ends of the price are inside."""

    category: str = ""
    tags: tuple[str, ...] = ()
    price_from: Decimal | None = None
    price_to: Decimal | None = None

    def condition(self) -> tuple[str, dict[str, Any]]:
        """SQL about the product p, and its values."""
        parts: dict[str, tuple[str, Any]] = {
            "category": ("p.category = %(category)s", self.category),
            "price_from": ("p.price >= %(price_from)s", self.price_from),
            "price_to": ("p.price <= %(price_to)s", self.price_to),
        }
        for number, tag in enumerate(self.tags):
            parts[f"tag{number}"] = (f"p.tags && %(tag{number})s::text[]", _spellings(tag))
        chosen = {name: part for name, part in parts.items() if part[1] not in ("", None)}
        return " AND ".join(sql for sql, _ in chosen.values()), {name: value for name, (_, value) in chosen.items()}

    def __bool__(self) -> bool:
        return bool(self.condition()[0])


def _spellings(tag: str) -> list[str]:
    """Those that an index over tags as they are written can be asked for."""
    return list(dict.fromkeys([tag, tag.lower(), tag.upper(), tag.title(), tag.capitalize()]))
