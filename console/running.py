"""Runs one allowed statement as the reader, for a while and up to a size, and leaves nothing behind.

Each run is BEGIN READ ONLY, the settings below, the change into the reader's role, the statement by the extended
protocol, which takes one and not two, and ROLLBACK. The reader has its own connections and its own limit of runs at a
time in each process, so that queries cannot take those of the site's pages, nor all of its threads.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import pq, sql
from psycopg.errors import error_from_result

from . import abandoned, columns, deadline
from .apps import ALIAS, ConsoleConfig
from .mistakes import QueryFailed, Reason, explained, is_lost, left_behind, too_slow
from .ordering import Order
from .result import Column, Cut, Result, Row
from .statement import Allowed, Kind

# One connection of the pool stays free for who wants to cancel.
AT_ONCE = 3
QUEUE_SECONDS = 1.0
PORTION, PORTION_SIZE = 5_000, 4_000_000
HAS_NO_ORDER = "42883"
ROLE_IS_MISSING = ("42704", "22023", "42501")

# What is set for each run, beside the times.
SETTINGS = {
    # The parser has read the statement with these.
    "standard_conforming_strings": "on",
    "client_encoding": "UTF8",
    # Names without a schema are PostgreSQL's own; temporary tables are nobody's.
    "search_path": "pg_catalog, pg_temp",
    "lock_timeout": "1s",
    "work_mem": "16MB",
    "max_parallel_workers_per_gather": "0",
    "client_min_messages": "error",
    # One text for each value, whatever the role or database prefer.
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
}


@dataclass(frozen=True)
class Limits:
    """How much a run may take: seconds in the database, rows, characters of one cell and of all of them together."""

    seconds: float = 5.0
    rows: int = 1_000
    cell: int = 10_000
    size: int = 4_000_000
    line: int = 1_000_000  # of a plan, which is one line when its format is JSON
    idle_seconds: float = 15.0  # between two portions


SHOWN = Limits()
_free = threading.BoundedSemaphore(AT_ONCE)


def run(statement: Allowed, *, name: str = "", limits: Limits = SHOWN, order: Order | None = None) -> Result:
    """The statement's result. `name` is what it can be cancelled by (see cancelling.py).

    An order by a column that is not there is as if unsaid. Raises QueryFailed, and django.db.Error when the database is
    out of reach.
    """
    try:
        with running(statement, name=name, limits=limits, order=order) as query:
            rows = list(query.rows())
            return Result(statement.kind, query.columns, rows, query.limited, query.seconds, query.order)
    except QueryFailed as failure:
        if order is None or order.as_text or failure.sqlstate != HAS_NO_ORDER:
            raise
    return run(statement, name=name, limits=limits, order=replace(order, as_text=True))


@contextmanager
def running(
    statement: Allowed, *, name: str = "", limits: Limits = SHOWN, order: Order | None = None
) -> Iterator[Running]:
    """A statement whose rows are read one after the other; the transaction ends with the block. Raises as `run`."""
    if not _free.acquire(timeout=QUEUE_SECONDS):
        busy = f"{AT_ONCE} other queries are running. Try again in a few seconds."
        raise QueryFailed(busy, reason=Reason.BUSY)
    wrapper = connections[ALIAS]
    try:
        wrapper.ensure_connection()
        with wrapper.wrap_database_errors:
            query = Running(wrapper.connection, statement, limits, order)
            try:
                query.begin(name)
                yield query
            except psycopg.Error as error:
                raise query.failure(error) from error
            finally:
                query.end()
    finally:
        # To its pool, which throws a broken one away.
        wrapper.close()
        _free.release()


class Running:
    """One run, from BEGIN on. `limited` is known once the rows were read to their end; `seconds` are the database's."""

    def __init__(
        self, connection: psycopg.Connection[Any], statement: Allowed, limits: Limits, order: Order | None = None
    ) -> None:
        self.connection = connection
        self.statement = statement
        self.limits = limits
        self.order = order
        self.columns: tuple[Column, ...] = ()
        self.fetched = 0
        self.limited = ""
        self.seconds = 0.0
        self._deadline = deadline.Deadline(connection)
        self._may_read = False
        self._cell = limits.cell

    def begin(self, name: str) -> None:
        """Open the transaction, and the statement in it."""
        with self._in_the_database():
            # Before the transaction, which would see those who are active now until its own end.
            abandoned.refuse_beside(self.connection, name)
            self._exec(beginning(self.connection, name, self.limits))
            self._may_read = True
            found = columns.described(self.connection.pgconn, self.statement.sql)
            self.columns = columns.named(self.connection, found)
            # Many columns share what a row may have.
            self._cell = max(min(self.limits.cell, self.limits.size // (4 * max(len(self.columns), 1))), 100)
            if self.statement.kind is Kind.PLAN or (self.order and self.order.place >= len(self.columns)):
                self.order = None
            if self.statement.kind is not Kind.PLAN:
                self._call("console_open", columns.cut_to(self._cell, found, self._query(), self.order))

    def rows(self) -> Iterator[Row]:
        """The rows, up to the limits, in portions."""
        if self.statement.kind is Kind.PLAN:
            with self._in_the_database():
                lines = self._call("console_plan", self.statement.sql, self.limits.line + 1)
            yield from _as_rows(lines, self.limits.line)
            return
        size = 0
        while not self.limited:
            asked = min(PORTION, self.limits.rows - self.fetched + 1)
            portion = self._portion(asked, min(PORTION_SIZE, self.limits.size - size))
            is_last = len(portion) < asked and not (portion and portion[-1][0] is None)
            read = list(_as_rows(portion, self._cell))[: self.limits.rows - self.fetched]
            yield from read
            size += sum(len(cell) for row in read for cell in row if cell)
            self.fetched += len(read)
            if is_last:
                return
            if len(read) < len(portion) and portion[-1][0] is not None:
                self.limited = f"Only the first {self.fetched:,} rows are here: there are more."
            elif size >= self.limits.size:
                self.limited = f"Only the first {self.fetched:,} rows are here: they are large, and there may be more."

    def end(self) -> None:
        """Roll back, where there is still somebody to tell."""
        with suppress(psycopg.Error), self._deadline.within(deadline.GRACE):
            if self._deadline.passed:
                self.connection.close()
            elif not self.connection.closed:
                # Nothing that the list of functions lets through takes such a lock, and none may outlive the
                # transaction.
                self.connection.pgconn.exec_(b"ROLLBACK; SELECT pg_catalog.pg_advisory_unlock_all()")
        self._deadline.close()

    def failure(self, error: psycopg.Error) -> Exception:
        """The error in words for people; as it is when the connection is to blame."""
        if self._deadline.passed:
            return left_behind(self.limits.seconds)
        if not self._may_read and error.sqlstate in ROLE_IS_MISSING:
            return _not_ready(self.connection.info.user)
        if is_lost(error):
            return error
        failure = explained(error, self.statement, waited=self.seconds, allowed=self.limits.seconds)
        if self.order and failure.reason is Reason.TOO_SLOW:
            failure.hint = "To bring them in order all rows are read. Ask for fewer, or take the order away: press Run."
        return failure

    @contextmanager
    def _in_the_database(self) -> Iterator[None]:
        started = time.monotonic()
        try:
            with self._deadline.within(max(self.limits.seconds - self.seconds, 0) + deadline.GRACE):
                yield
        finally:
            self.seconds += time.monotonic() - started

    def _portion(self, rows: int, size: int) -> list[tuple[Any]]:
        with self._in_the_database():
            if self.seconds >= self.limits.seconds:
                raise too_slow(self.limits.seconds)
            self._exec(timeout(self.connection, self.limits.seconds - self.seconds))
            return self._call("console_next", rows, size)

    def _query(self) -> str:
        if self.statement.kind is Kind.QUERY:
            return self.statement.sql
        # SHOW is no part of a query; these give what it gives.
        if self.statement.setting == "all":
            return "SELECT name, setting, short_desc FROM pg_settings"
        return sql.SQL("SELECT current_setting({})").format(self.statement.setting).as_string(self.connection)

    def _exec(self, statements: str) -> None:
        answer = self.connection.pgconn.exec_(statements.encode())
        if answer.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
            raise error_from_result(answer)

    def _call(self, function: str, *arguments: object) -> list[tuple[Any]]:
        name = sql.Identifier(settings.SHOP_SCHEMA, function)
        places = sql.SQL(", ").join([sql.Placeholder()] * len(arguments))
        # Not Django's cursor, which writes arguments into the text: these go beside it.
        with psycopg.Cursor(self.connection) as cursor:
            return cursor.execute(sql.SQL("SELECT {}({})").format(name, places), arguments, binary=True).fetchall()


def beginning(connection: psycopg.Connection[Any], name: str, limits: Limits) -> str:
    """A transaction that reads, as the reader. The SELECT in it fixes that: later it cannot be made one that writes."""
    chosen = SETTINGS | {
        "application_name": name or abandoned.NAMED,
        "statement_timeout": _milliseconds(limits.seconds),
        "idle_in_transaction_session_timeout": _milliseconds(limits.idle_seconds),
    }
    chosen_all = sql.SQL(", ").join(
        sql.SQL("pg_catalog.set_config({}, {}, true)").format(setting, value) for setting, value in chosen.items()
    )
    role = sql.Identifier(ConsoleConfig.reader)
    begin = sql.SQL("BEGIN READ ONLY; SELECT {}; SET LOCAL ROLE {}")
    return begin.format(chosen_all, role).as_string(connection)


def timeout(connection: psycopg.Connection[Any], seconds: float) -> str:
    statement = sql.SQL("SET LOCAL statement_timeout TO {}").format(_milliseconds(seconds))
    return statement.as_string(connection)


def _milliseconds(seconds: float) -> str:
    return f"{max(round(seconds * 1000), 1)}ms"


def _as_rows(found: list[tuple[Any]], longest: int) -> Iterator[Row]:
    for (cells,) in found:
        if cells is not None:
            yield tuple(cell if cell is None or len(cell) <= longest else Cut(cell[:longest]) for cell in cells)


def _not_ready(login: str) -> QueryFailed:
    return QueryFailed(
        f"The query builder reads as a role of its own, which is missing here or not given to {login}. An owner of the "
        f"project does that: manage.py lakebase grant {login}",
        reason=Reason.NOT_READY,
    )
