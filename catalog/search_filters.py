"""By what, beside words, a search of products is narrowed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Filters:
    """Products bear all of the tags; both ends of the price are inside."""

    category: str = ""
    tags: tuple[str, ...] = ()
    price_from: Decimal | None = None
    price_to: Decimal | None = None

    def condition(self) -> tuple[str, dict[str, Any]]:
        """SQL about the product p, and its values."""
        parts = {
            "p.category = %(category)s": self.category,
            "p.tags @> %(tags)s::text[]": list(self.tags),
            "p.price >= %(price_from)s": self.price_from,
            "p.price <= %(price_to)s": self.price_to,
        }
        chosen = [sql for sql, value in parts.items() if value not in ("", [], None)]
        values = {
            "category": self.category,
            "tags": list(self.tags),
            "price_from": self.price_from,
            "price_to": self.price_to,
        }
        return " AND ".join(chosen), values

    def __bool__(self) -> bool:
        return bool(self.condition()[0])
