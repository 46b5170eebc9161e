"""A gateway in an event loop of its own, before a real PostgreSQL; every test must leave both clean."""

import asyncio
import secrets
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest

from lakebase.local.clock import Clock
from lakebase.local.credentials import Credentials
from lakebase.local.events import EventLog
from lakebase.local.gateway.certificate import ensure_certificate
from lakebase.local.gateway.gateway import Gateway
from tests.local.gateway.cluster import DATABASE, ENDPOINT, USER, Cluster, Compute, Computes

T = TypeVar("T")


class Wire:
    """The running gateway and what stands around it."""

    def __init__(self, cluster: Cluster, directory: Path) -> None:
        self.cluster, self.directory = cluster, directory
        self.clock = Clock()
        self.credentials = Credentials(secrets.token_bytes(32), self.clock)
        self.port = 0
        self.complaints: list[dict[str, Any]] = []  # what reached the event loop's exception handler
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda _, context: self.complaints.append(context))
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call something of the gateway's in its own thread."""

        async def called() -> T:
            return function(*arguments)

        return self.run(called())

    def open(self, **options: Any) -> None:
        self.compute = self.call(Compute, self.cluster)
        self.events = self.call(EventLog, self.directory / "events.sqlite")
        tls = ensure_certificate(self.directory)
        self.gateway = Gateway(Computes(self.compute), self.credentials, self.events, self.clock, tls, **options)
        self.port = self.run(self.gateway.start("127.0.0.1", 0))

    def reopen(self, **options: Any) -> None:
        """The same with other limits."""
        self.run(self.gateway.close())
        self.call(self.events.close)
        self.open(**options)

    def close(self) -> None:
        self.run(self.gateway.close())
        left = self.call(lambda: [task for task in asyncio.all_tasks() if "called" not in repr(task.get_coro())])
        self.call(self.events.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()
        assert left == []
        assert self.complaints == []
        assert self.compute.sessions == set()

    def token(self, user: str = USER, endpoint: str = ENDPOINT, lifetime: float = 3600) -> str:
        return self.credentials.mint(user, endpoint, lifetime)[0]

    def connect(self, **options: Any) -> psycopg.Connection:
        """A psycopg connection as the learner, with a fresh token, changed by `options`."""
        options = {"user": USER, "dbname": DATABASE, "sslmode": "require", "gssencmode": "disable", **options}
        options = {"host": "127.0.0.1", "port": self.port, "password": self.token(), "autocommit": True, **options}
        return psycopg.connect(**options)

    def events_of(self, kind: str) -> list[dict[str, Any]]:
        return self.call(lambda: self.events.read(kind=kind))

    def until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not self.call(condition):
            assert time.monotonic() < deadline, "it did not come about in time"
            time.sleep(0.01)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    cluster = Cluster()
    try:
        cluster.ready()
        cluster.sql(f'CREATE ROLE "{USER}" LOGIN SUPERUSER', f"CREATE DATABASE {DATABASE}")
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture
def wire(cluster: Cluster, tmp_path: Path) -> Iterator[Wire]:
    cluster.ready()
    wire = Wire(cluster, tmp_path)
    wire.open()
    yield wire
    wire.close()
