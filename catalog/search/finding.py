"""Products found by words, by meaning, or by both: each hit with its scores and why it matched.

Full text finds words in all their forms, SKUs and words that are nearly spelt so; semantic search compares vectors; the
hybrid fuses both lists by reciprocal rank, in one statement.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection, transaction

from ..models import Product
from . import vectors
from .asked import Asked, asked
from .embeddings import provider
from .filters import Filters
from .marks import Pieces, excerpt, whole, with_parts
from .question_vector import vector_of
from .spelling import as_meant
from .sql import ALL_COMPARED, BY_INDEX_ALONE, WHOLE_KEY
from .statement import OF_VECTORS, Mode, Statements

EVERYTHING = Filters()
SAME = 1e-6  # distances of the same vectors, computed in another order


@dataclass(frozen=True)
class Hit:
    """`score` orders the hits of its mode. Places count from 1; None where the product is not in that list.

    `share` is the part of the words that the product has, from 0 to 1, rare ones counting more; `key` is what its SKU
    adds to the score, 0 when nothing of it was typed.
    """

    product: Product
    score: float
    text_place: int | None
    text_score: float | None
    share: float | None
    meaning_place: int | None
    similarity: float | None
    key: float
    by_name: float  # added where its name has the words that were typed, and no others
    # In pieces, True: this piece matches. Of the description what is around the words.
    sku: Pieces
    name: Pieces
    matched: Pieces

    @property
    def has_whole_key(self) -> bool:
        return self.key >= WHOLE_KEY

    @property
    def is_named(self) -> bool:
        return self.by_name > 0

    @property
    def begins_with_key(self) -> bool:
        return bool(self.sku) and self.sku[0][1]

    @property
    def has_words(self) -> list[str]:
        """Words of the question, as they stand in it, that a hit by its meaning has as well."""
        found = (piece.lower() for piece, is_match in (*self.name, *self.matched) if is_match)
        return list(dict.fromkeys(found))

    @property
    def percent(self) -> int:
        """Of the weight of the words."""
        return round(100 * (self.share or 0))


@dataclass(frozen=True)
class Recall:
    """Of the `exact` nearest products so many were `found`; `by_index`: there is one over vectors, and it was asked.

    It `listed` so many by itself; where a sample proved that it had missed some, all were compared.
    """

    found: int
    exact: int
    listed: int
    by_index: bool

    @property
    def share(self) -> float:
        return self.found / self.exact


@dataclass(frozen=True)
class Found:
    """`told` says why a mode could not do its part; `waiting` products have changed and are not in the index yet.

    Nothing was looked for when there was nothing to search by, or to search in: `is_asked` is False.

    How many have no vector of the model tells vectors.state(), which reads all of them and is not for each search.
    """

    mode: Mode
    question: Asked
    hits: list[Hit] = field(default_factory=list)
    told: str = ""
    is_asked: bool = False
    waiting: int = 0
    is_exact: bool = False
    milliseconds: float = 0.0  # of the statement that found them, and what other modes were asked for with it
    total: int | None = None  # products that have any of the words, COUNTED + 1 for all that are more

    @property
    def meant(self) -> Mapping[str, tuple[str, ...]]:
        """What unknown words were taken for."""
        return self.question.meant


@dataclass(frozen=True)
class Proof:
    """The statement of a mode alone, and how Postgres ran it, as JSON. Side by side the modes share one statement."""

    mode: Mode
    statement: str
    plan: str
    is_exact: bool  # the filters leave so few that no index over vectors is asked

    @property
    def by_index(self) -> bool:
        """An index over vectors chose."""
        return bool(OF_VECTORS.search(self.plan))


def search(typed: str, mode: Mode, filters: Filters = EVERYTHING, limit: int = 10) -> Found:
    """The best `limit` products. Whatever is typed is answered; without a word there are no hits."""
    (found,) = side_by_side(typed, [mode], filters, limit)
    return found


def side_by_side(
    typed: str, modes: Sequence[Mode], filters: Filters = EVERYTHING, limit: int = 10, *, counted: bool = False
) -> list[Found]:
    """What each of the modes finds, at one and the same moment; and of how many, if these are to be counted."""
    with _prepared(typed, modes, filters, limit) as prepared:
        found = _found(prepared, modes)
        total = (
            prepared.statements.total() if counted and prepared.statements and set(modes) != {Mode.SEMANTIC} else None
        )
    return [each if each.mode is Mode.SEMANTIC else replace(each, total=total) for each in found]


def explain(typed: str, modes: Sequence[Mode], filters: Filters = EVERYTHING, limit: int = 10) -> list[Proof]:
    """Of each mode that has something to ask of the database."""
    with _prepared(typed, modes, filters, limit) as prepared:
        runs = [(mode, prepared.statements.of(mode)) for mode in modes] if prepared.statements else []
        return [Proof(mode, run.as_run(), run.plan(), run.common.is_exact) for mode, run in runs if run]


def recall(typed: str, filters: Filters = EVERYTHING, limit: int = 10) -> Recall | None:
    """How many of the nearest `limit` that fit the filters a search finds; None where there are no vectors.

    One as near as the farthest of them is as good: many products of a shop have the same text.
    """
    with _prepared(typed, [Mode.SEMANTIC], filters, limit) as prepared:
        statement = prepared.statements.of(Mode.SEMANTIC) if prepared.statements else None
        if statement is None:
            return None
        found, listed, exact = (statement.distances(by) for by in (statement.way, BY_INDEX_ALONE, ALL_COMPARED))
        by_index = statement.asks_index(BY_INDEX_ALONE)
    if not exact:
        return None
    nearest = exact[:limit]
    as_near = [sum(distance <= nearest[-1] + SAME for distance in each[:limit]) for each in (found, listed)]
    return Recall(found=as_near[0], exact=len(nearest), listed=as_near[1], by_index=by_index)


@dataclass(frozen=True)
class _Prepared:
    """The statements in their transaction, None when there is nothing to ask; and why there is no vector."""

    question: Asked
    statements: Statements | None = None
    told: str = ""


@contextmanager
def _prepared(typed: str, modes: Sequence[Mode], filters: Filters, limit: int) -> Iterator[_Prepared]:
    question, made_by = as_meant(asked(typed)), provider()
    if not question:
        yield _Prepared(question)
        return
    vector, told = (None, "") if set(modes) == {Mode.FULL_TEXT} else vector_of(made_by, question.text)
    with transaction.atomic(), connection.cursor() as cursor:
        statements = Statements(cursor, question, filters, limit, made_by, vector)
        statements.prepare()
        if vector and statements.vector is None:
            told = vectors.NO_PGVECTOR
        yield _Prepared(question, statements, told)


def _found(prepared: _Prepared, modes: Sequence[Mode]) -> list[Found]:
    """What each of the modes finds, all by one statement."""
    statements = prepared.statements
    statement = statements.of(*modes) if statements else None
    began = time.perf_counter()
    rows = statement.rows() if statement else {}
    milliseconds = (time.perf_counter() - began) * 1000
    return [_of_mode(prepared, mode, rows, milliseconds) for mode in modes]


def _of_mode(prepared: _Prepared, mode: Mode, rows: Mapping[Mode, list[tuple[Any, ...]]], milliseconds: float) -> Found:
    statements, told = prepared.statements, "" if mode is Mode.FULL_TEXT else prepared.told
    by = statements.as_possible(mode) if statements else None
    if statements is None or by is None:
        return Found(mode, prepared.question, told=told, waiting=statements.waiting if statements else 0)
    return Found(
        mode,
        prepared.question,
        [_hit(row, prepared.question.keys) for row in rows[by]],
        told,
        is_asked=True,
        waiting=statements.waiting,
        is_exact=statements.is_exact,
        milliseconds=milliseconds,
    )


def _hit(row: tuple[Any, ...], keys: Sequence[str]) -> Hit:
    score, text_place, text_score, share, meaning_place, similarity, key, named, name, matched, *columns = row
    fields = ("product_id", "sku", "name", "description", "price", "stock_quantity", "category", "tags")
    product = Product(**dict(zip(fields, columns, strict=True)))
    return Hit(
        product,
        float(score),
        text_place,
        text_score,
        share,
        meaning_place,
        similarity,
        float(key),
        float(named),
        with_parts(product.sku, keys),
        whole(name, product.name),
        excerpt(matched, product.description),
    )
