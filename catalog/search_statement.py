"""The one statement of a search of products: two lists of candidates, fused, with what each hit matched."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.conf import settings

from . import background
from .asked import Asked
from .embeddings import Provider, written

CANDIDATES = 60
# Where fewer products than this fit the filters, each of them is compared, and the index over the vectors is not asked.
EXACT_BELOW = 2_000
NEARLY = 0.45
# Words that are nearly spelt so are found where pg_trgm is to be had.
HAS_TRIGRAMS = "to_regprocedure('word_similarity(text, text)') IS NOT NULL"
# Pieces between signs that no text of the shop holds.
HIGHLIGHT = 'StartSel="\x01", StopSel="\x02", MaxFragments=2, MaxWords=18, MinWords=6, FragmentDelimiter=" … "'


class Mode(StrEnum):
    FULL_TEXT = "full text"
    SEMANTIC = "semantic"
    HYBRID = "hybrid"


@dataclass(frozen=True)
class Filters:
    category: str = ""
    tags: tuple[str, ...] = ()
    price_from: Decimal | None = None
    price_to: Decimal | None = None

    def condition(self) -> tuple[str, dict[str, Any]]:
        """SQL about the product p, and its values."""
        parts = {
            "p.category = %(category)s": self.category,
            "p.tags @> %(tags)s::text[]": list(self.tags),
            "p.price >= %(price_from)s": self.price_from,
            "p.price <= %(price_to)s": self.price_to,
        }
        chosen = [sql for sql, value in parts.items() if value not in ("", [], None)]
        values = {
            "category": self.category,
            "tags": list(self.tags),
            "price_from": self.price_from,
            "price_to": self.price_to,
        }
        return " AND ".join(chosen) or "true", values


class Statement:
    """One search in one transaction."""

    def __init__(
        self,
        cursor: Any,
        question: Asked,
        mode: Mode,
        filters: Filters,
        limit: int,
        made_by: Provider | None,
        vector: list[float] | None,
    ) -> None:
        self.cursor, self.question, self.mode = cursor, question, mode
        self.condition, self.values = filters.condition()
        self.made_by, self.vector = made_by, vector
        self.is_exact, self.waiting = False, 0
        self.misspelt: list[str] = []
        fusion = settings.SEARCH_FUSION
        self.values |= {
            "limit": limit,
            "candidates": CANDIDATES,
            "k": fusion["k"],
            "text_weight": fusion["full_text"],
            "meaning_weight": fusion["semantic"],
            "highlight": HIGHLIGHT,
            "model": made_by.model if made_by else "",
            "vector": written(vector) if vector else None,
        }
        for kind, parts in (("word", question.words), ("phrase", question.phrases), ("not", question.refused)):
            self.values |= {f"{kind}{number}": part for number, part in enumerate(parts)}

    def prepare(self) -> None:
        """Ask what the plan depends on: words that no product has, and how many products the filters leave."""
        self.cursor.execute("SELECT count(*) FROM (SELECT FROM product_search_queue LIMIT 1001) AS waiting")
        (self.waiting,) = self.cursor.fetchone()
        if self.waiting:
            background.soon()
        if self.mode is not Mode.SEMANTIC and self.question.words:
            known = ", ".join(
                f"EXISTS (SELECT FROM product_search WHERE document @@ {self._word(number)})"
                f" OR numnode({self._word(number)}) = 0"
                for number in range(len(self.question.words))
            )
            self.cursor.execute(f"SELECT {HAS_TRIGRAMS}, {known}", self.values)
            has_trigrams, *is_known_each = self.cursor.fetchone()
            told = zip(self.question.words, is_known_each, strict=True)
            unknown = [word for word, is_known in told if not is_known and word not in self.question.keys]
            self.misspelt = unknown if has_trigrams else []
        if self.mode is not Mode.FULL_TEXT and self.condition != "true":
            bounded = (
                f"SELECT count(*) FROM (SELECT FROM products AS p WHERE {self.condition} LIMIT {EXACT_BELOW}) AS few"
            )
            self.cursor.execute(bounded, self.values)
            self.is_exact = self.cursor.fetchone()[0] < EXACT_BELOW

    def rows(self) -> list[tuple[Any, ...]]:
        self._set()
        self.cursor.execute(self.sql(), self.values | self._nearly())
        found: list[tuple[Any, ...]] = self.cursor.fetchall()
        return found

    def plan(self) -> list[str]:
        self._set()
        self.cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, BUFFERS OFF) {self.sql()}", self.values | self._nearly())
        return [line for (line,) in self.cursor.fetchall()]

    def sql(self) -> str:
        text, meaning = self._text(), self._meaning()
        fused = """
            SELECT product_id, text.place AS text_place, text.score AS text_score,
                coalesce(text.has_key, false) AS has_key, meaning.place AS meaning_place, meaning.similarity,
                coalesce(%(text_weight)s / (%(k)s + text.place), 0)
                    + coalesce(%(meaning_weight)s / (%(k)s + meaning.place), 0)
                    -- Who knows the number wants that one thing.
                    + CASE WHEN text.has_key THEN 1 ELSE 0 END AS score
            FROM text FULL JOIN meaning USING (product_id)
        """
        return f"""
            WITH text AS ({text}), meaning AS ({meaning}),
            best AS (SELECT * FROM ({fused}) AS fused ORDER BY score DESC, product_id LIMIT %(limit)s)
            SELECT best.score, text_place, text_score, meaning_place, similarity, has_key,
                ts_headline('english', p.name || E'\\n' || left(p.description, 2000), {self._any()}, %(highlight)s),
                p.product_id, p.sku, p.name, p.description, p.price, p.stock_quantity, p.category, p.tags
            FROM best JOIN products AS p USING (product_id) ORDER BY best.score DESC, p.product_id
        """

    def _text(self) -> str:
        if self.mode is Mode.SEMANTIC:
            return "SELECT NULL::bigint AS product_id, 0 AS place, 0.0 AS score, false AS has_key WHERE false"
        keys = [
            f"p.sku ILIKE %(word{number})s || '%%'"
            for number, word in enumerate(self.question.words)
            if word in self.question.keys
        ]
        key_in_index = [
            f"s.words ILIKE E'%%\\n' || %(word{number})s || '%%'"
            for number, word in enumerate(self.question.words)
            if word in self.question.keys
        ]
        has_key = f"({' OR '.join(keys)})" if keys else "false"
        nearly = [f"s.words %%> %(nearly{number})s" for number in range(len(self.misspelt))]
        alike = " + ".join(
            [f"word_similarity(%(nearly{number})s, s.words)" for number in range(len(self.misspelt))] or ["0"]
        )
        return f"""
            SELECT product_id, row_number() OVER (ORDER BY score DESC, product_id) AS place, score, has_key
            FROM (
                SELECT product_id, has_key, score FROM (
                    SELECT s.product_id, {has_key} AS has_key,
                        ts_rank_cd('{{0.1, 0.2, 0.6, 1.0}}', s.document, {self._any()}, 4)
                            -- All of the words before some of them.
                            + CASE WHEN s.document @@ {self._all()} THEN 1 ELSE 0 END
                            + {alike} + CASE WHEN {has_key} THEN 10 ELSE 0 END AS score
                    FROM product_search AS s JOIN products AS p USING (product_id)
                    WHERE ({" OR ".join([f"s.document @@ {self._any()}", *key_in_index, *nearly])})
                        AND {self.condition} AND {self._must("s")}
                ) AS scored
                ORDER BY score DESC, product_id LIMIT %(candidates)s
            ) AS found
        """

    def _meaning(self) -> str:
        if self.mode is Mode.FULL_TEXT or self.made_by is None:
            return "SELECT NULL::bigint AS product_id, 0 AS place, 0.0::float8 AS similarity WHERE false"
        distance = f"v.embedding::vector({self.made_by.dimensions}) <=> %(vector)s::vector"
        joined = self.condition != "true" or self.question.refused or self.question.phrases
        others = "JOIN products AS p USING (product_id) JOIN product_search AS s USING (product_id)" if joined else ""
        conditions = f"AND {self.condition} AND {self._must('s')}" if joined else ""
        found = f"""
            SELECT v.product_id, {distance} AS distance FROM product_vectors AS v {others}
            WHERE v.model = %(model)s {conditions}
        """
        # Behind OFFSET 0 the few that fit are all compared; else the index gives them in their order.
        near = (
            f"SELECT * FROM ({found} OFFSET 0) AS few ORDER BY distance LIMIT %(candidates)s"
            if self.is_exact
            else f"{found} ORDER BY {distance} LIMIT %(candidates)s"
        )
        return f"""
            SELECT product_id, row_number() OVER (ORDER BY distance, product_id) AS place, 1 - distance AS similarity
            FROM ({near}) AS near
        """

    def _set(self) -> None:
        self.cursor.execute(f"SET LOCAL pg_trgm.word_similarity_threshold = {NEARLY}" if self.misspelt else "SELECT 1")
        if self.mode is not Mode.FULL_TEXT:
            # Goes on where conditions leave too few of the nearest; since pgvector 0.8, ignored before.
            self.cursor.execute(
                f"SET LOCAL hnsw.ef_search = {2 * CANDIDATES}; SET LOCAL hnsw.iterative_scan = relaxed_order"
            )

    def _nearly(self) -> dict[str, str]:
        return {f"nearly{number}": word for number, word in enumerate(self.misspelt)}

    def _word(self, number: int) -> str:
        return f"plainto_tsquery('english', %(word{number})s)"

    def _positive(self) -> list[str]:
        phrases = [f"phraseto_tsquery('english', %(phrase{n})s)" for n in range(len(self.question.phrases))]
        return [*(self._word(number) for number in range(len(self.question.words))), *phrases]

    def _any(self) -> str:
        return f"({' || '.join(self._positive())})"

    def _all(self) -> str:
        return f"({' && '.join(self._positive())})"

    def _must(self, index: str) -> str:
        """Phrases are to be in it, and what is refused is not."""
        phrases, refused = range(len(self.question.phrases)), range(len(self.question.refused))
        inside = [f"{index}.document @@ phraseto_tsquery('english', %(phrase{number})s)" for number in phrases]
        outside = [f"NOT {index}.document @@ phraseto_tsquery('english', %(not{number})s)" for number in refused]
        return " AND ".join([*inside, *outside]) or "true"
