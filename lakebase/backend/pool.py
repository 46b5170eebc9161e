"""psycopg's pool, made to tell its clients why, to give up at once, and to let an endpoint sleep."""

from __future__ import annotations

import os
import select
import threading
from time import monotonic
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout
from psycopg_pool.base import AttemptWithBackoff
from psycopg_pool.pool import WaitingClient

from .failures import NO_ANSWER, LoginFailed, NoAnswer, PoolExhausted
from .login import LakebaseConnection
from .patience import patience, patience_left

# Small enough for the shortest suspend timeout of 60 s: an idle connection may keep an endpoint awake.
DEFAULTS: dict[str, Any] = {"min_size": 0, "max_size": 10, "max_idle": 30.0, "reconnect_timeout": 0.0}
# A login may take the connect deadline and the control plane's; the pool must not give up before it does.
SPARE_SECONDS = 15.0
TOO_MANY_CONNECTIONS = "53300"
# The shortest suspend timeout is 60 s, so no endpoint fell asleep since; a server that died has ended its sockets.
SURELY_ALIVE_SECONDS = 1.0
# A server that is alive answers within a round trip; a frozen one never, and holds who asks.
CHECK_SECONDS = 5.0


class LakebasePool(ConnectionPool[LakebaseConnection]):
    """Differs from psycopg's pool, whose inner methods these are (3.3), in seven ways.

    - A failed login is told to those who wait, at once and with its reason; psycopg's tells them "timeout" after 30 s.
    - It is not repeated in the background, which would wake a sleeping endpoint for nobody: the login itself waits.
    - A connection used within the last second is checked without a round trip: nothing may have arrived on its socket.
    - A check does not wait for a frozen server without end, nor anybody longer than their patience.
    - After a failed check all idle connections go, since a suspended endpoint ended all; psycopg's pauses 1 s for each.
    - A lost connection is replaced only when somebody waits for one.
    - All connections unused for `max_idle` are closed together, not one in each interval.
    """

    def __init__(self, **options: Any) -> None:
        self._failure: Exception | None = None
        super().__init__(connection_class=LakebaseConnection, **options)

    def getconn(self, timeout: float | None = None) -> LakebaseConnection:
        patient, left = self.timeout if timeout is None else timeout, patience_left()
        try:
            return super().getconn(min(patient, left))
        except PoolTimeout:
            pass
        if left < patient:
            raise NoAnswer(NO_ANSWER)
        raise PoolExhausted(
            f"All {self.max_size} connections of this process stayed in use for {self.timeout:g} s. Raise "
            "LAKEBASE_POOL_SIZE (the pool's max_size), or look for requests that hold a connection for long.",
            TOO_MANY_CONNECTIONS,
        )

    def _getconn_with_check_loop(self, deadline: float) -> LakebaseConnection:
        while True:
            connection = self._getconn_unchecked(deadline - monotonic())
            try:
                self._check_connection(connection)
            except psycopg.Error:
                self._drop_with_idle(connection)
            except BaseException:
                self._putconn(connection, from_getconn=True)
                raise
            else:
                return connection

    def _check_connection(self, conn: LakebaseConnection) -> None:
        if self._check and (conn.last_used < monotonic() - SURELY_ALIVE_SECONDS or _has_news(conn)):
            with patience(CHECK_SECONDS):
                super()._check_connection(conn)

    def _add_to_pool(self, conn: LakebaseConnection) -> None:
        conn.last_used = monotonic()
        super()._add_to_pool(conn)

    def _drop_with_idle(self, broken: LakebaseConnection) -> None:
        with self._lock:
            dropped = [broken, *self._pool]
            self._pool.clear()
            self._nconns -= len(dropped)
            self._nconns_min = 0
        for connection in dropped:
            self._close_connection(connection)

    def _connect(self, timeout: float | None = None) -> LakebaseConnection:
        try:
            return super()._connect(timeout)
        except (psycopg.Error, OSError, ValueError, TypeError) as failure:
            self._failure = failure
            raise

    def _add_connection(self, attempt: AttemptWithBackoff | None, growing: bool = False) -> None:
        with self._lock:
            wanted = growing or bool(self._waiting) or self._nconns <= self._min_size
            if not wanted:
                self._nconns -= 1
        if wanted:
            only_attempt = AttemptWithBackoff(timeout=0)
            only_attempt.update_delay(monotonic())
            super()._add_connection(only_attempt, growing=growing)

    def reconnect_failed(self) -> None:
        """Tell those who wait; but where others' connections may come free, a full server is no reason to give up."""
        failure = self._failure
        with self._lock:
            if failure is None or (self._nconns > 0 and _is_full(failure)):
                return
            waiting: list[WaitingClient[LakebaseConnection]] = list(self._waiting)
            self._waiting.clear()
        for client in waiting:
            client.fail(failure.again() if isinstance(failure, LoginFailed) else failure)
        super().reconnect_failed()

    def _shrink_pool(self) -> None:
        for _ in range(max(self._nconns_min, 1)):
            super()._shrink_pool()


def _has_news(connection: LakebaseConnection) -> bool:
    """Whether something arrived that nobody asked for: a notice, a farewell, the end of the stream."""
    wire = select.poll()
    wire.register(connection.fileno(), select.POLLIN)
    return bool(wire.poll(0))


def _is_full(failure: Exception) -> bool:
    return isinstance(failure, psycopg.Error) and failure.sqlstate == TOO_MANY_CONNECTIONS


class Pools:
    """The pools of this process by alias, kept in Django's own dict so that its `close_pool` finds them."""

    def __init__(self, by_alias: dict[str, Any]) -> None:
        self._by_alias = by_alias
        self._lock = threading.Lock()
        self._abandoned: list[Any] = []
        os.register_at_fork(after_in_child=self.abandon)

    def get_or_make(self, alias: str, **options: Any) -> LakebasePool:
        with self._lock:
            pool = self._by_alias.get(alias)
            if not isinstance(pool, LakebasePool):
                pool = self._by_alias[alias] = LakebasePool(**options)
            return pool

    def abandon(self) -> None:
        """After a fork: the connections are the parent's, so they are neither used nor closed, and kept from the
        garbage collector, which would say goodbye to the server in the parent's name."""
        self._lock = threading.Lock()
        for alias, pool in list(self._by_alias.items()):
            if isinstance(pool, LakebasePool):
                pool._closed = True
                self._abandoned.append(self._by_alias.pop(alias))
