"""One line of an order while it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from audit.paging import whole_number
from catalog.models import Product

from .picking import Pick

LARGEST_QUANTITY = 2**31 - 1


@dataclass(kw_only=True)
class DraftLine:
    """A line as typed. Its number is its own, whatever lines come and go; people count them from the top."""

    number: int
    pick: Pick[Product]
    typed: str = "1"
    together: int = 0
    errors: list[str] = field(default_factory=list)
    focus: bool = False

    @property
    def quantity(self) -> int | None:
        """None when what was typed is none."""
        number = whole_number(self.typed.strip()) or 0
        return number if 0 < number <= LARGEST_QUANTITY else None

    @property
    def subtotal(self) -> Decimal | None:
        return self.pick.row.price * self.quantity if self.pick.row and self.quantity else None

    @property
    def is_empty(self) -> bool:
        return self.pick.row is None and not self.pick.words

    @property
    def problem(self) -> str:
        """What can be seen before the database is asked; `together` is what all lines want of the product."""
        if self.is_empty or (self.quantity and self.pick.row is None):
            return ""
        if self.quantity is None:
            return "Give a whole number from 1 to 2,147,483,647."
        left = self.pick.row.stock_quantity if self.pick.row else 0
        if self.together <= left:
            return ""
        told = f"Only {left:,} left" if left else "None left"
        return f"{told}{'' if self.together == self.quantity else f' for {self.together:,} in all lines'}."
