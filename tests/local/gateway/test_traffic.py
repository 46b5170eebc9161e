"""Open sessions: cancelling, bulk data, pausing, and every way to lose the other side."""

import os
import signal
import struct
import subprocess
import sys
import threading
import time

import psutil
import psycopg
import pytest
from psycopg import errors
from psycopg.conninfo import make_conninfo

from tests.local.gateway.cluster import DATABASE, USER
from tests.local.gateway.conftest import Wire
from tests.local.gateway.raw import RawClient, query_packet

ROW = "x" * 1023 + "\n"
MEGABYTES = 50


# Of another process: libpq's PQcancel blocks while it holds Python's global lock, which the gateway here needs too.
CANCELLING = """
import os, sys, threading, time, psycopg
connection = psycopg.connect(os.environ["DSN"], autocommit=True)
threading.Timer(0.3, getattr(connection, sys.argv[1])).start()
began = time.monotonic()
try:
    connection.execute("SELECT pg_sleep(20)")
except psycopg.errors.QueryCanceled:
    print(time.monotonic() - began < 5, connection.execute("SELECT 1").fetchone())
"""


@pytest.mark.parametrize("how", ["cancel", "cancel_safe"])
def test_a_running_statement_can_be_cancelled(wire: Wire, how: str) -> None:
    dsn = make_conninfo(
        host="127.0.0.1", port=wire.port, user=USER, dbname=DATABASE, password=wire.token(), sslmode="require"
    )
    command = [sys.executable, "-c", CANCELLING, how]
    answer = subprocess.run(
        command, env={**os.environ, "DSN": dsn}, capture_output=True, text=True, check=True, timeout=30
    )
    assert answer.stdout == "True (1,)\n", answer.stderr
    assert [event["found"] for event in wire.events_of("cancel")] == [True]


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_cancel_request_for_nobody_is_dropped(wire: Wire, encrypted: bool) -> None:
    with RawClient(wire.port) as client:
        if encrypted:
            client.start_tls()
        client.send(struct.pack("!iii", 16, 80877102, 1) + b"none")
        assert client.ended()
    assert [event["found"] for event in wire.events_of("cancel")] == [False]


def test_bulk_data_in_and_out(wire: Wire) -> None:
    with wire.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bulk (line text)")
        with cursor.copy("COPY bulk FROM STDIN") as copy:
            for _ in range(MEGABYTES):
                copy.write(ROW * 1024)
        assert cursor.execute("SELECT count(*), sum(length(line)) FROM bulk").fetchone() == (
            MEGABYTES * 1024,
            MEGABYTES * 1024 * 1023,
        )
        with cursor.copy("COPY bulk TO STDOUT") as copy:
            assert sum(len(block) for block in copy) == MEGABYTES * 1024 * 1024


def test_a_client_that_does_not_read_holds_postgres_back(wire: Wire) -> None:
    with RawClient(wire.port) as client:
        client.start_tls()
        client.log_in(wire.token())
        before = psutil.Process().memory_info().rss
        client.send(query_packet("SELECT repeat('x', 1000) FROM generate_series(1, 100000)"))
        time.sleep(1)
        assert psutil.Process().memory_info().rss - before < 50 * 1024 * 1024
        rows = 0
        while (message := client.message())[0] != b"Z":
            rows += message[0] == b"D"
        assert rows == 100_000


def test_a_busy_postgres_holds_the_client_back(wire: Wire) -> None:
    with RawClient(wire.port) as client:
        client.start_tls()
        client.log_in(wire.token())
        client.send(query_packet("SELECT pg_sleep(1.5)"))
        client.socket.settimeout(0.5)
        sent, block = 0, query_packet("-- " + "x" * 65536)
        with pytest.raises(TimeoutError):
            while sent < 100 * 1024 * 1024:
                client.send(block)
                sent += len(block)
        assert sent < 20 * 1024 * 1024
        client.reset()
    wire.until(lambda: not wire.compute.sessions)


def test_every_chunk_counts_as_activity(wire: Wire) -> None:
    with wire.connect() as connection:
        wire.clock.advance(100)
        connection.execute("SELECT 1")
        assert wire.clock.now() - wire.compute.last_activity < 5


def test_a_paused_client_waits_until_it_is_resumed(wire: Wire) -> None:
    with wire.connect() as connection:
        (session,) = wire.compute.sessions
        wire.call(session.pause_client)
        threading.Timer(0.3, lambda: wire.call(session.resume_client)).start()
        began = time.monotonic()
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert time.monotonic() - began >= 0.25


def test_a_closed_session_learns_why(wire: Wire) -> None:
    with wire.connect() as connection:
        (session,) = wire.compute.sessions
        wire.call(session.close, "57P01", "terminating connection: the endpoint is suspended")
        with pytest.raises(errors.AdminShutdown, match="the endpoint is suspended"):
            connection.execute("SELECT 1")
    wire.until(lambda: not wire.compute.sessions)


def test_a_stopped_postgres_says_goodbye_and_starts_again(wire: Wire) -> None:
    with wire.connect() as connection:
        wire.cluster.stop()
        with pytest.raises(errors.AdminShutdown):
            connection.execute("SELECT 1")
    with wire.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert wire.compute.starts == 1


def test_a_killed_postgres_costs_one_failure(wire: Wire) -> None:
    connection = wire.connect()
    threading.Timer(0.3, wire.cluster.kill).start()
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT pg_sleep(20)")
    connection.close()
    with wire.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_killed_backend_makes_new_clients_wait_for_recovery(wire: Wire) -> None:
    with wire.connect() as bystander, wire.connect() as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        psutil.Process(row[0]).send_signal(signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError):  # as soon as the postmaster has noticed
            for _ in range(500):
                bystander.execute("SELECT pg_sleep(0.01)")
    with wire.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_client_that_vanishes_mid_query_leaves_nothing(wire: Wire) -> None:
    with RawClient(wire.port) as client:
        client.start_tls()
        client.log_in(wire.token())
        client.send(query_packet("SELECT pg_sleep(0.5)"))
        client.reset()
    wire.until(lambda: not wire.compute.sessions)


def test_a_half_closed_client_still_gets_its_answer(wire: Wire) -> None:
    with RawClient(wire.port) as client:
        client.start_tls()
        client.log_in(wire.token())
        client.send(query_packet("SELECT pg_sleep(0.3), 'done'"))
        time.sleep(0.05)
        client.half_close()
        answer = b"".join(iter(lambda: client.socket.recv(65536), b""))
    assert b"done" in answer
    wire.until(lambda: not wire.compute.sessions)


def test_a_client_that_vanishes_during_the_wake_leaves_nothing(wire: Wire) -> None:
    wire.cluster.stop()
    wire.compute.wake_delay = 0.5
    with RawClient(wire.port) as client:
        client.start_tls()
        client.begin_login(wire.token())
        wire.until(lambda: wire.compute.starts == 1)
    wire.until(lambda: not wire.gateway._connected)
    with wire.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert wire.compute.starts == 1
