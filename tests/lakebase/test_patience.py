"""Who does not wait for ever: for a statement's answer, for a connection, for a server that is frozen."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError

from lakebase.backend import pool
from lakebase.backend.base import DatabaseWrapper
from lakebase.backend.patience import patience
from tests.lakebase.conftest import Connect, ask

NO_ANSWER = "has not answered in time"
BACKEND = "SELECT pg_backend_pid()"
END = "SELECT pg_terminate_backend({})"  # what was given up runs on, and would keep the endpoint awake


@contextmanager
def over_soon() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < 15


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_statement_is_given_up_and_its_connection_with_it(connect: Connect) -> None:
    connection = connect(pool=True)
    before = ask(connection, BACKEND)
    with over_soon(), pytest.raises(OperationalError, match=NO_ANSWER), connection.patience(0.3):
        ask(connection, "SELECT pg_sleep(30)")
    connection.close()
    assert ask(connection, BACKEND) != before
    assert ask(connection, END.format(before))


def test_the_shorter_patience_counts(connect: Connect) -> None:
    connection = connect(pool=True)
    before = ask(connection, BACKEND)
    with over_soon(), pytest.raises(OperationalError, match=NO_ANSWER), patience(0.3), patience(60):
        ask(connection, "SELECT pg_sleep(30)")
    connection.close()
    with patience(60), patience(0.3):
        pass
    assert ask(connection, "SELECT pg_sleep(0.4)") == ""
    assert ask(connection, END.format(before))


def test_nobody_waits_longer_for_a_connection(connect: Connect) -> None:
    first = connect(pool={"max_size": 1})
    ask(first)
    second = DatabaseWrapper(first.settings_dict, alias=first.alias)
    with over_soon(), pytest.raises(OperationalError, match=NO_ANSWER), patience(0.3):
        ask(second)
    first.close()
    assert ask(second)
    second.close()


def test_a_frozen_server_is_found_out_before_it_is_asked(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "SURELY_ALIVE_SECONDS", 0)
    monkeypatch.setattr(pool, "CHECK_SECONDS", 0.3)
    connection = connect(pool=True)
    before = ask(connection, BACKEND)
    connection.close()
    with frozen(before), over_soon():
        assert ask(connection, BACKEND) != before
