"""Queries to begin with, grouped and explained: SQL files beside this one, which psql runs as well.

A file is a group: `-- # Its title`. Each sample in it is `-- ## Its title`, comment lines that say what it teaches, an
empty line, and the statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.text import slugify

FILES = sorted(Path(__file__).parent.glob("*.sql"))
GROUP = re.compile(r"-- # (.+)\n")
SAMPLE = re.compile(r"-- ## (?P<title>.+)\n(?P<about>(?:-- .+\n)+)\n(?P<sql>(?:(?!-- ## ).*\n?)*)")


@dataclass(frozen=True)
class Sample:
    """`about` says in a sentence or two what the query shows; `slug` names it in addresses."""

    title: str
    about: str
    sql: str

    @property
    def slug(self) -> str:
        return slugify(self.title)


@dataclass(frozen=True)
class Group:
    title: str
    samples: tuple[Sample, ...]


@cache
def groups() -> tuple[Group, ...]:
    """All groups, in the order in which they are shown."""
    return tuple(_group(path.read_text()) for path in FILES)


def _group(text: str) -> Group:
    title = GROUP.match(text)
    if title is None:
        raise ValueError(f"A file of samples begins with a line -- # TITLE, and not with {text[:40]!r}.")
    return Group(title[1], tuple(_samples(text)))


def _samples(text: str) -> Iterator[Sample]:
    for found in SAMPLE.finditer(text):
        about = " ".join(line.removeprefix("-- ") for line in found["about"].splitlines())
        yield Sample(found["title"], about, found["sql"].strip())
