"""The one statement of a search of products: what has the words, what means them, both fused, and why each hit matched.

Each list is bounded before anything is ranked, so that a word that a tenth of all products have costs no more than
another: see OF_TERM.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import connection

from . import background
from .asked import Asked
from .embeddings import Provider, written
from .search_filters import Filters

CANDIDATES = 60
AMONG = 2 * CANDIDATES  # the index over the vectors chooses the nearest from so many
# Of so many products that have a word (in their name; anywhere), or all words, the ranks are computed.
OF_TERM_IN_NAME, OF_TERM = 100, 150
OF_ALL_IN_NAME, OF_ALL = 100, 300
# Where fewer products than this fit the filters, each of them is compared, and the index over the vectors is not asked.
EXACT_BELOW = 2_000
# Description, category and tags, (none), name and SKU.
WEIGHTS = "{0.1, 0.2, 0.6, 1.0}"
# What a word is taken for, as a part of the word.
GUESSED = 0.7
# An SKU that is typed whole counts more than any words, and its beginning as much as all of them.
WHOLE_KEY, KEY_BEGUN = 10.0, 1.0
# Pieces between signs that no text of the shop holds.
MARKS = 'StartSel="\x01", StopSel="\x02"'
HIGHLIGHT = f'{MARKS}, MaxFragments=2, MaxWords=18, MinWords=6, FragmentDelimiter=" … "'
LONG_LIST = re.compile(r"([\[{])-?[\d.]+,[-\d.,e]{80,}([\]}])")

NO_NEAR = "SELECT NULL::bigint AS product_id, 0 AS place, 0.0::float8 AS similarity WHERE false"
NO_WORDS = """
text AS (
    SELECT NULL::bigint AS product_id, 0 AS place, 0.0::float8 AS score, 0.0::float8 AS share, 0.0::float8 AS key
    WHERE false
)"""
# The share of the words that a product has, rare ones counting more, decides; where in it they stand comes next.
WORDS = """
terms AS MATERIALIZED (
    SELECT place, query, trust FROM (VALUES {terms}) AS given (place, query, trust) WHERE numnode(query) > 0
),
of_term AS MATERIALIZED (
    SELECT DISTINCT place, product_id FROM terms CROSS JOIN LATERAL (
        (SELECT s.product_id FROM product_search AS s
            WHERE ts_filter(s.document, '{{a}}') @@ terms.query{fits} LIMIT {OF_TERM_IN_NAME})
        UNION ALL
        (SELECT s.product_id FROM product_search AS s WHERE s.document @@ terms.query{fits} LIMIT {OF_TERM})
    ) AS found
),
of_all AS MATERIALIZED (
    (SELECT s.product_id FROM product_search AS s
        WHERE ts_filter(s.document, '{{a}}') @@ ({every}){fits} LIMIT {OF_ALL_IN_NAME})
    UNION ALL
    (SELECT s.product_id FROM product_search AS s WHERE s.document @@ ({every}){fits} LIMIT {OF_ALL})
),
keys AS MATERIALIZED ({keys}),
weights AS MATERIALIZED (
    SELECT query, trust, 1 / (1 + ln(1 + (SELECT count(*) FROM of_term WHERE of_term.place = terms.place))) AS weight
    FROM terms
),
scored AS MATERIALIZED (
    SELECT product_id, key, share, key + share + 0.5 * ts_rank('{WEIGHTS}', document, {any}, 1) AS score FROM (
        SELECT s.product_id, s.document,
            coalesce((SELECT max(key) FROM keys WHERE keys.product_id = s.product_id), 0) AS key,
            coalesce((
                SELECT sum(trust * weight) FILTER (WHERE s.document @@ query) / sum(weight) FROM weights
            ), 0) AS share
        FROM (
            SELECT product_id FROM of_term UNION SELECT product_id FROM of_all UNION SELECT product_id FROM keys
            UNION SELECT product_id FROM meaning
        ) AS candidates JOIN product_search AS s USING (product_id) OFFSET 0
    ) AS measured WHERE key + share > 0
),
text AS (
    SELECT *, row_number() OVER (ORDER BY score DESC, product_id) AS place FROM scored
    ORDER BY score DESC, product_id LIMIT %(candidates)s
)"""
KEYS = """SELECT s.product_id, CASE WHEN s.sku = lower({word}) THEN {WHOLE_KEY} ELSE {KEY_BEGUN} END AS key
    FROM product_search AS s
    WHERE s.sku >= lower({word}) AND s.sku < lower({word}) || chr(1114111){fits} ORDER BY s.sku LIMIT %(candidates)s"""
NO_KEYS = "SELECT NULL::bigint AS product_id, 0.0::float8 AS key WHERE false"
# The index gives the nearest in their order; behind OFFSET 0 all that fit are compared. What has nothing in common
# with the question is not near, only less far.
MEANING = """
    SELECT product_id, row_number() OVER (ORDER BY distance, product_id) AS place, 1 - distance AS similarity
    FROM ({near}) AS near WHERE 1 - distance >= %(alike_from)s"""
BY_INDEX = """
        SELECT v.product_id, {distance} AS distance FROM product_vectors AS v WHERE v.model = %(model)s{fits}
        ORDER BY {distance} LIMIT %(candidates)s"""
ALL_COMPARED = """
        SELECT * FROM (
            SELECT v.product_id, {distance} AS distance FROM product_vectors AS v
            WHERE v.model = %(model)s{fits} OFFSET 0
        ) AS compared ORDER BY distance LIMIT %(candidates)s"""
# A product that lacks half of the words has little to say by its place among those that have some: hence the square.
STATEMENT = """
WITH meaning AS MATERIALIZED ({meaning}),{words},
best AS (
    SELECT product_id, text.place AS text_place, text.score AS text_score, text.share, coalesce(text.key, 0) AS key,
        meaning.place AS meaning_place, meaning.similarity,
        coalesce(text.key, 0) + coalesce(%(text_weight)s * text.share ^ 2 / (%(k)s + text.place), 0)
            + coalesce(%(meaning_weight)s / (%(k)s + meaning.place), 0) AS score
    FROM text {joined} JOIN meaning USING (product_id)
    ORDER BY score DESC, text.place, product_id LIMIT %(limit)s
)
SELECT best.score, text_place, text_score, share, meaning_place, similarity, key = {WHOLE_KEY},
    ts_headline('english', p.name, {any}, %(whole_highlight)s),
    ts_headline('english', left(p.description, 2000), {any}, %(highlight)s),
    p.product_id, p.sku, p.name, p.description, p.price, p.stock_quantity, p.category, p.tags
