"""What somebody typed into the search of products, taken apart: words, phrases, and what is not to be in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 300
MOST_WORDS = 12
PART = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
LOOKS_LIKE_SKU = re.compile(r"(?=.*\d)[\w-]{3,}|\w+-[\w-]+")


@dataclass(frozen=True)
class Asked:
    """`text` is all of it but what is refused, for a model to read."""

    words: tuple[str, ...]
    phrases: tuple[str, ...]
    refused: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join((*self.words, *self.phrases))

    @property
    def keys(self) -> tuple[str, ...]:
        """The words that may be an SKU or its beginning."""
        return tuple(word for word in self.words if LOOKS_LIKE_SKU.fullmatch(word))

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
