"""The pool: fresh tokens, causes told at once, no pauses after a suspend, nothing that keeps an endpoint awake."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from lakebase import cold_starts
from lakebase.backend.base import DatabaseWrapper
from lakebase.backend.pool import LakebasePool
from lakebase.tokens import Target
from tests.conftest import ENDPOINT, PROJECT
from tests.emulator import Emulator
from tests.lakebase.conftest import Connect, ask
from tests.relay import Relay


def together(threads: int, connection: DatabaseWrapper, work: Callable[[DatabaseWrapper], Any]) -> list[Any]:
    """Run `work` in that many threads that start together, each on a wrapper of its own over one pool."""
    barrier = threading.Barrier(threads)

    def run(_: int) -> Any:
        own = DatabaseWrapper(connection.settings_dict, alias=connection.alias)
        barrier.wait(60)
        try:
            return work(own)
        finally:
            own.close()

    with ThreadPoolExecutor(threads) as executor:
        return list(executor.map(run, range(threads)))


def outcome(connection: BaseDatabaseWrapper) -> str:
    assert isinstance(connection, DatabaseWrapper)
    try:
        return str(ask(connection))
    except OperationalError as error:
        return str(error)


def held(connection: DatabaseWrapper) -> int:
    """A backend's pid, after a moment in which no other thread can have the same connection."""
    pid = ask(connection, "SELECT pg_backend_pid() FROM pg_sleep(0.3)")
    assert isinstance(pid, int)
    return pid


def each_its_own(threads: int, connection: DatabaseWrapper) -> list[Any]:
    """Backends' pids, of connections that are held until the last thread has one."""
    all_have = threading.Barrier(threads)

    def hold(own: DatabaseWrapper) -> Any:
        pid = ask(own, "SELECT pg_backend_pid()")
        all_have.wait(60)
        return pid

    return together(threads, connection, hold)


def lakebase_pool(connection: DatabaseWrapper) -> LakebasePool:
    assert isinstance(connection.pool, LakebasePool)
    return connection.pool


def test_defaults_let_an_endpoint_sleep(connect: Connect) -> None:
    pool = lakebase_pool(connect(pool=True))
    assert (pool.min_size, pool.max_idle, pool.timeout) == (0, 30.0, 45.0)


def test_connections_are_reused(connect: Connect) -> None:
    connection = connect(pool=True)
    pids = set()
    for _ in range(5):
        pids.add(ask(connection, "SELECT pg_backend_pid()"))
        connection.close()
    assert len(pids) == 1


def test_eight_threads_on_a_sleeping_endpoint_share_one_mint(connect: Connect, local_lakebase: Emulator) -> None:
    ask(connect())
    local_lakebase.suspend(ENDPOINT)
    from lakebase.tokens import forget_logins

    forget_logins()
    before = local_lakebase.last_event()
    pids = each_its_own(8, connect(pool={"max_size": 8}))
    assert len(pids) == 8
    assert len(local_lakebase.events("mint", before)) == 1
    assert len(local_lakebase.events("wake", before)) == 1


def test_eight_threads_with_an_expired_token_share_one_mint(connect: Connect, local_lakebase: Emulator) -> None:
    ask(connect())
    local_lakebase.advance(3700)
    before = local_lakebase.last_event()
    each_its_own(8, connect(pool={"max_size": 8}))
    assert len(local_lakebase.events("mint", before)) == 1


def test_every_waiting_thread_hears_the_cause_at_once(connect: Connect) -> None:
    started = time.monotonic()
    said = together(8, connect(pool={"max_size": 4}, NAME="no_such_database"), outcome)
    assert time.monotonic() - started < 15
    assert all("no_such_database" in text and "PGDATABASE" in text for text in said)


