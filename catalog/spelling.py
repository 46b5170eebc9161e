"""What was meant by words that no product has: known words that are nearly spelt so.

The last one may be half typed: known words that begin so, or hold it, are meant as well.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import connection, transaction
from rapidfuzz.distance import OSA

from .asked import Asked

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
# A word is known when it stands so in a text, or in another form. What means nothing ("the") is passed over.
UNKNOWN = """
SELECT word FROM (
    SELECT word FROM unnest(%(words)s::text[]) AS typed (word)
    WHERE lower(word) NOT IN (SELECT word FROM product_search_vocabulary WHERE word = ANY (%(lowered)s))
        AND numnode(plainto_tsquery('english', word)) > 0 OFFSET 0
) AS not_so
WHERE NOT EXISTS (SELECT FROM product_search WHERE document @@ plainto_tsquery('english', not_so.word) OFFSET 0)
"""
# Words stay in the vocabulary when the last product that had them goes: hence the look at the index.
IS_HAD = "EXISTS (SELECT FROM product_search WHERE document @@ plainto_tsquery('english', known.word))"
PART_OF = f"""
SELECT word FROM product_search_vocabulary AS known WHERE strpos(word, %(typed)s) {{place}} AND {IS_HAD}
ORDER BY length(word), word LIMIT %(most)s
"""
BEGUN, HELD = PART_OF.format(place="= 1"), PART_OF.format(place="> 1")
NEARLY = f"""
SELECT typed, word FROM unnest(%(typed)s::text[]) AS typed CROSS JOIN LATERAL (
    SELECT word, similarity(word, typed) AS likeness FROM product_search_vocabulary AS known
    WHERE word %% typed AND {IS_HAD} ORDER BY likeness DESC, word LIMIT 50
) AS alike ORDER BY likeness DESC, word
"""
HAS_TRIGRAMS = "SELECT to_regprocedure('similarity(text, text)') IS NOT NULL"


def as_meant(question: Asked) -> Asked:
    """The question with what its unknown words may stand for; SKUs and their like mean themselves.

    Words that are nearly spelt so are found where pg_trgm is to be had.
    """
    words = [word for word in question.words if word not in question.keys]
    if not words:
        return question
    with connection.cursor() as cursor:
        cursor.execute(UNKNOWN, {"words": words, "lowered": [word.lower() for word in words]})
        unknown = [word for (word,) in cursor.fetchall() if len(word) >= SHORTEST]
    if not unknown:
        return question
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(HAS_TRIGRAMS)
        (has_trigrams,) = cursor.fetchone()
        if has_trigrams:
            cursor.execute(f"SET LOCAL pg_trgm.similarity_threshold = {ALIKE}")
        meant = _nearly(cursor, unknown) if has_trigrams else {}
        if words[-1] in unknown:
            meant |= _half_typed(cursor, words[-1], meant)
    return replace(question, meant={word: tuple(others[:MOST_MEANT]) for word, others in meant.items() if others})


def _nearly(cursor: Any, unknown: list[str]) -> dict[str, list[str]]:
    cursor.execute(NEARLY, {"typed": [word.lower() for word in unknown]})
    alike: dict[str, list[str]] = {}
    for typed, word in cursor.fetchall():
        alike.setdefault(typed, []).append(word)
    return {word: _nearest(word.lower(), alike.get(word.lower(), [])) for word in unknown}


def _half_typed(cursor: Any, word: str, meant: dict[str, list[str]]) -> dict[str, list[str]]:
    """Words that begin so come before those that are nearly so, and those that hold it after them."""
    found = _parts(cursor, BEGUN, word) or meant.get(word) or _parts(cursor, HELD, word)
    return {word: found}


def _parts(cursor: Any, part_of: str, word: str) -> list[str]:
    cursor.execute(part_of, {"typed": word.lower(), "most": MOST_MEANT})
    return [known for (known,) in cursor.fetchall()]


def _nearest(typed: str, known: list[str]) -> list[str]:
    """Those with the fewest mistakes, if these are few enough."""
    allowed = next((mistakes for length, mistakes in MISTAKES if len(typed) <= length), 0)
    mistakes = {word: OSA.distance(typed, word) for word in known if word[0] == typed[0] and _may_be(typed, word)}
    least = min(mistakes.values(), default=allowed + 1)
    return [word for word, number in mistakes.items() if number == least <= allowed]


def _may_be(typed: str, word: str) -> bool:
    """In a short word another letter makes another word ("write", "white"), unless it sounds the same."""
    if len(typed) > SHORT or len(typed) != len(word):
        return True
    others = [{one, other} for one, other in zip(typed, word, strict=True) if one != other]
    return len(others) != 1 or any(others[0] <= set(letters) for letters in SOUND_ALIKE)
