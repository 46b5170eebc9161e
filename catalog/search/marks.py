"""What of a text matches, in pieces: PostgreSQL marks it in the folded text, and a reader sees the text as it is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from .folding import bare, parted

Pieces = tuple[tuple[str, bool], ...]  # True: this piece matches

BEGIN, END, NEXT = "\x01", "\x02", "\x03"  # as ts_headline is told in sql.py
CUT = "…"


def whole(headline: str, text: str) -> Pieces:
    """All of the text."""
    return tuple(_Read(text).as_written(_pieces(headline), 0) or _pieces(headline))


def excerpt(headline: str, text: str) -> Pieces:
    """The passages of the headline, with signs for what is left out before, between and after them."""
    read, at = _Read(text), 0
    told: Pieces = ()
    for passage in map(_pieces, headline.split(NEXT)):
        begins = read.find(passage, at)
        if begins < 0:  # there is something in it, a tag may be, for which PostgreSQL gives a blank
            told += ((f" {CUT} ", False), *passage) if told else passage
            continue
        skipped = read.folded[at:begins].strip()
        told += ((f" {CUT} " if told else f"{CUT} ", False),) if skipped else ()
        told += tuple(read.as_written(passage, begins) or passage)
        at = begins + _length(passage)
    return (*told, (f" {CUT}", False)) if at and read.folded[at:].strip() else told


def with_parts(sku: str, parts: Sequence[str]) -> Pieces:
    """The SKU with the longest of the parts that stands in it, however it was written."""
    letters = [(place, letter) for place, sign in enumerate(sku) for letter in bare(sign)]
    read = "".join(letter for _, letter in letters)
    found = max((bare(part) for part in parts if bare(part) in read), key=len, default="")
    if not found:
        return ((sku, False),)
    first = read.index(found)
    begins, ends = letters[first][0], letters[first + len(found) - 1][0] + 1
    pieces = ((sku[:begins], False), (sku[begins:ends], True), (sku[ends:], False))
    return tuple(piece for piece in pieces if piece[0])


class _Read:
    """A text as PostgreSQL saw it, and where each of its letters stands in the text as it is written."""

    def __init__(self, text: str) -> None:
        self.text = text
        letters = [] if text.isascii() else [parted(letter) for letter in text]
        self.folded = "".join(letters) or parted(text)
        self._ends = list(accumulate(map(len, letters)))

    def find(self, passage: Pieces, at: int) -> int:
        return self.folded.find("".join(piece for piece, _ in passage), at)

    def as_written(self, passage: Pieces, begins: int) -> list[tuple[str, bool]] | None:
        """None where the folded text does not go on so."""
        if not self.folded.startswith("".join(piece for piece, _ in passage), begins):
            return None
        written = []
        for piece, is_match in passage:
            ends = begins + len(piece)
            written.append((self.text[self._place(begins) : self._place(ends)], is_match))
            begins = ends
        return written

    def _place(self, at: int) -> int:
        """How many letters of the text have given the first `at` of the folded one."""
        return bisect_right(self._ends, at) if self._ends else at


def _pieces(headline: str) -> Pieces:
    pieces: list[tuple[str, bool]] = []
    for number, part in enumerate(headline.split(BEGIN)):
        hit, _, rest = part.partition(END) if number else ("", "", part)
        pieces += [(hit, True)] if hit else []
        pieces += [(rest, False)] if rest else []
    return tuple(pieces)


def _length(passage: Pieces) -> int:
    return sum(len(piece) for piece, _ in passage)
