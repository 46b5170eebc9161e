"""Logging in: who gets a session, who is refused, and what each of them is told."""

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.rows import tuple_row

from tests.local.gateway.cluster import DATABASE, ENDPOINT, UID, USER
from tests.local.gateway.conftest import Wire
from tests.local.gateway.raw import RawClient, login_packet, password_packet


def test_a_session_opens_and_answers(wire: Wire) -> None:
    with wire.connect(application_name="tests") as connection:
        assert connection.execute("SELECT current_user, 1").fetchone() == (USER, 1)
        assert connection.pgconn.used_password
        assert len(wire.compute.sessions) == 1
    (login,) = wire.events_of("login")
    assert (login["application_name"], login["user"], login["endpoint"]) == ("tests", USER, ENDPOINT)
    assert login["database"] == DATABASE
    wire.until(lambda: not wire.compute.sessions)


def test_verify_full_with_our_authority(wire: Wire) -> None:
    for host in ("127.0.0.1", "localhost"):
        options = {"sslmode": "verify-full", "sslrootcert": str(wire.directory / "ca.crt"), "host": host}
        with wire.connect(**options, hostaddr="127.0.0.1") as connection:
            assert connection.pgconn.ssl_in_use


@pytest.mark.skipif(shutil.which("psql") is None, reason="no psql on PATH")
def test_a_psql_with_tls_gets_in(wire: Wire) -> None:
    dsn = f"host=127.0.0.1 port={wire.port} user={USER} dbname={DATABASE} sslmode=verify-full"
    command = ["psql", "-XAt", f"{dsn} sslrootcert={wire.directory}/ca.crt", "-c", "SELECT 6 * 7"]
    environment = {"PGPASSWORD": wire.token(), "PATH": "/usr/bin:/bin"}
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=20)
    assert answer.stdout == "42\n"


@pytest.mark.parametrize(
    "options",
    [
        {"gssencmode": "prefer"},
        {"sslnegotiation": "direct"},
        {"channel_binding": "prefer"},
        {"min_protocol_version": "3.2", "max_protocol_version": "3.2"},
        {"ssl_max_protocol_version": "TLSv1.2"},
        {"options": "-c statement_timeout=1234"},
    ],
    ids=str,
)
def test_other_ways_to_connect(wire: Wire, options: dict[str, Any]) -> None:
    with wire.connect(**options) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        if "options" in options:
            assert connection.execute("SHOW statement_timeout").fetchone() == ("1234ms",)


def refused(wire: Wire, **options: Any) -> str:
    with pytest.raises(psycopg.OperationalError) as error:
        wire.connect(**options)
    return str(error.value)


def test_without_tls_nobody_gets_in(wire: Wire) -> None:
    with RawClient(wire.port) as client:
        client.send(login_packet())
        error = client.error()
    assert (error["S"], error["C"]) == ("FATAL", "28000")
    assert "sslmode=require" in error["H"]
    assert "encrypted" in refused(wire, sslmode="disable")
    assert [event["reason"] for event in wire.events_of("refused")] == ["no TLS", "no TLS"]


def test_each_bad_token_is_refused_with_its_own_reason(wire: Wire) -> None:
    old = wire.token(lifetime=300)
    wire.clock.advance(301)
    assert "expired 1 s ago" in refused(wire, password=old)
    assert "did not match the security label" in refused(wire, password=wire.token(user="someone@example.com"))
    assert "does not exist" in refused(wire, password=wire.token(endpoint="projects/shop/branches/x/endpoints/y"))
    assert "no token of this Lakebase" in refused(wire, password="dapi0123456789abcdef")
    assert "REST API" in refused(wire, password=wire.credentials.mint_access(USER)[0])
    signature_of_another = wire.token().rsplit(".", 1)[1]
    assert "signature" in refused(wire, password=f"{wire.token().rsplit('.', 1)[0]}.{signature_of_another}")
    events = wire.events_of("refused")
    assert [event["reason"] for event in events] == [
        "expired",
        "wrong user",
        "no endpoint",
        "not a token",
        "not a database token",
        "bad signature",
    ]
    assert {event["sqlstate"] for event in events} == {"28P01"}
    assert old not in str(events)


