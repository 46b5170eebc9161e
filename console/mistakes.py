"""What Postgres said against a statement, for people: the words, and the place in the text that they typed."""

from __future__ import annotations

from enum import StrEnum

import psycopg
from django.conf import settings

from .apps import ConsoleConfig
from .places import Place
from .statement import Allowed

CANCELLED = "57014"
LOCKED = "55P03"
NOT_THERE = "42P01"
# The connection or the server ended: no fault of the statement, and nothing that another one could help.
LOST = ("08", "57P", "XX")
LONGEST = 2_000


class Reason(StrEnum):
    """Why a statement gave no result."""

    MISTAKE = "mistake"
    TOO_SLOW = "too slow"
    TOO_LARGE = "too large"
    CANCELLED = "cancelled"
    BUSY = "busy"
    NOT_READY = "not ready"


class QueryFailed(Exception):
    """A statement that gave no result. As text: what was wrong, or what to do."""

    def __init__(
        self,
        message: str,
        *,
        reason: Reason = Reason.MISTAKE,
        detail: str = "",
        hint: str = "",
        position: Place | None = None,
        sqlstate: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.detail = detail
        self.hint = hint
        self.position = position
        self.sqlstate = sqlstate


def is_lost(error: psycopg.Error) -> bool:
    """Whether the connection is to blame and not the statement."""
    return not error.sqlstate or error.sqlstate.startswith(LOST)


def explained(error: psycopg.Error, statement: Allowed, *, waited: float, allowed: float) -> QueryFailed:
    """An error of a statement that ran for `waited` seconds and was `allowed` so many."""
    if error.sqlstate == CANCELLED:
        # Both ends have one SQLSTATE, and their words are in the server's language.
        is_cancelled = waited < allowed * 0.95
        return cancelled() if is_cancelled else too_slow(allowed)
    said = error.diag
    hint = said.message_hint or ""
    if error.sqlstate == LOCKED:
        hint = "Somebody holds a lock on a table, as a migration does. Try again in a moment."
    if error.sqlstate == NOT_THERE and (table := _quoted_table(said.message_primary or "")):
        hint = f"Write '{settings.SHOP_SCHEMA}.{table}': a name in quotes is looked up without the shop's schema."
    return QueryFailed(
        (said.message_primary or str(error))[:LONGEST],
        detail=(said.message_detail or "")[:LONGEST],
        hint=hint[:LONGEST],
        position=_position(said.statement_position, statement),
        sqlstate=error.sqlstate or "",
    )


def _quoted_table(message: str) -> str:
    """The table of the shop that is missed, as pg_table_size('users') does. In FROM the schema is written before it."""
    return next((table for table in ConsoleConfig.reads if f'"{table}"' in message), "")


def cancelled() -> QueryFailed:
    return QueryFailed("The query was cancelled.", reason=Reason.CANCELLED, sqlstate=CANCELLED)


def too_slow(allowed: float, detail: str = "") -> QueryFailed:
    return QueryFailed(
        f"The query was stopped: a query here may take {allowed:g} seconds.",
        reason=Reason.TOO_SLOW,
        detail=detail,
        hint="Ask for less with WHERE or LIMIT, or look at its plan: write EXPLAIN before it.",
        sqlstate=CANCELLED,
    )


def left_behind(allowed: float) -> QueryFailed:
    """What was hung up on: see deadline.py. Whether somebody wanted to cancel it meanwhile is not known."""
    return too_slow(
        allowed, "PostgreSQL has steps that nothing interrupts. It goes on to the end of this one, for nobody any more."
    )


def _position(given: str | None, statement: Allowed) -> Place | None:
    return statement.place(int(given)) if given else None
