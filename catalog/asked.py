"""What somebody typed into the search of products, taken apart: words, phrases, and what is not to be in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

LONGEST = 300
MOST_WORDS = 12
PART = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
LOOKS_LIKE_SKU = re.compile(r"(?=.*\d)[\w-]{3,}|\w+-[\w-]+")


@dataclass(frozen=True)
class Asked:
    """`meant`: the known words that others stand for, the likeliest first; see spelling.py."""

    words: tuple[str, ...]
    phrases: tuple[str, ...]
    refused: tuple[str, ...]
    meant: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All of it but what is refused, for a model to read."""
        return " ".join((*(self.meaning(word)[0] for word in self.words), *self.phrases))

    @property
    def keys(self) -> tuple[str, ...]:
        """The words that may be an SKU or its beginning."""
        return tuple(word for word in self.words if LOOKS_LIKE_SKU.fullmatch(word))

    def meaning(self, word: str) -> tuple[str, ...]:
        """The words to look for in its place."""
        return self.meant.get(word, (word,))

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases)


def asked(typed: str) -> Asked:
    """As search engines read it: "a phrase", -without. What has neither letter nor digit is passed over."""
    words: list[str] = []
    phrases: list[str] = []
    refused: list[str] = []
    for minus, phrase, word in PART.findall(typed.replace("\0", " ")[:LONGEST]):
        text = " ".join((phrase or word).split())
        if not re.search(r"\w", text):
            continue
        (refused if minus else phrases if phrase else words).append(text)
    return Asked(tuple(words[:MOST_WORDS]), tuple(phrases[:MOST_WORDS]), tuple(refused[:MOST_WORDS]))
