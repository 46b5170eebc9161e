"""Keeping what products are found by: the queue that the triggers fill is worked off, out of the way of who writes."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, transaction

from .folding import bare_sql, parted_sql

BATCH = 2_000
LOCK = 7_320_026  # two at once could leave the older of two versions
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(%s)"
# The names by which a word is found begin lines: what a search for the beginning of one looks for.
WORDS = r"E'\n' || name || E'\n' || sku || E'\n' || array_to_string(tags, E'\n')"
KINDS = "category || ' ' || array_to_string(tags, ' ')"
# More than a screen of it says nothing that the beginning does not.
DESCRIBED = "left(description, 2000)"
TEXT = f"concat_ws(E'\\n', name, category, array_to_string(tags, ', '), {DESCRIBED})"
DOCUMENT = (
    f"setweight(to_tsvector('english', {parted_sql('name')}), 'A')"
    f" || setweight(to_tsvector('english', {parted_sql(KINDS)}), 'B')"
    f" || setweight(to_tsvector('english', {parted_sql('left(description, 100000)')}), 'C')"
)
# Arrays, not joins: just after an import the planner takes the tables for as small as they were before it.
WORK_OFF = f"""
WITH taken AS (
    DELETE FROM product_search_queue WHERE ctid = ANY (ARRAY(SELECT ctid FROM product_search_queue LIMIT %s))
    RETURNING product_id
), there AS (
    SELECT product_id, {bare_sql("sku")} AS sku, {WORDS} AS words, {DOCUMENT} AS document,
        md5({TEXT}) AS text_hash, {TEXT} AS text
    FROM products WHERE product_id = ANY (ARRAY(SELECT product_id FROM taken))
), gone AS (
    DELETE FROM product_search
    WHERE product_id = ANY (ARRAY(SELECT product_id FROM taken EXCEPT SELECT product_id FROM there))
), kept AS (
    INSERT INTO product_search SELECT product_id, sku, words, document, text_hash FROM there
    ON CONFLICT (product_id) DO UPDATE SET
        sku = excluded.sku, words = excluded.words, document = excluded.document, text_hash = excluded.text_hash
), learnt AS (
    INSERT INTO product_search_vocabulary
    SELECT DISTINCT word FROM there, unnest(tsvector_to_array(to_tsvector('simple', {parted_sql("text")}))) AS word
    WHERE word ~ '^[[:alpha:]]{{3,40}}$'
    ON CONFLICT DO NOTHING
)
SELECT ARRAY(SELECT DISTINCT product_id FROM taken)
"""


def work_off() -> int:
    """Bring the index to what the products say; tells how many of them were looked at. Who is at it is let."""
    return sum(len(batch) for batch in batches())


def waiting() -> int:
    """How many changes are in the queue."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM product_search_queue")
        return int(cursor.fetchone()[0])


def batches() -> Iterator[list[int]]:
    """The same, a batch at a time: the keys of its products, those that are gone among them."""
    while batch := _work_off_some():
        yield batch


def _work_off_some() -> list[int]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TRY_LOCK, [LOCK])
        if not cursor.fetchone()[0]:
            return []
        cursor.execute(WORK_OFF, [BATCH])
        keys: list[int] = cursor.fetchone()[0]
        return keys
