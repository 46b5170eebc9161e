"""What a statement gave, for whoever shows it: every value is Postgres's own text, so none can fail to be read.

NaN, infinity, dates before Christ, ranges and types of extensions are text like any other; `family` tells how to show
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .ordering import Order
from .statement import Kind

Cell = str | None  # None is NULL
Row = tuple[Cell, ...]


class Cut(str):
    """A cell of which only the beginning was fetched."""

    __slots__ = ()


class Family(StrEnum):
    """What kind of value a column has, as far as showing it goes."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    INTERVAL = "interval"
    JSON = "json"
    ARRAY = "array"
    RANGE = "range"
    BYTES = "bytes"
    UUID = "uuid"
    XML = "xml"
    ROW = "row"
    OTHER = "other"


@dataclass(frozen=True)
class Column:
    """`type` is Postgres's name for it, as in `numeric(10,2)`. Several columns may have one name.

    `part` is what an array's elements are, where commas stand between them.
    """

    name: str
    type: str
    family: Family
    part: Family | None = None


@dataclass(frozen=True)
class Result:
    """The rows that were fetched. `limited` says, in words, why there may be more of them; empty when these are all.

    `order` is the one that they are in, where another than the statement's was asked for.
    """

    kind: Kind
    columns: tuple[Column, ...]
    rows: list[Row]
    limited: str
    seconds: float
    order: Order | None = None

    @property
    def has_cut_cells(self) -> bool:
        return any(isinstance(cell, Cut) for row in self.rows for cell in row)
