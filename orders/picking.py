"""Customers and products, found by typing and picked from what was found, with script and without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from typing import Generic, TypeVar

from django.utils.text import Truncator

from catalog.models import Product, ShopUser
from catalog.search import Hit, Mode, search
from catalog.search.containing import containing
from catalog.search.embeddings import provider

SHOWN = 8
LONGEST_LABEL = 120
LONGEST_WORDS = 200


Row = TypeVar("Row", ShopUser, Product)


@dataclass(frozen=True)
class Offer(Generic[Row]):
    """What is offered for the words, and what is to be said of them."""

    rows: list[Row]
    told: tuple[str, ...] = ()


def matching_customers(words: str) -> Offer[ShopUser]:
    """The first few who may order."""
    return Offer(list(ShopUser.objects.with_words(words).active()[:SHOWN]))


def matching_products(words: str) -> Offer[Product]:
    """The best few by the hybrid search: those with the words in them, then those that mean the like.

    What was changed a moment ago, and has not come into the index of the search, is found by a part of its name or SKU.
    """
    found = search(words, Mode.HYBRID, limit=SHOWN)
    by_words = [hit.product for hit in found.hits if hit.share or hit.key]
    by_meaning = [hit.product for hit in found.hits if _is_sure(hit)]
    may_lack = found.waiting or len(by_words) < SHOWN
    parts = list(containing(Product.objects.all(), words).rows[:SHOWN]) if may_lack else []
    best_first = (parts, by_words) if found.waiting else (by_words, parts)
    by_key = [hit.product for hit in found.hits if hit.key or hit.is_named]
    # Of the others what can be ordered comes first.
    others = sorted(chain(*best_first, by_meaning), key=lambda product: not product.stock_quantity)
    every = {product.pk: product for product in (*by_key, *others)}
    told = [
        f"No product has “{word}”: taken for {', '.join(meant)}." for word, meant in found.question.corrected.items()
    ]
    if every and not (by_words or parts):
        told.append("No product has this in it: these are the nearest in meaning.")
    return Offer(list(every.values())[:SHOWN], tuple(told))


def _is_sure(hit: Hit) -> bool:
    """Here no figure tells what is only a little nearer than the rest."""
    made_by = provider()
    return made_by is not None and hit.similarity is not None and hit.similarity >= made_by.sure_from


def one_line(text: str) -> str:
    """As a field of a form gives it back: without line breaks, and not without end."""
    return " ".join(text.replace("\x00", " ").split())[:LONGEST_WORDS]


def label_of(row: ShopUser | Product) -> str:
    """What stands in the search field once the row is picked."""
    return one_line(Truncator(str(row)).chars(LONGEST_LABEL))


@dataclass(kw_only=True)
class Pick(Generic[Row]):
    """A search field: the words in it, the row that was picked, if any, and what the words find once searched for.

    `name` stands in the ids of its fields and in the buttons of its options, which are rows with their labels.
    """

    name: str
    words: str = ""
    row: Row | None = None
    options: list[tuple[Row, str]] | None = None
    told: tuple[str, ...] = ()
    errors: list[str] = field(default_factory=list)
    focus: bool = False

    def pick(self, row: Row) -> None:
        self.row, self.words = row, label_of(row)

    def keep(self, row: Row | None) -> None:
        """What was picked counts as long as its label stands in the field: other words are a new search."""
        if row is not None and self.words == label_of(row):
            self.row = row

    @property
    def is_open(self) -> bool:
        """There are words, and nothing is picked."""
        return self.row is None and self.words != ""

    def search(self, matching: Callable[[str], Offer[Row]]) -> None:
        offer = matching(self.words)
        self.options, self.told = [(row, label_of(row)) for row in offer.rows], offer.told
