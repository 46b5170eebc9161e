"""Whether a typed text is one statement that only reads, decided on the tree of PostgreSQL's own parser.

The parser is that of PostgreSQL 18, which reads what 16 and 17 read. It and the server agree on where texts and
comments end because the runner pins `standard_conforming_strings` and the encoding. With `pg_catalog` alone in the
runner's search path, a function, operator or type without a schema is PostgreSQL's own, whatever others have made; so
the shop's tables get their schema written before them here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import accumulate, dropwhile

import postgast
from django.conf import settings
from google.protobuf.message import DecodeError

from . import parts
from .places import Place, Text, Word, place, word_at
from .tree import Refusal, check

# The parser's recursion has no limit of its own and ends the process: 10,000 levels it bears, a word makes one at most.
MOST_WORDS = 5_000
LONGEST = 100_000
# What no text of PostgreSQL holds: the zero byte, at which a parser would stop reading, and halves of characters.
BROKEN = re.compile("[\\0\ud800-\udfff]")

QUERY_BEGINS = frozenset({"SELECT", "WITH", "VALUES", "TABLE", "("})
EXPLAIN_WORDS = frozenset({"ANALYZE", "ANALYSE", "VERBOSE"})


class Kind(StrEnum):
    """How a statement is run: a query gives rows, a plan lines of text, a setting is read."""

    QUERY = "query"
    PLAN = "plan"
    SETTING = "setting"


KINDS = {"SelectStmt": Kind.QUERY, "ExplainStmt": Kind.PLAN, "VariableShowStmt": Kind.SETTING}


@dataclass(frozen=True)
class Allowed:
    """One statement that only reads; `sql` is what to send, without what stood before and after it.

    `setting` is the name that a SHOW asks for. `inserted` are characters of `typed` before which a schema was written.
    """

    kind: Kind
    sql: str
    typed: str = field(repr=False)
    start: int = 0
    inserted: tuple[int, ...] = ()
    setting: str = ""

    def place(self, position: int) -> Place:
        """What of the typed text stands at the character `position` of `sql`; from 1, as Postgres counts."""
        offset, added = self.start + position - 1, 0
        for inserted in self.inserted:
            if offset < inserted + added:
                break
            # Within the schema that was written here, it is about the name after it.
            added += min(len(_prefix()), offset - inserted - added)
        return Text(self.typed).part(len(self.typed[: offset - added].encode()))


@dataclass(frozen=True)
class Refused:
    """Why the text is not run, and what to do instead; `position` is the part that the reason is about."""

    message: str
    position: Place | None = None

    def __str__(self) -> str:
        return f"{self.position}: {self.message}" if self.position else self.message


def checked(typed: str) -> Allowed | Refused:
    """One reading statement, ready to run, or why not. Asks no database and raises nothing."""
    if refused := _unreadable(typed):
        return refused
    try:
        text = Text(typed)
        if len(text.words) > MOST_WORDS:
            return _too_much(typed, f"It has {len(text.words):,} words and signs, and at most {MOST_WORDS:,} are read.")
        tree = postgast.parse(typed)
    except postgast.PgQueryError as error:
        return _misspelt(typed, error)
    except DecodeError:
        return _too_much(typed, "Its parts are nested more than about 45 deep, where every + or || of a chain counts.")
    return _one(text, list(tree.stmts))


def planned(statement: Allowed, *, measured: bool) -> Allowed:
    """The query's plan in place of its rows; with `measured` it runs all the same. A setting stays what it is.

    An EXPLAIN gives way to this one, whatever its options were.
    """
    if statement.kind is Kind.SETTING:
        return statement
    begin = _explained(statement.sql) if statement.kind is Kind.PLAN else 0
    before = f"EXPLAIN ({'ANALYZE, BUFFERS, ' if measured else ''}FORMAT JSON) "
    sql = before + statement.sql[begin:]
    return replace(statement, kind=Kind.PLAN, sql=sql, start=statement.start + begin - len(before))


def _explained(sql: str) -> int:
    """The character at which the query of an EXPLAIN begins, behind options of either kind."""
    text = Text(sql)
    words = text.words[1:]
    if words[0].text == "(" and words[1].keyword not in QUERY_BEGINS:
        depths = accumulate({"(": 1, ")": -1}.get(word.text, 0) for word in words)
        words = words[1 + next(index for index, depth in enumerate(depths) if not depth) :]
    words = list(dropwhile(lambda word: word.keyword in EXPLAIN_WORDS, words))
    return text.characters(words[0].start)


def _one(text: Text, statements: list[postgast.pg_query_pb2.RawStmt]) -> Allowed | Refused:
    if not statements:
        return Refused("There is nothing to run. Write a SELECT, or take one of the samples.")
    if len(statements) > 1:
        second = text.after(statements[1].stmt_location)
        reason = "A second statement begins here. Run one at a time: remove the rest, or run it by itself."
        return Refused(reason, text.part(second.start) if second else None)
    begin, length = statements[0].stmt_location, statements[0].stmt_len
    end = begin + length if length else len(text.bytes)
    statement = postgast.unwrap_node(statements[0].stmt)
    kind = type(statement).DESCRIPTOR.name
    first = text.after(begin) or Word(begin, begin, kind)
    try:
        if kind not in KINDS:
            raise Refusal(parts.refusal(kind, first.keyword), first.start)
        inserted = check(statement, text, first.start)
    except Refusal as refusal:
        return Refused(refusal.reason, text.part(refusal.offset))
    characters = tuple(text.characters(offset) for offset in sorted(inserted))
    start, stop = text.characters(begin), text.characters(end)
    return Allowed(
        KINDS[kind],
        _with_schemas(text.typed, start, stop, characters),
        text.typed,
        start,
        characters,
        statement.name if kind == "VariableShowStmt" else "",
    )


def _prefix() -> str:
    return f"{settings.SHOP_SCHEMA}."


def _with_schemas(typed: str, start: int, stop: int, inserted: tuple[int, ...]) -> str:
    pieces = [typed[begin:end] for begin, end in zip((start, *inserted), (*inserted, stop), strict=True)]
    return _prefix().join(pieces)


def _unreadable(typed: str) -> Refused | None:
    if len(typed) > LONGEST:
        return _too_much(typed, f"It has {len(typed):,} characters, and at most {LONGEST:,} are read.")
    if broken := BROKEN.search(typed):
        where = replace(place(typed, *broken.span()), text="�")
        return Refused("PostgreSQL cannot read this character. Remove it.", where)
    return None


def _too_much(typed: str, why: str) -> Refused:
    return Refused(f"The statement is too large. {why} Make it smaller.", place(typed, 0, min(len(typed), 40)))


def _misspelt(typed: str, error: postgast.PgQueryError) -> Refused:
    where = word_at(typed, max(error.cursorpos - 1, 0)) if error.cursorpos else None
    said = error.message[:1].upper() + error.message[1:]
    # Within a text it is no command: there an escape may be wrong.
    if where is not None and where.text == "\\" and error.message.startswith("syntax error"):
        return Refused(
            "Commands with a backslash belong to psql. The schema beside the editor shows the tables.", where
        )
    if "memory exhausted" in error.message:
        return _too_much(typed, "Its parentheses or parts are nested too deep.")
    return Refused(f"{said}. Correct the statement there.", where)
