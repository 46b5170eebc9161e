"""An end to waiting that is this side's own, for what PostgreSQL cannot be made to stop.

statement_timeout and pg_cancel_backend are heeded where PostgreSQL looks for interrupts, and some of its operators and
functions look for none from their beginning to their end: comparing two arrays of 60,000 elements takes minutes. So
whoever waits hangs up. What was asked for goes on in the database until it is through, finds then that its time is
over, and ends by itself; pg_terminate_backend would not be heeded any sooner.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

# What Postgres has beyond a run's own seconds to say that they are over.
GRACE = 2.0


class Deadline:
    """Hangs a connection up that gives no answer in time; `passed` says that it was so."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.passed = False
        # A name of our own for the socket: the connection's number may be another's once it is closed.
        self._line = socket.socket(fileno=os.dup(connection.pgconn.socket))

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        timer = threading.Timer(seconds, self._hang_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()

    def close(self) -> None:
        self._line.close()

    def _hang_up(self) -> None:
        self.passed = True
        with suppress(OSError):
            # Not close(): who reads in the other thread is woken by this, and by that not.
            self._line.shutdown(socket.SHUT_RDWR)
