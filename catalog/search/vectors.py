"""The vectors of products: which are missing, how they are made, and the index over those of a model."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import ProgrammingError, connection, transaction

from .embeddings import Provider, provider, written
from .indexing import TEXT

NO_PGVECTOR = (
    "This database had no pgvector when its tables were made. Have it installed, and as their owner run "
    "`manage.py migrate catalog 0006 && manage.py migrate`."
)
IS_THERE = """
SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'product_vectors'::regclass AND attname = 'embedding')
"""
STATE = """
SELECT count(*) FILTER (WHERE v.text_hash = s.text_hash AND v.model = %(model)s),
    count(*) FILTER (WHERE v.model = %(model)s AND v.text_hash <> s.text_hash),
    count(*) FILTER (WHERE v.model <> %(model)s),
    count(*) FILTER (WHERE v.product_id IS NULL)
FROM product_search AS s LEFT JOIN product_vectors AS v USING (product_id)
"""
# OFFSET 0: one by one as they come, for a join of all that there are would be made anew for each batch.
STALE = f"""
SELECT product_id, text_hash, {TEXT} FROM (
    SELECT product_id, text_hash FROM product_search AS s
    WHERE product_id > %(after)s AND (%(among)s::bigint[] IS NULL OR product_id = ANY (%(among)s)) AND NOT EXISTS (
        SELECT FROM product_vectors AS v
        WHERE v.product_id = s.product_id AND v.text_hash = s.text_hash AND v.model = %(model)s OFFSET 0
    )
    ORDER BY product_id LIMIT %(most)s
) AS stale JOIN products USING (product_id) ORDER BY product_id
"""
# The hash is that of the index; should the text have changed since, it will not fit and the row comes up again.
KEEP = """
INSERT INTO product_vectors (product_id, model, text_hash, embedding)
SELECT product_id, %(model)s, text_hash, embedding::vector
FROM unnest(%(keys)s::bigint[], %(hashes)s::text[], %(vectors)s::text[]) AS made (product_id, text_hash, embedding)
ON CONFLICT (product_id) DO UPDATE SET
    model = excluded.model, text_hash = excluded.text_hash, embedding = excluded.embedding
"""
FORGET_GONE = """
DELETE FROM product_vectors AS v WHERE (%(among)s::bigint[] IS NULL OR product_id = ANY (%(among)s))
    AND NOT EXISTS (SELECT FROM products AS p WHERE p.product_id = v.product_id)
"""
# Products of one kind have nearly one text: with pgvector's own figures some of such clusters are reached by no way.
DENSE = "m = 32, ef_construction = 200"


# Tells of a change a second after it, as PostgreSQL's statistics do, and costs a hundredth of a look at all rows.
CHANGES = """
SELECT sum(pg_stat_get_tuples_inserted(t) + pg_stat_get_tuples_updated(t) + pg_stat_get_tuples_deleted(t))::bigint
FROM unnest(ARRAY['product_search'::regclass, 'product_vectors'::regclass]) AS t
"""
# Seconds that a state is remembered: whatever changes, and while nothing does.
AT_LEAST, AT_MOST = 2, 60


@dataclass(frozen=True)
class State:
    """How many products have a vector of this model, and why others have none."""

    ready: int
    changed: int
    of_other_models: int
    missing: int

    @property
    def all(self) -> int:
        return self.ready + self.lacking

    @property
    def lacking(self) -> int:
        return self.changed + self.not_searched

    @property
    def not_searched(self) -> int:
        return self.of_other_models + self.missing


@dataclass(frozen=True)
class Remembered:
    """A state, and how many changes there had been when it was looked at, at `time.time()`."""

    state: State
    changes: int
    at: float

    @property
    def holds(self) -> bool:
        return time.time() - self.at < AT_LEAST or _changes() == self.changes


def are_possible() -> bool:
    """Whether there is a column for them, which takes pgvector."""
    with connection.cursor() as cursor:
        cursor.execute(IS_THERE)
        return bool(cursor.fetchone()[0])


def maker() -> Provider | None:
    """Who makes vectors here; None where nobody does, or there is no column for them."""
    return provider() if are_possible() else None


def state(model: str) -> State:
    with connection.cursor() as cursor:
        cursor.execute(STATE, {"model": model})
        return State(*cursor.fetchone())


def remembered_state() -> State | None:
    """The state of the model that is used, a few seconds old at most: to tell it takes a look at every product.

    None where nobody makes vectors, or there is no column for them.
    """
    made_by = provider()
    if made_by is None:
        return None
    name = f"vectors_of_{made_by.model}"
    known: Remembered | None = cache.get(name)
    if known is not None and known.holds:
        return known.state
    if not are_possible():
        return None
    at, changes = time.time(), _changes()  # first: what comes meanwhile is a change
    known = Remembered(state(made_by.model), changes, at)
    cache.set(name, known, AT_MOST)
    return known.state


def _changes() -> int:
    with connection.cursor() as cursor:
        cursor.execute(CHANGES)
        return int(cursor.fetchone()[0])


def embed(provider: Provider, told: Callable[[int], object] = lambda done: None, among: list[int] | None = None) -> int:
    """Make the vectors that are missing or old, a batch at a time; how many. Raises OSError as the provider does.

    `among`: of these products alone.
    """
    after, done = -(1 << 63), 0
    while rows := _stale(provider, after, among):
        keys, hashes, texts = zip(*rows, strict=True)
        vectors = provider.embed(texts)
        with transaction.atomic(), connection.cursor() as cursor:
            values: dict[str, str | list[Any]] = {
                "model": provider.model,
                "keys": list(keys),
                "hashes": list(hashes),
                "vectors": [written(vector) for vector in vectors],
            }
            cursor.execute(KEEP, values)
        after, done = keys[-1], done + len(rows)
        told(len(rows))
    with connection.cursor() as cursor:
        cursor.execute(FORGET_GONE, {"among": among})
    return done


def _stale(provider: Provider, after: int, among: list[int] | None) -> list[tuple[int, str, str]]:
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {"model": provider.model, "after": after, "most": provider.together, "among": among}
        cursor.execute(STALE, asked)
        found: list[tuple[int, str, str]] = cursor.fetchall()
        return found


def has_index(provider: Provider) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [_index_of(provider)])
        return bool(cursor.fetchone()[0])


def make_index(provider: Provider) -> bool:
    """The model's own index, where it is not there. False when the role may not: only the table's owner can."""
    if has_index(provider):
        return True
    name = connection.ops.quote_name(_index_of(provider))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # What does not fit into memory takes many times as long.
            cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
            cursor.execute(
                f"CREATE INDEX {name} ON product_vectors USING hnsw"
                f" ((embedding::vector({int(provider.dimensions)})) vector_cosine_ops) WITH ({DENSE}) WHERE model = %s",
                [provider.model],
            )
    except ProgrammingError:
        return False
    return True


def drop_index(provider: Provider) -> bool:
    """Before very many vectors are made, for it is made faster afterwards. False when the role may not."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX IF EXISTS {connection.ops.quote_name(_index_of(provider))}")
    except ProgrammingError:
        return False
    return True


def _index_of(provider: Provider) -> str:
    return "product_vectors_" + re.sub(r"\W+", "_", provider.model.lower())[:40]
