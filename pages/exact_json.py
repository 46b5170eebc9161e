"""JSON whose numbers keep the digits that somebody wrote: PostgreSQL does, Python's floats would round them."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from math import inf
from typing import Any

LONGEST_INT = 4000  # Python refuses to read longer ones


class ExactDecoder(json.JSONDecoder):
    """Reads what has a point or an exponent as Decimal."""

    def __init__(self, **options: Any) -> None:
        super().__init__(parse_float=_number, parse_int=_number_without_point, **options)


class RepeatedKey(ValueError):
    """An object names a key twice, of which any reader of JSON would keep one value only."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class ExactEncoder(json.JSONEncoder):
    """Writes a Decimal as a number. The json module itself writes one only as a text or a float."""

    def encode(self, value: Any) -> str:
        return self._written(value, "\n")

    def _written(self, value: Any, line: str) -> str:
        is_object = isinstance(value, dict)
        if isinstance(value, Decimal) and value.is_finite():
            return str(value)
        if not value or not (is_object or isinstance(value, list | tuple)):
            return super().encode(value)
        inner = f"{line}{' ' * int(self.indent)}" if self.indent is not None else ""
        parts = self._pairs(value, inner) if is_object else [self._written(part, inner) for part in value]
        begin, end = "{}" if is_object else "[]"
        joined = (self.item_separator + inner).join(parts)
        return f"{begin}{inner}{joined}{line if inner else ''}{end}"

    def _pairs(self, value: dict[Any, Any], inner: str) -> list[str]:
        pairs = sorted(value.items()) if self.sort_keys else value.items()
        return [
            super(ExactEncoder, self).encode(key if isinstance(key, str) else json.dumps(key))
            + self.key_separator
            + self._written(part, inner)
            for key, part in pairs
        ]


def written(value: Any, **options: Any) -> str:
    """As json.dumps writes it, in whatever script the texts are."""
    return json.dumps(value, cls=ExactEncoder, ensure_ascii=False, **options)


def each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """For a decoder's `object_pairs_hook`: the object of these pairs. Raises RepeatedKey."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise RepeatedKey(key)
        found[key] = value
    return found


def _number(text: str) -> Decimal | float:
    """Infinity, as Python's own: what has too large an exponent for any reader."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return inf


def _number_without_point(text: str) -> int | Decimal:
    return int(text) if len(text) <= LONGEST_INT else Decimal(text)
