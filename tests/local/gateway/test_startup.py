import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lakebase.local.credentials import Refused
from lakebase.local.gateway import startup as wire
from lakebase.local.gateway.greeting import Greeting, Login, StartTLS
from lakebase.local.gateway.login_reply import Failed, LoginReply, Ready
from tests.local.gateway.raw import GSSENC_REQUEST, SSL_REQUEST, login_packet, password_packet, startup_packet

NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20)
VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=50)
MANGLED = st.one_of(
    st.binary(max_size=300),
    st.builds(lambda size, rest: struct.pack("!I", size) + rest, st.integers(0, 12_000), st.binary(max_size=300)),
    st.builds(
        lambda code, rest: struct.pack("!II", 8 + len(rest), code) + rest,
        st.sampled_from([wire.SSL_CODE, wire.GSSENC_CODE, wire.CANCEL_CODE, 0x30000, 0x30002, 0x20000]),
        st.binary(max_size=300),
    ),
)


def cut(data: bytes, lengths: list[int]) -> list[bytes]:
    chunks = []
    for length in lengths:
        chunks.append(data[:length])
        data = data[length:]
    return [chunk for chunk in [*chunks, data] if chunk]


@pytest.mark.fuzz
@given(st.dictionaries(NAMES, VALUES, max_size=10), st.binary(max_size=20))
def test_a_startup_packet_is_read_back(parameters: dict[str, str], behind: bytes) -> None:
    body = struct.pack("!I", 0x30000) + b"".join(f"{k}\0{v}\0".encode() for k, v in parameters.items()) + b"\0"
    raw = struct.pack("!I", len(body) + 4) + body
    packet = wire.parse_startup(raw + behind)
    assert packet == wire.Startup(0x30000, parameters, raw, len(raw))
    assert all(wire.parse_startup(raw[:length]) is None for length in range(len(raw)))


@pytest.mark.fuzz
@given(st.integers(0, 2**32 - 1), st.binary(min_size=0, max_size=300))
def test_a_cancel_request_carries_a_key_of_4_to_256_bytes(pid: int, key: bytes) -> None:
    packet = wire.parse_startup(struct.pack("!III", 12 + len(key), wire.CANCEL_CODE, pid) + key)
    if 4 <= len(key) <= 256:
        assert isinstance(packet, wire.CancelRequest)
        assert (packet.pid, packet.key) == (pid, key)
        assert key.hex() not in repr(packet)
    else:
        assert isinstance(packet, wire.Malformed)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n",
        b"\0\0\0\0",
        b"\0\0\0\x07",
        struct.pack("!I", 10_005),
        struct.pack("!II", 8, 0x20000),
        struct.pack("!II", 9, wire.SSL_CODE) + b"x",
        struct.pack("!II", 8, 0x30000),
        struct.pack("!II", 13, 0x30000) + b"user\0",
        struct.pack("!II", 14, 0x30000) + b"user\0\0",
        struct.pack("!II", 17, 0x30000) + b"user\0me\0x",
        struct.pack("!II", 11, 0x30000) + b"\0\0\0",
        struct.pack("!II", 16, 0x30000) + b"user\0\xff\0\0",
    ],
)
def test_what_is_no_startup_packet_is_called_malformed(data: bytes) -> None:
    assert isinstance(wire.parse_startup(data), wire.Malformed)


def test_the_longest_packet_is_postgres_own_limit() -> None:
    name = "n" * (wire.MAX_STARTUP - 4 - len(b"user\0\0\0"))
    packet = wire.parse_startup(startup_packet(user=name))
    assert isinstance(packet, wire.Startup)
    assert isinstance(wire.parse_startup(startup_packet(user=name + "n")), wire.Malformed)


@pytest.mark.fuzz
@given(MANGLED)
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    packet = wire.parse_startup(data)
    assert packet is None or isinstance(packet, wire.Malformed) or packet.size <= len(data)
    password = wire.parse_password(data)
    assert password is None or isinstance(password, wire.Malformed) or password.size <= len(data)


@pytest.mark.fuzz
@given(VALUES, st.binary(max_size=10))
def test_a_password_is_read_back_and_stays_out_of_the_repr(text: str, behind: bytes) -> None:
    packet = wire.parse_password(password_packet(text) + behind)
    assert packet == wire.Password(text, len(password_packet(text)))
    assert "text" not in repr(packet)


