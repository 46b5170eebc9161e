"""Many customers at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, connections, transaction

from tests.audit.conftest import as_owner
from tests.conftest import close_pool

__all__ = ["as_owner"]

AtOnce = Callable[..., list[Any]]


@contextmanager
def somebody_writes(work: Callable[[], object]) -> Iterator[Event]:
    """In a database of one's own: another session has done the work and does not commit before the Event is set.

    It is set at the end at the latest.
    """
    written, may_commit = Event(), Event()

    def write() -> None:
        try:
            with transaction.atomic():
                work()
                written.set()
                may_commit.wait(30)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(write)
        written.wait(30)
        try:
            yield may_commit
        finally:
            may_commit.set()
        writing.result(30)


@pytest.fixture
def at_once(own_database: str) -> Iterator[AtOnce]:
    """In a database of its own: at_once(50, work) runs work(0) ... work(49) each in a thread and a session of its own,
    all of which begin together; their results, or the exceptions that they raised."""
    pool = connection.settings_dict["OPTIONS"]["pool"]
    before = dict(pool)

    def run(times: int, work: Callable[[int], Any]) -> list[Any]:
        barrier = Barrier(times)

        def one(number: int) -> Any:
            try:
                connection.ensure_connection()
                barrier.wait(120)
                return work(number)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(times) as threads:
            futures = [threads.submit(one, number) for number in range(times)]
        return [future.exception() or future.result() for future in futures]

    connection.close()
    close_pool(connection)
    pool["max_size"] = 60
    yield run
    connection.close()
    close_pool(connection)
    pool.clear()
    pool.update(before)
