"""Slow, broken and hostile clients: the gateway neither hangs nor crashes, and serves the next one."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.local.gateway.conftest import Wire
from tests.local.gateway.raw import (
    GSSENC_REQUEST,
    SSL_REQUEST,
    RawClient,
    login_packet,
    password_packet,
    query_packet,
)
from tests.local.gateway.test_startup import MANGLED

SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
PIECES = st.lists(
    MANGLED | st.sampled_from([SSL_REQUEST, GSSENC_REQUEST, login_packet(), password_packet("x"), b"\x16\x03\x01\0\5"]),
    max_size=4,
)


def converse(client: RawClient, data: bytes, lengths: list[int]) -> None:
    """Send `data` in pieces, then say goodbye; the gateway may close at any moment, but it must."""
    try:
        for length in lengths:
            client.send(data[:length])
            data = data[length:]
        client.send(data)
        client.half_close()
    except OSError as error:
        assert not isinstance(error, TimeoutError)
        return
    assert client.ended()


@pytest.mark.fuzz
@SHARED
@given(PIECES, st.lists(st.integers(1, 30), max_size=5))
def test_any_bytes_in_any_chunks_in_plain_text(wire: Wire, pieces: list[bytes], lengths: list[int]) -> None:
    with RawClient(wire.port) as client:
        converse(client, b"".join(pieces), lengths)


@pytest.mark.fuzz
@SHARED
@given(PIECES, st.lists(st.integers(1, 30), max_size=5), st.booleans())
def test_any_bytes_in_any_chunks_within_tls(
    wire: Wire, pieces: list[bytes], lengths: list[int], with_startup: bool
) -> None:
    with RawClient(wire.port) as client:
        client.start_tls()
        converse(client, login_packet() * with_startup + b"".join(pieces), lengths)


@pytest.mark.fuzz
@settings(SHARED, max_examples=settings().max_examples // 5)  # each logs in to Postgres
@given(st.binary(min_size=1, max_size=200), st.integers(1, 100))
def test_broken_tls_ends_an_open_session(wire: Wire, noise: bytes, length: int) -> None:
    with RawClient(wire.port) as client:
        client.start_tls()
        client.log_in(wire.token())
        plain = client.detach()
        plain.send(noise[:length])
        plain.half_close()
        assert plain.ended()
        plain.socket.close()
    wire.until(lambda: not wire.compute.sessions)


def test_after_all_that_it_still_serves(wire: Wire) -> None:
    for data in (b"", b"\0", b"GET / HTTP/1.1\r\n\r\n", SSL_REQUEST, SSL_REQUEST + b"\x16", b"\x16\x03\x01"):
        with RawClient(wire.port) as client:
            client.send(data)
    wire.until(lambda: not wire.gateway._connected)
    wire.connect().close()


def test_bytes_slipped_in_before_tls_are_refused(wire: Wire) -> None:
    with RawClient(wire.port) as client:
        client.send(SSL_REQUEST + login_packet())
        assert client.error()["C"] == "08P01"
        assert client.ended()


def test_direct_tls_needs_alpn(wire: Wire) -> None:
    with RawClient(wire.port) as client:
        client.encrypt(alpn="postgresql")
        client.log_in(wire.token())
    with RawClient(wire.port) as client:
        client.encrypt(alpn=None)
        client.send(login_packet())
        assert client.ended()


def test_statements_sent_ahead_are_served_after_the_login(wire: Wire) -> None:
    wire.cluster.stop()
    with RawClient(wire.port) as client:
        client.start_tls()
        client.send(login_packet())
        client.message()
        client.send(password_packet(wire.token()) + query_packet("SELECT 'early'"))
        kinds = b""
        while kinds.count(b"Z") < 2:
            kinds += client.message()[0]
        assert kinds.endswith(b"ZTDCZ")


def test_a_slow_login_is_ended(wire: Wire) -> None:
    wire.reopen(login_deadline=0.3)
    for data, encrypted in ((b"", False), (b"\0\0", False), (b"", True), (login_packet(), True)):
        with RawClient(wire.port) as client:
            if encrypted:
                client.start_tls()
            client.send(data)
            began = time.monotonic()
            if len(data) > 8:
                client.message()
            assert client.error()["C"] == "57014"
            assert client.ended()
            assert time.monotonic() - began < 9
    with RawClient(wire.port) as client:
        client.send(SSL_REQUEST)  # and no handshake
        assert client.exactly(1) == b"S"
        assert client.ended()
    assert [event["reason"] for event in wire.events_of("refused")] == ["too slow"] * 5


def test_the_deadline_is_the_clients_alone(wire: Wire) -> None:
    wire.reopen(login_deadline=0.3)
    wire.cluster.stop()
    wire.compute.wake_delay = 0.6
    with wire.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_too_many_connections_that_do_not_log_in(wire: Wire) -> None:
    wire.reopen(max_greetings=2)
    with RawClient(wire.port) as first, RawClient(wire.port) as second:
        first.start_tls()
        second.start_tls()
        with RawClient(wire.port) as third:
            assert third.error()["C"] == "53300"
            assert third.ended()
        second.log_in(wire.token())
        wire.connect().close()


def test_a_postgres_that_does_not_answer_is_told_within_the_deadline(wire: Wire) -> None:
    wire.reopen(wake_deadline=0.5)
    wire.cluster.stop()
    wire.compute.wake_delay = 1.5
    with RawClient(wire.port) as client:
        client.start_tls()
        client.begin_login(wire.token())
        error = client.error()
        assert (error["C"], client.ended()) == ("57P03", True)
    wire.until(lambda: wire.cluster.running)


def test_closing_the_gateway_tells_everyone(wire: Wire) -> None:
    with RawClient(wire.port) as open_session, RawClient(wire.port) as greeting:
        open_session.start_tls()
        open_session.log_in(wire.token())
        greeting.start_tls()
        wire.run(wire.gateway.close())
        assert open_session.error()["C"] == "57P01"
        assert greeting.error()["C"] == "57P01"
        assert open_session.ended()
        assert greeting.ended()


def test_a_client_that_never_reads_does_not_hold_up_the_close(wire: Wire) -> None:
    with RawClient(wire.port) as client:
        client.start_tls()
        client.log_in(wire.token())
        client.send(query_packet("SELECT repeat('x', 1000) FROM generate_series(1, 100000)"))
        time.sleep(0.3)
        began = time.monotonic()
        wire.run(wire.gateway.close())
        assert time.monotonic() - began < 15
