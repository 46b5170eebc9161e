"""Products found by words, by meaning, or by both: each hit with its scores and why it matched.

Full text finds words in all their forms, SKUs and words that are nearly spelt so; semantic search compares vectors; the
hybrid fuses both lists by reciprocal rank, in one statement.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import connection, transaction

from . import vectors
from .asked import asked
from .embeddings import Provider, provider, written
from .models import Product
from .search_filters import Filters
from .search_statement import AMONG, Mode, Statements
from .spelling import as_meant

__all__ = ["Filters", "Found", "Hit", "Mode", "Proof", "Recall", "explain", "recall", "search", "side_by_side"]

EVERYTHING = Filters()
SAME = 1e-6  # distances of the same vectors, computed in another order
QUERY_PATIENCE = 5.0  # seconds that a page waits for the vector of what was typed

Pieces = tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Hit:
    """`score` orders the hits of its mode. Places count from 1; None where the product is not in that list.

    `share` is the part of the words that the product has, from 0 to 1, rare ones counting more.
    """

    product: Product
    score: float
    text_place: int | None
    text_score: float | None
    share: float | None
    meaning_place: int | None
    similarity: float | None
    has_key: bool
    # The name, and of the description what is around the words that match; in pieces, True: this piece matches.
    name: Pieces
    matched: Pieces

    @property
    def percent(self) -> int:
        """Of the weight of the words."""
        return round(100 * (self.share or 0))


@dataclass(frozen=True)
class Recall:
    """Of the `exact` nearest products so many were `found` by the index; `by_index`: there is one, and it was asked."""

    found: int
    exact: int
    by_index: bool

    @property
    def share(self) -> float:
        return self.found / self.exact


@dataclass(frozen=True)
class Found:
    """`told` says why a mode could not do its part; `waiting` products have changed and are not in the index yet.

    How many have no vector of the model tells vectors.state(), which reads all of them and is not for each search.
    """

    mode: Mode
    hits: list[Hit] = field(default_factory=list)
    told: str = ""
    waiting: int = 0
    is_exact: bool = False
    # What unknown words were taken for.
    meant: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    milliseconds: float = 0.0  # of the statement that found them


@dataclass(frozen=True)
class Proof:
    """The very statement of a mode, and how Postgres ran it, as JSON."""

    mode: Mode
    statement: str
    plan: str


def search(typed: str, mode: Mode, filters: Filters = EVERYTHING, limit: int = 10) -> Found:
    """The best `limit` products. Whatever is typed is answered; without a word there are no hits."""
    (found,) = side_by_side(typed, [mode], filters, limit)
    return found


def side_by_side(typed: str, modes: Sequence[Mode], filters: Filters = EVERYTHING, limit: int = 10) -> list[Found]:
    """What each of the modes finds, at one and the same moment."""
    with _prepared(typed, modes, filters, limit) as (statement, told):
        return [_found(statement, mode, "" if mode is Mode.FULL_TEXT else told) for mode in modes]


def explain(typed: str, modes: Sequence[Mode], filters: Filters = EVERYTHING, limit: int = 10) -> list[Proof]:
    """Of each mode that has something to ask of the database."""
    with _prepared(typed, modes, filters, limit) as (statement, _):
        runs = [(mode, statement.of(mode)) for mode in modes] if statement else []
        return [Proof(mode, run.as_run(), run.plan()) for mode, run in runs if run]


def recall(typed: str, limit: int = 10) -> Recall | None:
    """How many of the nearest `limit` the index over the vectors finds; None where there are no vectors.

    One as near as the farthest of them is as good: many products of a shop have the same text.
    """
    question, made_by = as_meant(asked(typed)), provider()
    vector = _vector(made_by, question.text)[0] if question else None
    if made_by is None or vector is None:
        return None
    distance = f"embedding::vector({made_by.dimensions}) <=> %(vector)s::vector"
    near = (
        f"SELECT {distance} AS distance FROM product_vectors WHERE model = %(model)s"
        f" ORDER BY {distance} LIMIT %(limit)s"
    )
    values: dict[str, str | int] = {"model": made_by.model, "vector": written(vector), "limit": limit}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL hnsw.ef_search = {AMONG}")
        cursor.execute(f"EXPLAIN {near}", values)
        by_index = any("Index Scan" in line for (line,) in cursor.fetchall())
        cursor.execute(near, values)
        found = [distance for (distance,) in cursor.fetchall()]
        cursor.execute("SET LOCAL enable_indexscan = off")
        cursor.execute(near, values)
        exact = [distance for (distance,) in cursor.fetchall()]
    as_near = sum(distance <= exact[-1] + SAME for distance in found) if exact else 0
    return Recall(as_near, len(exact), by_index) if exact else None


@contextmanager
def _prepared(
    typed: str, modes: Sequence[Mode], filters: Filters, limit: int
) -> Iterator[tuple[Statements | None, str]]:
    """The statements in their transaction, None when there is nothing to ask; and why there is no vector."""
    question, made_by = as_meant(asked(typed)), provider()
    vector, told = None, ""
    if question and set(modes) != {Mode.FULL_TEXT}:
        vector, told = _vector(made_by, question.text)
    if not question:
        yield None, told
        return
    with transaction.atomic(), connection.cursor() as cursor:
        statements = Statements(cursor, question, filters, limit, made_by, vector)
        statements.prepare()
        yield statements, told


def _found(statements: Statements | None, mode: Mode, told: str) -> Found:
    if statements is None:
        return Found(mode, told=told)
    statement = statements.of(mode)
    began = time.perf_counter()
    hits = _hits(statement.rows()) if statement else []
    return Found(
        mode,
        hits,
        told,
        waiting=statements.waiting,
        is_exact=statements.is_exact,
        meant=statements.question.meant,
        milliseconds=(time.perf_counter() - began) * 1000,
    )


def _hits(rows: list[tuple[Any, ...]]) -> list[Hit]:
    fields = ("product_id", "sku", "name", "description", "price", "stock_quantity", "category", "tags")
    return [
        Hit(
            Product(**dict(zip(fields, product, strict=True))),
            float(score),
            text_place,
            text_score,
            share,
            meaning_place,
            similarity,
            bool(has_key),
            _pieces(name),
            _pieces(matched),
        )
        for score, text_place, text_score, share, meaning_place, similarity, has_key, name, matched, *product in rows
    ]


def _pieces(headline: str) -> Pieces:
    pieces: list[tuple[str, bool]] = []
    for number, part in enumerate(headline.split("\x01")):
        hit, _, rest = part.partition("\x02") if number else ("", "", part)
        pieces += [(hit, True)] if hit else []
        pieces += [(rest, False)] if rest else []
    return tuple(pieces)


def _vector(made_by: Provider | None, text: str) -> tuple[list[float] | None, str]:
    """The question as a vector; or None, and why."""
    if made_by is None:
        return None, "No model makes vectors here (LAKESHOP_EMBEDDINGS): products are found by their words alone."
    if not vectors.are_possible():
        return None, vectors.NO_PGVECTOR
    try:
        return list(_embedded(made_by, text)), ""
    except OSError as error:
        return None, str(error)


@lru_cache(maxsize=512)
def _embedded(made_by: Provider, text: str) -> tuple[float, ...]:
    return tuple(made_by.embed([text], patience=QUERY_PATIENCE)[0])
