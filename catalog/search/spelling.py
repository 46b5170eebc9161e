"""What was meant by words that no product has: known words that are nearly spelt so.

The last one may be half typed: known words that begin so, or hold it, are meant as well.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import connection, transaction
from rapidfuzz.distance import OSA

from .asked import LOOKS_LIKE_SKU, Asked

MOST_MEANT = 3  # known words that one word may stand for
SHORTEST = 3
# Letters that may be wrong, doubled, missing or the wrong way round, by the length of the word; the first is right.
# More, and words that are right but not in this shop would stand for others.
SHORT = 7
MISTAKES = ((3, 0), (SHORT, 1), (40, 2))
SOUND_ALIKE = ("aeiouy", "ckq", "sz", "dt", "fv")
# Of trigrams: letters the wrong way round cost a short word most of its own. Who looks alike is then looked at letter
# by letter.
ALIKE = 0.2
# A word is known when it stands so in a text, or in another form. What says nothing ("the") is passed over.
UNKNOWN = """
SELECT typed, says_nothing FROM (
    SELECT typed, numnode(plainto_tsquery('english', typed)) = 0 AS says_nothing,
        lower(typed) IN (SELECT word FROM product_search_vocabulary WHERE word = ANY (%(lowered)s)) AS is_word
    FROM unnest(%(typed)s::text[]) AS typed OFFSET 0
) AS looked_up
WHERE says_nothing OR NOT is_word
    AND NOT EXISTS (SELECT FROM product_search WHERE document @@ plainto_tsquery('english', typed) OFFSET 0)
"""
# Words stay in the vocabulary when the last product that had them goes: hence the look at the index.
IS_HAD = "EXISTS (SELECT FROM product_search WHERE document @@ plainto_tsquery('english', known.word))"
# Those that begin so before those that hold it elsewhere.
PART_OF = f"""
SELECT word, strpos(word, %(typed)s) = 1 AS begins FROM product_search_vocabulary AS known
WHERE strpos(word, %(typed)s) > 0 AND {IS_HAD} ORDER BY begins DESC, length(word), word LIMIT %(most)s
"""
NEARLY = """
SELECT typed, word FROM unnest(%(typed)s::text[]) AS typed CROSS JOIN LATERAL (
    SELECT word, similarity(word, typed) AS likeness FROM product_search_vocabulary
    WHERE word %% typed ORDER BY likeness DESC, word LIMIT 50
) AS alike ORDER BY likeness DESC, word
"""
# Each look costs what all the products cost that have the word: hence of the few alone that may be meant.
HAD = f"SELECT word FROM unnest(%(words)s::text[]) AS known (word) WHERE {IS_HAD}"
HAS_TRIGRAMS = f"""
SELECT CASE WHEN to_regprocedure('similarity(text, text)') IS NOT NULL
    THEN set_config('pg_trgm.similarity_threshold', '{ALIKE}', true) IS NOT NULL ELSE false END
"""


def as_meant(question: Asked) -> Asked:
    """The question with what is known of its words; those that look like SKUs mean themselves.

    Words that are nearly spelt so are found where pg_trgm is to be had.
    """
    every = [*question.words, *question.phrases, *question.refused]
    if not every:
        return question
    with connection.cursor() as cursor:
        cursor.execute(UNKNOWN, {"typed": every, "lowered": [word.lower() for word in every]})
        looked_up = dict(cursor.fetchall())
    question = _without_words(question, frozenset(word for word, says_nothing in looked_up.items() if says_nothing))
    unknown = frozenset(looked_up) - question.passed_over
    question = replace(question, unknown=unknown)
    wrong = [word for word in (*question.words, *question.refused) if word in unknown and _may_be_wrong(word)]
    if not wrong:
        return question
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(HAS_TRIGRAMS)
        (has_trigrams,) = cursor.fetchone()
        meant = _nearly(cursor, wrong) if has_trigrams else {}
        # The last word, or one before it that somebody has gone back to.
        typing = [
            word for word in question.words if word in wrong and (word == question.words[-1] or not meant.get(word))
        ]
        half_typed = _half_typed(cursor, typing[-1], meant) if typing else ""
    kept = {word: tuple(others[:MOST_MEANT]) for word, others in meant.items() if others}
    return replace(question, meant=kept, half_typed=half_typed)


def _without_words(question: Asked, says_nothing: frozenset[str]) -> Asked:
    """A phrase of such words alone would be in no text; as words a model may read them."""
    phrases = tuple(phrase for phrase in question.phrases if phrase not in says_nothing)
    words = (*question.words, *(phrase for phrase in question.phrases if phrase in says_nothing))
    return replace(question, words=words, phrases=phrases, passed_over=says_nothing)


def _may_be_wrong(word: str) -> bool:
    return len(word) >= SHORTEST and " " not in word and not LOOKS_LIKE_SKU.fullmatch(word)


def _nearly(cursor: Any, unknown: list[str]) -> dict[str, list[str]]:
    cursor.execute(NEARLY, {"typed": [word.lower() for word in unknown]})
    alike: dict[str, list[str]] = {}
    for typed, word in cursor.fetchall():
        alike.setdefault(typed, []).append(word)
    near = {word: _mistakes(word.lower(), alike.get(word.lower(), [])) for word in unknown}
    may_be_meant = sorted(set().union(*near.values()))
    had = frozenset(_had(cursor, may_be_meant)) if may_be_meant else frozenset()
    return {
        word: _fewest({known: number for known, number in mistakes.items() if known in had})
        for word, mistakes in near.items()
    }


def _had(cursor: Any, words: list[str]) -> list[str]:
    """Those of the words that a product has by now."""
    cursor.execute(HAD, {"words": words})
    return [word for (word,) in cursor.fetchall()]


def _half_typed(cursor: Any, word: str, meant: dict[str, list[str]]) -> str:
    """Words that begin so come before those that are nearly so, and those that hold it after them.

    Gives the word if it is read as a part of others.
    """
    cursor.execute(PART_OF, {"typed": word.lower(), "most": MOST_MEANT})
    found = cursor.fetchall()
    begun = [known for known, begins in found if begins]
    parts = begun or ([] if meant.get(word) else [known for known, _ in found])
    if parts:
        meant[word] = parts
    return word if parts else ""


def _mistakes(typed: str, known: list[str]) -> dict[str, int]:
    """How many there are in what was typed, if each of these was meant; where these are few enough."""
    allowed = next((mistakes for length, mistakes in MISTAKES if len(typed) <= length), 0)
    mistakes = {word: OSA.distance(typed, word) for word in known if word[0] == typed[0] and _may_be(typed, word)}
    return {word: number for word, number in mistakes.items() if number <= allowed}


def _fewest(mistakes: dict[str, int]) -> list[str]:
    least = min(mistakes.values(), default=0)
    return [word for word, number in mistakes.items() if number == least]


def _may_be(typed: str, word: str) -> bool:
    """In a short word another letter makes another word ("write", "white"), unless it sounds the same."""
    if len(typed) > SHORT or len(typed) != len(word):
        return True
    others = [{one, other} for one, other in zip(typed, word, strict=True) if one != other]
    return len(others) != 1 or any(others[0] <= set(letters) for letters in SOUND_ALIKE)
