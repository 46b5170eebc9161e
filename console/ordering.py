"""The order that a click on a column's name asks for. Postgres brings all rows in it, of which the first are shown."""

from __future__ import annotations

import re
from dataclasses import dataclass

SORT = re.compile(r"(-?)(\d{1,4})", re.ASCII)


@dataclass(frozen=True)
class Order:
    """By the column at `place`, from 0; NULL is last, and equal rows stay as they came.

    `as_text` is for what Postgres knows no order of, as json and points.
    """

    place: int
    descending: bool = False
    as_text: bool = False

    def __str__(self) -> str:
        return f"{'-' if self.descending else ''}{self.place + 1}"


def asked(sort: str) -> Order | None:
    """`sort` is the place of a column from 1, with a minus before it for the other way; what names none is ignored."""
    found = SORT.fullmatch(sort)
    return Order(int(found[2]) - 1, found[1] == "-") if found and int(found[2]) else None