FROM best JOIN products AS p USING (product_id) ORDER BY best.score DESC, text_place, p.product_id
"""
WAITING = "SELECT (SELECT count(*) FROM (SELECT FROM product_search_queue LIMIT 1001) AS waiting)"


class Mode(StrEnum):
    FULL_TEXT = "full text"
    SEMANTIC = "semantic"
    HYBRID = "hybrid"


class Statements:
    """What the statements of one search have in common: the question, its values, and what the plan depends on."""

    def __init__(
        self,
        cursor: Any,
        question: Asked,
        filters: Filters,
        limit: int,
        made_by: Provider | None,
        vector: list[float] | None,
    ) -> None:
        self.cursor, self.question = cursor, question
        self.condition, self.values = filters.condition()
        self.made_by, self.vector = made_by, vector
        self.is_exact, self.waiting = False, 0
        fusion = settings.SEARCH_FUSION
        self.values |= {
            "limit": limit,
            "candidates": max(CANDIDATES, limit),
            "k": fusion["k"],
            "text_weight": fusion["full_text"],
            "meaning_weight": fusion["semantic"],
            "highlight": HIGHLIGHT,
            "whole_highlight": f"{MARKS}, HighlightAll=true",
            "model": made_by.model if made_by else "",
            "alike_from": made_by.alike_from if made_by else 0,
            "vector": written(vector) if vector else None,
        }
        for kind, parts in (("word", question.words), ("phrase", question.phrases), ("not", question.refused)):
            self.values |= {f"{kind}{number}": part for number, part in enumerate(parts)}
        for number, word in enumerate(question.words):
            self.values |= {f"word{number}_{other}": text for other, text in enumerate(question.meaning(word))}

    def prepare(self) -> None:
        """Ask how many products the filters leave, and how many wait to be indexed."""
        few = f"SELECT product_id FROM products AS p WHERE {self.condition or 'false'} LIMIT {EXACT_BELOW}"
        self.cursor.execute(f"{WAITING}, ARRAY({few})", self.values)
        self.waiting, self.values["few"] = self.cursor.fetchone()
        self.is_exact = self.condition != "" and len(self.values["few"]) < EXACT_BELOW
        if self.waiting:
            background.soon()
        if self.vector:
            # Goes on where conditions leave too few of the nearest; since pgvector 0.8, ignored before.
            self.cursor.execute(f"SET LOCAL hnsw.ef_search = {AMONG}; SET LOCAL hnsw.iterative_scan = relaxed_order")

    def of(self, mode: Mode) -> Statement | None:
        """None where a mode has nothing to ask for: there is no meaning without a vector."""
        if self.vector is None and mode is Mode.SEMANTIC:
            return None
        return Statement(self, Mode.FULL_TEXT if self.vector is None else mode)


class Statement:
    """The one statement of one mode."""

    def __init__(self, common: Statements, mode: Mode) -> None:
        self.common, self.mode = common, mode
        self.cursor, self.question, self.values = common.cursor, common.question, common.values

    def rows(self) -> list[tuple[Any, ...]]:
        self.cursor.execute(self.sql(), self.values)
        found: list[tuple[Any, ...]] = self.cursor.fetchall()
        return found

    def plan(self) -> str:
        """As JSON, measured; without the numbers of the vector or of many products, which nobody would read."""
        self.cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {self.sql()}", self.values)
        (told,) = self.cursor.fetchone()
        return LONG_LIST.sub(r"\1...\2", json.dumps(told, indent=2))

    def as_run(self) -> str:
        """With its values, but for the numbers of the vector."""
        values = self.values | {"vector": self.values["vector"] and "[...]"}
        composed: str = connection.ops.compose_sql(self.sql(), values)  # type: ignore[attr-defined]  # PostgreSQL's
        return composed.strip()

    def sql(self) -> str:
        both = self.mode is Mode.HYBRID
        return STATEMENT.format(
            meaning=self._meaning(),
            words=NO_WORDS if self.mode is Mode.SEMANTIC else self._words(),
            joined="FULL" if both else "LEFT" if self.mode is Mode.FULL_TEXT else "RIGHT",
            any=self._any(),
            WHOLE_KEY=WHOLE_KEY,
        )

    def _words(self) -> str:
        fits = self._fits("s") + self._must("s")
        keys = [
            f"({KEYS.format(word=f'%(word{number})s', fits=fits, WHOLE_KEY=WHOLE_KEY, KEY_BEGUN=KEY_BEGUN)})"
            for number, word in enumerate(self.question.words)
            if word in self.question.keys
        ]
        bounds = {
            "OF_TERM_IN_NAME": OF_TERM_IN_NAME,
            "OF_TERM": OF_TERM,
            "OF_ALL_IN_NAME": OF_ALL_IN_NAME,
            "OF_ALL": OF_ALL,
            "WEIGHTS": WEIGHTS,
        }
        return WORDS.format(
            terms=", ".join(f"({place}, {term}, {self._trust(place)})" for place, term in enumerate(self._positive())),
            every=" && ".join(self._positive()),
            any=self._any(),
            keys=" UNION ALL ".join(keys) or NO_KEYS,
            fits=fits,
            **bounds,
        )

    def _meaning(self) -> str:
        if self.mode is Mode.FULL_TEXT or self.common.made_by is None:
            return NO_NEAR
        fits = self._fits("v")
        if must := self._must("s"):
            fits += f" AND EXISTS (SELECT FROM product_search AS s WHERE s.product_id = v.product_id{must} OFFSET 0)"
        distance = f"v.embedding::vector({self.common.made_by.dimensions}) <=> %(vector)s::vector"
        near = ALL_COMPARED if self.common.is_exact else BY_INDEX
        return MEANING.format(near=near.format(distance=distance, fits=fits))

    def _fits(self, row: str) -> str:
        """The row is of a product that fits the filters. OFFSET 0: one by one, as an index hands them out."""
        if not self.common.condition:
            return ""
        if self.common.is_exact:
            return f" AND {row}.product_id = ANY (%(few)s)"
        return (
            f" AND EXISTS (SELECT FROM products AS p WHERE p.product_id = {row}.product_id"
            f" AND {self.common.condition} OFFSET 0)"
        )

    def _must(self, index: str) -> str:
        """Phrases are to be in it, and what is refused is not."""
        phrases, refused = range(len(self.question.phrases)), range(len(self.question.refused))
        inside = [f" AND {index}.document @@ phraseto_tsquery('english', %(phrase{number})s)" for number in phrases]
        outside = [f" AND NOT {index}.document @@ phraseto_tsquery('english', %(not{number})s)" for number in refused]
        return "".join([*inside, *outside])

    def _positive(self) -> list[str]:
        phrases = [f"phraseto_tsquery('english', %(phrase{n})s)" for n in range(len(self.question.phrases))]
        return [*(self._word(number) for number in range(len(self.question.words))), *phrases]

    def _word(self, number: int) -> str:
        others = range(len(self.question.meaning(self.question.words[number])))
        either = [f"plainto_tsquery('english', %(word{number}_{other})s)" for other in others]
        return f"({' || '.join(either)})"

    def _trust(self, place: int) -> float:
        """In words as they stand, and in those that others are taken for."""
        words = self.question.words
        return GUESSED if place < len(words) and words[place] in self.question.meant else 1.0

    def _any(self) -> str:
        return f"({' || '.join(self._positive())})"
