"""Where in the text of a statement something stands, for people and for an editor."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

import postgast
from postgast import pg_query_pb2

COMMENTS = (pg_query_pb2.SQL_COMMENT, pg_query_pb2.C_COMMENT)
LONGEST_QUOTE = 80


@dataclass(frozen=True)
class Place:
    """A part of a text: characters `start` to `end`, from 0; `line` and `column`, from 1, are its beginning's."""

    start: int
    end: int
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"Line {self.line}, column {self.column}, at {self.quoted}"

    @property
    def quoted(self) -> str:
        """The part in one line, shortened; "the end" when nothing is left."""
        words = " ".join(self.text.split())
        return (words if len(words) <= LONGEST_QUOTE else words[: LONGEST_QUOTE - 1] + "…") or "the end"


@dataclass(frozen=True)
class Word:
    """A token that is no comment; `start` and `end` count bytes, as the parser does."""

    start: int
    end: int
    text: str

    @property
    def keyword(self) -> str:
        return self.text.upper()


class Text:
    """A statement as it was typed, cut into words by PostgreSQL's own scanner. Raises postgast.PgQueryError."""

    def __init__(self, typed: str) -> None:
        self.typed = typed
        self.bytes = typed.encode()
        scanned = postgast.scan(typed).tokens
        self.words = [
            Word(token.start, token.end, self.bytes[token.start : token.end].decode())
            for token in scanned
            if token.token not in COMMENTS
        ]
        self._starts = [word.start for word in self.words]

    def part(self, offset: int) -> Place:
        """What begins at a byte: a word, or all of a name with its dots."""
        index = last = max(bisect_right(self._starts, offset) - 1, 0)
        while last + 2 < len(self.words) and self.words[last + 1].text == ".":
            last += 2
        return self.between(self.words[index].start, self.words[last].end)

    def between(self, start: int, end: int) -> Place:
        """From byte to byte."""
        return place(self.typed, self.characters(start), self.characters(end))

    def characters(self, offset: int) -> int:
        return len(self.bytes[:offset].decode(errors="ignore"))

    def after(self, offset: int) -> Word | None:
        """The first word that begins at a byte or later."""
        return next((word for word in self.words if word.start >= offset), None)

    def word(self, offset: int, *keywords: str) -> int:
        """Where the first of these keywords stands from this byte on; the byte itself when there is none."""
        found = (word.start for word in self.words if word.start >= offset and word.keyword in keywords)
        return next(found, offset)


def place(typed: str, start: int, end: int) -> Place:
    """Characters `start` to `end` of a text."""
    before = typed[:start]
    return Place(start, end, before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1, typed[start:end])


def word_at(typed: str, start: int) -> Place:
    """The word that begins at a character, whatever it may be: for texts that the scanner refuses."""
    found = re.compile(r"\w+|\S|$").match(typed, min(start, len(typed)))
    return place(typed, start, found.end() if found else start)
