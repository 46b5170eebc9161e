"""What somebody typed into the search of products, taken apart: words, phrases, and what is not to be in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .folding import DASHES, bare, folded, parted

LONGEST = 300
MOST_WORDS = 12
PART = re.compile(r'(-?)(?:"([^"]*)("?)|(\S+))')
LOOKS_LIKE_SKU = re.compile(r"(?=.*\d)[\w.-]{3,}|\w+-[\w-]+")
# Of an SKU whose parts were typed as words.
MOST_PARTS, SHORTEST_KEY, LONGEST_KEY = 4, 5, 40
HYPHENATED = re.compile(r"[^\W\d_]{3,}(?:-[^\W\d_]{3,})+")


@dataclass(frozen=True)
class Asked:
    """The last fields say what the shop knows of it: see spelling.py.

    `meant` are the known words that others stand for, the likeliest first; `half_typed` is the one of them that is
    read as the beginning, or a part, of what it means. No text has an `unknown` word or phrase. Those in `passed_over`
    are so common that nothing is searched by them.
    """

    words: tuple[str, ...]
    phrases: tuple[str, ...]
    refused: tuple[str, ...]
    codes: tuple[str, ...] = ()  # what may be an SKU, with signs in it that part words
    meant: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    half_typed: str = ""
    unknown: frozenset[str] = frozenset()
    passed_over: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """All of it but what is refused, for a model to read."""
        return " ".join((*(self.meaning(word)[0] for word in self.words), *self.phrases))

    @property
    def keys(self) -> tuple[str, ...]:
        """What may be an SKU or a part of it: what looks so, and what no text has and stands for nothing else."""
        may_be = (*self.words, *self.phrases)
        keys = (*self.codes, *(part for part in may_be if LOOKS_LIKE_SKU.fullmatch(part) or self.is_part(part)))
        return tuple(key for key in keys if bare(key))

    def is_part(self, key: str) -> bool:
        """Whether it is looked for inside SKUs, and not at their beginning alone: no word, and hardly by chance."""
        is_long = len(key) > 3 or (len(key) == 3 and len(self.words) == 1)
        return key in self.codes or (key in self.unknown and key not in self.meant and is_long)

    def meaning(self, word: str) -> tuple[str, ...]:
        """The words to look for in its place."""
        return self.meant.get(word, (word, word.replace("-", " ")) if HYPHENATED.fullmatch(word) else (word,))

    @property
    def corrected(self) -> dict[str, tuple[str, ...]]:
        """What is taken for something else, but for what is only half typed."""
        return {word: meant for word, meant in self.meant.items() if word != self.half_typed}

    @property
    def half_typed_of(self) -> tuple[str, ...]:
        return self.meant.get(self.half_typed, ())

    @property
    def perhaps_refused(self) -> tuple[str, ...]:
        """Words after a "not" or "without", which say nothing here: what leaves a word out is a minus."""
        pairs = zip(self.words, self.words[1:], strict=False)
        return tuple(word for before, word in pairs if before.lower() in ("not", "without"))

    @property
    def refused_in_vain(self) -> tuple[str, ...]:
        """Words that no text has; nothing is left out for them."""
        unknown = (word for word in self.refused if word in self.unknown and word not in self.meant)
        return tuple(word for word in unknown if not LOOKS_LIKE_SKU.fullmatch(word))

    def __bool__(self) -> bool:
        return not self.passed_over.issuperset((*self.words, *self.phrases))


def asked(typed: str) -> Asked:
    """As search engines read it: "a phrase", -without. What has neither letter nor digit is passed over.

    A phrase that is not closed is being typed: until then its words are words.
    """
    words: list[str] = []
    phrases: list[str] = []
    refused: list[str] = []
    typed = typed.replace("\0", " ")[:LONGEST]
    for minus, phrase, closed, word in PART.findall(folded(typed.translate(dict.fromkeys(map(ord, DASHES), " ")))):
        parts = [part for part in parted(phrase or word).split() if re.search(r"\w", part)]
        if not parts:
            continue
        if minus:
            refused.append(" ".join(parts))
        elif closed:
            phrases.append(" ".join(parts))
        else:
            words += parts
    most = MOST_WORDS
    return Asked(tuple(words[:most]), tuple(phrases[:most]), tuple(refused[:most]), tuple(_codes(typed)[:most]))


def _codes(typed: str) -> list[str]:
    """What may be an SKU as it stands, whose signs have parted it into words."""
    parts = [folded(part).strip('"') for part in typed.split() if parted(part).split() != [folded(part)]]
    codes = [part for part in parts if re.search(r"\d", part) and re.search(r"\w\W\w", part) and part[0] != "-"]
    whole = folded(" ".join(typed.split()))
    is_code = 1 < len(whole.split()) <= MOST_PARTS and SHORTEST_KEY <= len(bare(whole)) <= LONGEST_KEY
    return [*codes, whole] if is_code and re.fullmatch(r"(?=.*\d)\w[\w ./-]*", whole) else codes