def test_a_refused_token_is_sqlstate_28p01(wire: Wire) -> None:
    with RawClient(wire.port) as client:
        client.start_tls()
        client.send(login_packet())
        client.message()
        client.send(password_packet("wrong"))
        error = client.error()
        assert (error["S"], error["V"], error["C"]) == ("FATAL", "FATAL", "28P01")
        assert "generate_database_credential" in error["H"]
        assert client.ended()


def test_a_session_outlives_its_token(wire: Wire) -> None:
    token = wire.token()
    with wire.connect(password=token) as connection:
        wire.clock.advance(3601)
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert "expired" in refused(wire, password=token)
        assert connection.execute("SELECT 2").fetchone() == (2,)


def test_the_host_name_must_agree_with_the_token(wire: Wire) -> None:
    with wire.connect(host=f"{UID}.database.example.com", hostaddr="127.0.0.1"):
        pass
    with wire.connect(host="somewhere.example.com", hostaddr="127.0.0.1"):
        pass
    message = refused(wire, host="ep-other-one-9z.database.example.com", hostaddr="127.0.0.1")
    assert "ep-other-one-9z" in message
    assert wire.events_of("refused")[-1]["reason"] == "wrong endpoint"
    message = refused(wire, host=f"{UID}-pooler.database.example.com", hostaddr="127.0.0.1")
    assert f"There is no pooler here that '{UID}-pooler' could lead to." in message
    message = refused(wire, host=f"{UID}-ro.database.example.com", hostaddr="127.0.0.1")
    assert f"'{UID}-ro' leads to readable secondaries, and the endpoint '{ENDPOINT}' has none." in message
    assert "ENDPOINT_TYPE_READ_ONLY" in message
    wire.compute.read_only = True
    message = refused(wire, host=f"{UID}-ro.database.example.com", hostaddr="127.0.0.1")
    assert f"Connect to '{UID}', which is read-only by itself." in message


@pytest.mark.parametrize(("value", "allowed"), [("database", False), ("true", False), ("1", False), ("off", True)])
def test_replication_is_refused(wire: Wire, value: str, allowed: bool) -> None:
    if allowed:
        wire.connect(replication=value).close()
    else:
        assert "replication" in refused(wire, replication=value)


def test_unknown_names_get_postgres_own_error(wire: Wire) -> None:
    assert 'database "nowhere" does not exist' in refused(wire, dbname="nowhere")
    message = refused(wire, user="ghost@example.com", password=wire.token(user="ghost@example.com"))
    assert 'role "ghost@example.com" does not exist' in message
    assert [event["sqlstate"] for event in wire.events_of("refused")] == ["3D000", "28000"]


def test_a_disabled_endpoint_says_so(wire: Wire) -> None:
    wire.compute.disabled = True
    assert "is disabled" in refused(wire)
    assert wire.events_of("refused")[-1]["reason"] == "disabled"


def test_the_connection_limit_of_the_endpoint(wire: Wire) -> None:
    wire.compute.connection_limit = 2
    first, second = wire.connect(), wire.connect()
    assert "too many connections for endpoint" in refused(wire)
    assert wire.events_of("refused")[-1]["sqlstate"] == "53300"
    first.close()
    wire.until(lambda: len(wire.compute.sessions) == 1)
    wire.connect().close()
    second.close()


def test_twenty_cold_connections_share_one_start(wire: Wire) -> None:
    wire.cluster.stop()

    def ask(number: int) -> Any:
        with wire.connect(row_factory=tuple_row) as connection:
            return connection.execute("SELECT %s::int", [number]).fetchone()

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(ask, range(20))) == [(number,) for number in range(20)]
    assert wire.compute.starts == 1
    assert len(wire.events_of("login")) == 20