def test_dead_connections_after_a_suspend_cost_no_pause(connect: Connect, local_lakebase: Emulator) -> None:
    connection = connect(pool={"max_size": 6})
    pauses = []
    for _ in range(3):
        each_its_own(6, connection)
        assert lakebase_pool(connection).get_stats()["pool_size"] == 6
        local_lakebase.suspend(ENDPOINT)
        started = time.monotonic()
        assert ask(connection) == "learner@example.com"
        waited = time.monotonic() - started
        # The wake itself takes what the machine takes.
        woken = cold_starts.last(Target(project=PROJECT, branch="production"))
        assert woken is not None
        pauses.append(waited - woken.milliseconds / 1000)
        assert lakebase_pool(connection).get_stats()["pool_size"] == 1
        connection.close()  # which gives it back
    # A pool that has lost its connections would try again after a second, each time.
    assert min(pauses) < 0.9


def test_one_dead_connection_is_replaced(connect: Connect) -> None:
    connection, other = connect(pool=True), connect()
    pid = ask(connection, "SELECT pg_backend_pid()")
    connection.close()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 1000)", [pid])
    assert ask(connection, "SELECT pg_backend_pid()") != pid


def test_sleeping_endpoint_is_left_asleep(connect: Connect, local_lakebase: Emulator) -> None:
    connection = connect(pool={"max_size": 3, "max_idle": 1.0})
    each_its_own(3, connection)
    local_lakebase.suspend(ENDPOINT)
    before = local_lakebase.last_event()
    time.sleep(2.5)  # longer than max_idle: the pool has looked through its connections
    assert local_lakebase.events("wake", before) == []
    assert local_lakebase.endpoint(ENDPOINT)["state"] == "IDLE"


def test_unused_connections_are_all_closed(connect: Connect, local_lakebase: Emulator) -> None:
    connection = connect(pool={"max_size": 5, "max_idle": 0.5})
    each_its_own(5, connection)
    assert lakebase_pool(connection).get_stats()["pool_size"] == 5
    until = time.monotonic() + 60
    while lakebase_pool(connection).get_stats()["pool_size"]:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_failed_login_is_not_repeated_in_the_background(connect: Connect, local_lakebase: Emulator) -> None:
    relay = Relay(local_lakebase.pg_port)
    try:
        relay.cut()
        connection = connect({"max_size": 2}, {"project": PROJECT, "connect_deadline": 0.5}, PORT=relay.port)
        with pytest.raises(OperationalError):
            ask(connection)
        relay.mend()
        before = relay.accepted
        time.sleep(2.5)
        assert relay.accepted == before
        assert ask(connection) == "learner@example.com"
    finally:
        relay.close()


def test_exhausted_pool_says_so(connect: Connect) -> None:
    connection = connect(pool={"max_size": 1, "timeout": 1.5})
    second = DatabaseWrapper(connection.settings_dict, alias=connection.alias)
    ask(connection)
    with pytest.raises(OperationalError, match="LAKEBASE_POOL_SIZE"):
        ask(second)
    connection.close()
    assert ask(second) == "learner@example.com"
    second.close()


def test_full_server_waits_for_a_connection_that_comes_free(connect: Connect, app_principal: dict[str, str]) -> None:
    owner = connect()
    with owner.cursor() as cursor:
        cursor.execute("CREATE DATABASE narrow_shop CONNECTION LIMIT 1")
    connection = connect({"max_size": 3}, {"project": PROJECT, **app_principal}, NAME="narrow_shop")
    try:
        assert len(set(together(3, connection, held))) == 1
    finally:
        connection.close()
        lakebase_pool(connection).close()
        with owner.cursor() as cursor:
            cursor.execute("DROP DATABASE narrow_shop WITH (FORCE)")


def test_conn_max_age_is_refused_beside_a_pool(connect: Connect) -> None:
    from django.core.exceptions import ImproperlyConfigured

    with pytest.raises(ImproperlyConfigured, match="CONN_MAX_AGE"):
        ask(connect(pool=True, CONN_MAX_AGE=60))


def test_postgres_killed_in_the_middle_of_a_request(connect: Connect, local_lakebase: Emulator) -> None:
    import os
    import signal

    connection = connect(pool=True)
    ask(connection)
    os.kill(local_lakebase.endpoint(ENDPOINT)["pid"], signal.SIGKILL)
    failures = 0
    for _ in range(5):
        try:
            ask(connection)
            break
        except OperationalError:
            failures += 1
            connection.close()  # as Django does at the end of a request
    assert failures <= 1
