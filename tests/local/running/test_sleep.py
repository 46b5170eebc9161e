"""Scale-to-zero: idle endpoints are really stopped, and the next connection really starts them."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import psycopg
import pytest

from tests.local.running.conftest import PRIMARY, postmasters
from tests.local.sdk import Sdk, seconds


def test_idle_session_is_ended_and_the_server_stopped(sdk: Sdk) -> None:
    sdk.update_endpoint(PRIMARY, ["spec.suspension"], suspend_timeout_duration=seconds(60))
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TEMPORARY TABLE lost (x int)")
        sdk.emulator.advance(30)
        assert session.execute("SELECT count(*) FROM lost").fetchone() == (0,)
        sdk.emulator.advance(61)
        with pytest.raises(psycopg.errors.AdminShutdown) as ended:
            session.execute("SELECT 1")
        assert ended.value.sqlstate == "57P01"
    assert postmasters(sdk.emulator) == []
    told = sdk.emulator.endpoint(PRIMARY)
    assert (told["state"], told["pid"], told["sessions"]) == ("IDLE", None, 0)
    assert str(sdk.postgres.get_endpoint(PRIMARY).status.current_state) == "EndpointStatusState.IDLE"  # type: ignore[union-attr]
    (suspended,) = sdk.emulator.events("suspend")
    assert (suspended["reason"], suspended["sessions_ended"]) == ("idle", 1)
    with sdk.connect(PRIMARY) as session:
        assert session.execute("SELECT to_regclass('lost')").fetchone() == (None,)
    woken = sdk.emulator.endpoint(PRIMARY)
    assert (woken["state"], woken["wakes"]) == ("ACTIVE", told["wakes"] + 1)
    assert woken["last_wake_ms"] > 0


def test_no_suspension_stays_awake(sdk: Sdk) -> None:
    sdk.update_endpoint(PRIMARY, ["spec.suspension"], no_suspension=True)
    with sdk.connect(PRIMARY) as session:
        sdk.emulator.advance(10 * 86_400)
        assert session.execute("SELECT 1").fetchone() == (1,)


def test_running_query_is_never_cut(sdk: Sdk) -> None:
    with sdk.connect(PRIMARY) as session, ThreadPoolExecutor() as pool:
        query = pool.submit(lambda: session.execute("SELECT pg_sleep(2), 'whole'").fetchone())
        time.sleep(0.5)
        sdk.emulator.advance(3600)
        with pytest.raises(OSError, match="409"):
            sdk.emulator.suspend(PRIMARY)
        assert query.result() == ("", "whole")
        assert session.execute("SELECT 1").fetchone() == (1,)


def test_idle_transaction_is_ended_too(sdk: Sdk) -> None:
    with sdk.connect(PRIMARY, autocommit=False) as session:
        session.execute("CREATE TABLE unfinished (x int)")
        sdk.emulator.suspend(PRIMARY)
        with pytest.raises(psycopg.errors.AdminShutdown):
            session.execute("SELECT 1")
    with sdk.connect(PRIMARY) as session:
        assert session.execute("SELECT to_regclass('unfinished')").fetchone() == (None,)


def test_many_connections_share_one_start(sdk: Sdk) -> None:
    sdk.emulator.suspend(PRIMARY)
    before = sdk.emulator.endpoint(PRIMARY)["wakes"]
    token = sdk.token(PRIMARY)
    with ThreadPoolExecutor(20) as pool:
        sessions = list(pool.map(lambda _: sdk.connect(PRIMARY, password=token), range(20)))
    assert {session.execute("SELECT 1").fetchone() for session in sessions} == {(1,)}
    for session in sessions:
        session.close()
    assert sdk.emulator.endpoint(PRIMARY)["wakes"] == before + 1


def test_queries_during_suspensions_fail_with_57p01_or_not_at_all(sdk: Sdk) -> None:
    """Suspend under clients that never pause: nothing hangs, and each failure is one that may be retried."""
    stop, done, failures = threading.Event(), [0], []

    def work() -> None:
        while not stop.is_set():
            try:
                with sdk.connect(PRIMARY) as session:
                    while not stop.is_set():
                        session.execute("SELECT 1")
                        done[0] += 1
            except psycopg.OperationalError as error:
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(8):
        time.sleep(0.2)
        try:
            sdk.emulator.suspend(PRIMARY)
        except OSError as error:
            assert "409" in str(error)
    stop.set()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    assert done[0] > 100
    assert {error.sqlstate for error in failures} <= {"57P01", None}


def test_killed_server_is_started_again_by_the_next_connection(sdk: Sdk) -> None:
    session = sdk.connect(PRIMARY)
    session.execute("CREATE TABLE kept AS SELECT 1 AS x")
    os.kill(sdk.emulator.endpoint(PRIMARY)["pid"], signal.SIGKILL)
    with pytest.raises(psycopg.OperationalError):
        session.execute("SELECT pg_sleep(5)")
    session.close()
    with sdk.connect(PRIMARY) as session:
        assert session.execute("SELECT x FROM kept").fetchone() == (1,)
    assert sdk.emulator.events("server-died")


def test_killed_backend_is_a_pause_for_the_next_connection(sdk: Sdk) -> None:
    """PostgreSQL ends all sessions and recovers; whoever connects meanwhile waits and sees nothing of it."""
    session = sdk.connect(PRIMARY)
    session.execute("CREATE TABLE kept AS SELECT generate_series(1, 100000) AS x")
    os.kill(session.info.backend_pid, signal.SIGKILL)
    with sdk.connect(PRIMARY) as another:
        assert another.execute("SELECT count(*) FROM kept").fetchone() == (100_000,)
    with pytest.raises(psycopg.OperationalError):
        session.execute("SELECT 1")
    session.close()


def test_frozen_server_does_not_hold_up_the_emulator(sdk: Sdk) -> None:
    server = psutil.Process(sdk.emulator.endpoint(PRIMARY)["pid"])
    sdk.make_branch("projects/shop", "other")
    server.suspend()
    try:
        with sdk.connect("projects/shop/branches/other/endpoints/primary") as session:
            assert session.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.resume()
    with sdk.connect(PRIMARY) as session:
        assert session.execute("SELECT 1").fetchone() == (1,)


def test_query_of_a_vanished_client_does_not_keep_the_endpoint_awake(sdk: Sdk) -> None:
    program = "import sys, psycopg; psycopg.connect(sys.argv[1]).execute('SELECT pg_sleep(600)')"
    conninfo = psycopg.conninfo.make_conninfo(
        host="127.0.0.1", port=sdk.emulator.pg_port, user=sdk.user, dbname="databricks_postgres", sslmode="require",
        password=sdk.token(PRIMARY),
    )  # fmt: skip
    client = subprocess.Popen([sys.executable, "-c", program, conninfo])
    while not sdk.emulator.endpoint(PRIMARY)["sessions"]:
        time.sleep(0.05)
    client.kill()
    client.wait()
    until = time.monotonic() + 30
    while True:
        try:
            return sdk.emulator.suspend(PRIMARY)
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.5)
