"""The one statement of a search of products: what has the words, what means them, both fused, and why it matched.

However many modes are asked for, it is one: they choose from the same two lists.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import connection

from . import background
from . import sql as search_sql
from .asked import LOOKS_LIKE_SKU, Asked
from .embeddings import Provider, written
from .filters import Filters
from .folding import bare

OF_VECTORS = re.compile(r'"Index Name": "product_vectors_(?!pkey)')
LONG_LIST = re.compile(r"([\[{])-?[\d.]+,[-\d.,e]{80,}([\]}])")


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
        self.are_few, self.is_exact, self.waiting = False, False, 0
        fusion = settings.SEARCH_FUSION
        self.values |= {
            "limit": limit,
            "candidates": max(search_sql.CANDIDATES, limit),
            "k": fusion["k"],
            "text_weight": fusion["full_text"],
            "meaning_weight": fusion["semantic"],
            "highlight": search_sql.HIGHLIGHT,
            "whole_highlight": f"{search_sql.MARKS}, HighlightAll=true",
            "model": made_by.model if made_by else "",
            "alike_from": made_by.alike_from if made_by else 0,
            "vector": written(vector) if vector else None,
        }
        # As people write names; a name in other letters is found among those that have the words.
        text = question.text
        self.values |= {
            "text": text,
            "names": sorted({text, text.lower(), text.upper(), text.title(), text.capitalize()}),
        }
        self.values |= {f"phrase{number}": phrase for number, phrase in enumerate(question.phrases)}
        kinds = {"key": question.keys, "phrase_key": question.phrases, "not_key": question.refused}
        self.values |= {
            f"{kind}{number}": bare(part) for kind, parts in kinds.items() for number, part in enumerate(parts)
        }
        for number, key in enumerate(question.keys):
            self.values[f"in_key{number}"] = f"%{connection.ops.prep_for_like_query(bare(key))}%"
        for kind, parts in (("word", question.words), ("not", question.refused)):
            for number, part in enumerate(parts):
                self.values |= {f"{kind}{number}_{other}": text for other, text in enumerate(question.meaning(part))}

    def prepare(self) -> None:
        """Ask whether there are vectors and which share of them is a sample, how many products wait to be indexed, and
        which few the filters leave."""
        self.cursor.execute(search_sql.PREPARE.format(condition=self.condition or "false"), self.values)
        *_, self.values["sampled"], may_have_vectors, self.waiting, self.values["few"], fitting = self.cursor.fetchone()
        if not may_have_vectors:
            self.vector = None
        self.are_few = self.condition != "" and len(self.values["few"]) < search_sql.FEW
        self.is_exact = self.condition != "" and fitting < search_sql.EXACT_BELOW
        if self.waiting or background.owes():
            background.soon()

    def total(self) -> int:
        """How many products have any of the words, as far as they are counted. The last question of a search.

        For a thousand of them PostgreSQL would rather read the products one by one than ask the index.
        """
        self.cursor.execute("SET LOCAL enable_seqscan = off")
        self.cursor.execute(Statement(self, [Mode.FULL_TEXT]).total(), self.values)
        (total,) = self.cursor.fetchone()
        return int(total)

    def as_possible(self, mode: Mode) -> Mode | None:
        """What a mode can ask for. There is no meaning without a vector: None if nothing is left."""
        if self.vector is not None:
            return mode
        return None if mode is Mode.SEMANTIC else Mode.FULL_TEXT

    def of(self, *modes: Mode) -> Statement | None:
        """None where none of the modes has anything to ask for."""
        possible = {self.as_possible(mode) for mode in modes} - {None}
        return Statement(self, [mode for mode in Mode if mode in possible]) if possible else None


class Statement:
    """The one statement of some modes."""

    def __init__(self, common: Statements, modes: Sequence[Mode]) -> None:
        self.common, self.modes = common, modes
        self.cursor, self.question, self.values = common.cursor, common.question, common.values

    def rows(self) -> dict[Mode, list[tuple[Any, ...]]]:
        """Those of each mode, the best first."""
        self.cursor.execute(self.sql(), self.values)
        found: dict[Mode, list[tuple[Any, ...]]] = {mode: [] for mode in self.modes}
        for mode, *row in self.cursor.fetchall():
            found[Mode(mode)].append(tuple(row))
        return found

    def plan(self) -> str:
        """As JSON, measured; without the numbers of the vector or of many products, which nobody would read."""
        self.cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {self.sql()}", self.values)
        (told,) = self.cursor.fetchone()
        return LONG_LIST.sub(r"\1...\2", json.dumps(told, indent=2))

    def distances(self, by: str) -> list[float]:
        """Of the nearest, see `near`, the nearest first."""
        self.cursor.execute(f"SELECT distance FROM ({self.near(by)}) AS near ORDER BY distance", self.values)
        return [distance for (distance,) in self.cursor.fetchall()]

    def asks_index(self, by: str) -> bool:
        """Whether an index over vectors is asked for the nearest."""
        self.cursor.execute(f"EXPLAIN (FORMAT JSON) {self.near(by)}", self.values)
        return OF_VECTORS.search(json.dumps(self.cursor.fetchone()[0])) is not None

    def as_run(self) -> str:
        """With its values, but for the numbers of the vector."""
        values = self.values | {"vector": self.values["vector"] and "[...]"}
        composed: str = connection.ops.compose_sql(self.sql(), values)  # type: ignore[attr-defined]  # PostgreSQL's
        return composed.strip()

    def sql(self) -> str:
        return search_sql.STATEMENT.format(
            meaning=self._meaning(),
            words=search_sql.NO_WORDS if self.modes == [Mode.SEMANTIC] else self._words(),
            best=" UNION ALL ".join(search_sql.BEST[mode] for mode in self.modes),
            any=self._any(),
            name=search_sql.NAME,
            described=search_sql.DESCRIBED,
        )

    def total(self) -> str:
        fits = self._fits("s") + self._must("s")
        return search_sql.TOTAL.format(any=self._any(), fits=fits, COUNTED=search_sql.COUNTED)

    def _words(self) -> str:
        fits = self._fits("s") + self._must("s")
        return search_sql.WORDS.format(
            terms=", ".join(f"({place}, {term}, {self._trust(place)})" for place, term in enumerate(self._positive())),
            every=" && ".join(self._positive()),
            any=self._any(),
            keys=self._keys(fits),
            had=" + ".join(
                search_sql.HAD.format(query=query, place=place) for place, query in enumerate(self._positive())
            ),
            fits=fits,
            OF_TERM=min(search_sql.OF_TERM, search_sql.OF_TERMS // len(self._positive())),
            OF_ALL_IN_NAME=search_sql.OF_ALL_IN_NAME,
            OF_ALL=search_sql.OF_ALL,
            WEIGHTS=search_sql.WEIGHTS,
            WHOLE_NAME=search_sql.WHOLE_NAME,
        )

    def _keys(self, fits: str) -> str:
        parts = []
        for number, key in enumerate(self.question.keys):
            is_part, typed = self.question.is_part(key), f"%(key{number})s"
            begun = search_sql.KEY_BEGUN + (search_sql.PART_OF_KEY if is_part else 0)
            parts.append(search_sql.KEYS.format(key=typed, begun=begun, WHOLE_KEY=search_sql.WHOLE_KEY, fits=fits))
            if is_part:
                inside = search_sql.PARTS_OF_KEYS
                bonus = search_sql.PART_OF_KEY
                parts.append(inside.format(key=typed, pattern=f"%(in_key{number})s", PART_OF_KEY=bonus, fits=fits))
        return " UNION ALL ".join(parts) or search_sql.NO_KEYS

    def _meaning(self) -> str:
        if self.modes == [Mode.FULL_TEXT] or self.common.made_by is None:
            return search_sql.NO_NEAR
        return search_sql.MEANING.format(near=self.near(self.way))

    @property
    def way(self) -> str:
        """In which the nearest are found."""
        return search_sql.ALL_COMPARED if self.common.is_exact else search_sql.BY_INDEX

    def near(self, by: str) -> str:
        """SQL of the products whose vectors are nearest and their distances, found in the way of search_sql `by`."""
        assert self.common.made_by is not None
        fits = self._fits("v", together=by == search_sql.ALL_COMPARED)
        if must := self._must("s"):
            fits += f" AND EXISTS (SELECT FROM product_search AS s WHERE s.product_id = v.product_id{must} OFFSET 0)"
        distance = f"v.embedding::vector({self.common.made_by.dimensions}) <=> %(vector)s::vector"
        return by.format(distance=distance, fits=fits)

    def _fits(self, row: str, *, together: bool = False) -> str:
        """The row is of a product that fits the filters. OFFSET 0: one by one, as an index hands them out."""
        if not self.common.condition:
            return ""
        if self.common.are_few:
            return f" AND {row}.product_id = ANY (%(few)s)"
        if together:
            return f" AND {row}.product_id IN (SELECT p.product_id FROM products AS p WHERE {self.common.condition})"
        return (
            f" AND EXISTS (SELECT FROM products AS p WHERE p.product_id = {row}.product_id"
            f" AND {self.common.condition} OFFSET 0)"
        )

    def _must(self, index: str) -> str:
        """Phrases are to be in it, and what is refused is not; of either an SKU may be a part."""
        inside, outside = self.question.phrases, self.question.refused
        return "".join(
            [
                *(f" AND {self._phrase(number, phrase, index)}" for number, phrase in enumerate(inside)),
                *(f" AND NOT {self._refused(number, word, index)}" for number, word in enumerate(outside)),
            ]
        )

    def _phrase(self, number: int, phrase: str, index: str) -> str:
        has = f"{index}.document @@ phraseto_tsquery('english', %(phrase{number})s)"
        if phrase not in self.question.keys:
            return has
        return f"({has} OR strpos({index}.sku, %(phrase_key{number})s) > 0)"

    def _refused(self, number: int, word: str, index: str) -> str:
        either = [f"phraseto_tsquery('english', %(not{number}_{n})s)" for n in range(len(self.question.meaning(word)))]
        has = f"{index}.document @@ ({' || '.join(either)})"
        if not LOOKS_LIKE_SKU.fullmatch(word):
            return has
        return f"({has} OR strpos({index}.sku, %(not_key{number})s) > 0)"

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
        return search_sql.GUESSED if place < len(words) and words[place] in self.question.meant else 1.0

    def _any(self) -> str:
        return f"({' || '.join(self._positive())})"
