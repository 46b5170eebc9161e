"""The small shop that every text and lab of the project speaks of; its rows stand in sample.sql."""

from pathlib import Path
from typing import NamedTuple

from django.db import connection, transaction

from pages.counted import counted

SQL = Path(__file__).with_suffix(".sql").read_text()


class Planted(NamedTuple):
    """How many rows of each kind were missing and are there now."""

    users: int
    products: int
    orders: int

    def __str__(self) -> str:
        """A sentence."""
        if not any(self):
            return "The sample is there already: nothing was added or changed."
        return f"Added {in_words(*self)}."


def in_words(users: int, products: int, orders: int) -> str:
    return f"{counted(users, 'user')}, {counted(products, 'product')} and {counted(orders, 'order')}"


@transaction.atomic
def plant() -> Planted:
    """Add what is missing of the sample and change nothing that is there; the second time that is nothing.

    Missing is a user whose e-mail, and a product whose SKU nobody has, and the orders of those users who have no order
    at all. Raises IntegrityError, adding nothing, when another user has the name of one of the sample.
    """
    with connection.cursor() as cursor:
        cursor.execute(SQL)
        added = [cursor.rowcount]
        while cursor.nextset():
            added.append(cursor.rowcount)
    return Planted(*added)