def test_an_oversized_password_is_refused_by_its_length_alone() -> None:
    assert isinstance(wire.parse_password(b"p" + struct.pack("!I", wire.MAX_PASSWORD + 1)), wire.Malformed)


@pytest.mark.fuzz
@given(VALUES, VALUES, VALUES)
def test_an_error_response_is_read_back(sqlstate: str, message: str, hint: str) -> None:
    raw = wire.error_response("FATAL", sqlstate, message, hint)
    assert int.from_bytes(raw[1:5], "big") == len(raw) - 1
    fields = wire.error_fields(raw[5:])
    assert (fields["S"], fields["C"], fields["M"]) == ("FATAL", sqlstate, message)
    assert fields.get("H", "") == hint


def steps(chunks: list[bytes]) -> list[object]:
    """What a greeting makes of some chunks; TLS is taken as done, its bytes as plain."""
    greeting = Greeting()
    done: list[object] = []
    for chunk in chunks:
        greeting.feed(chunk)
        try:
            while (step := greeting.step()) is not None:
                if isinstance(step, StartTLS):
                    done.append(("tls", step.early))
                    continue
                done.append(step)
                if isinstance(step, wire.CancelRequest | Login):
                    return done
        except Refused as refusal:
            return [*done, (refusal.sqlstate, refusal.message)]
    return done


def test_a_whole_greeting() -> None:
    chunks = [GSSENC_REQUEST, SSL_REQUEST, login_packet(), password_packet("secret")]
    first, second, third, login = steps(chunks)
    assert (first, second, third) == (b"N", ("tls", b""), wire.AUTHENTICATION_CLEARTEXT_PASSWORD)
    assert isinstance(login, Login)
    assert login.password == "secret"
    assert "secret" not in repr(login)


@pytest.mark.fuzz
@given(st.lists(st.integers(1, 40), max_size=30))
def test_chunking_changes_nothing(lengths: list[int]) -> None:
    data = login_packet(application_name="x") + password_packet("secret")
    assert steps([SSL_REQUEST, *cut(data, lengths)]) == steps([SSL_REQUEST, data])


@pytest.mark.fuzz
@given(st.lists(MANGLED | st.sampled_from([SSL_REQUEST, GSSENC_REQUEST, login_packet()]), max_size=6))
@example([SSL_REQUEST + SSL_REQUEST])
@example([GSSENC_REQUEST, GSSENC_REQUEST])
@example([SSL_REQUEST, SSL_REQUEST])
def test_a_greeting_takes_any_bytes(chunks: list[bytes]) -> None:
    steps(chunks)


READY = b"R\0\0\0\x08\0\0\0\0" + b"S\0\0\0\x09a\0b\0\0" + b"K\0\0\0\x0c\0\0\0\x07\1\2\3\4" + b"Z\0\0\0\x05I"


@pytest.mark.fuzz
@given(st.lists(st.integers(1, 20), max_size=20), st.binary(max_size=20))
def test_the_login_reply_is_complete_at_ready_for_query(lengths: list[int], behind: bytes) -> None:
    reply = LoginReply()
    for chunk in cut(READY + behind, lengths):
        reply.feed(chunk)
    assert reply.outcome == Ready(pid=7, key=b"\1\2\3\4")
    assert reply.received == READY + behind


def test_a_login_error_is_kept_as_postgres_sent_it() -> None:
    error = wire.error_response("FATAL", "3D000", 'database "x" does not exist')
    outcome = LoginReply().feed(error)
    assert outcome == Failed("3D000", 'database "x" does not exist', error)


def test_a_postgres_that_asks_for_a_password_is_misconfigured() -> None:
    outcome = LoginReply().feed(wire.AUTHENTICATION_CLEARTEXT_PASSWORD)
    assert isinstance(outcome, Failed)
    assert "pg_hba.conf" in outcome.message


@pytest.mark.fuzz
@given(st.lists(st.binary(max_size=100), max_size=20))
def test_a_login_reply_takes_any_bytes(chunks: list[bytes]) -> None:
    reply = LoginReply()
    for chunk in chunks:
        reply.feed(chunk)
    assert reply.received == b"".join(chunks)
