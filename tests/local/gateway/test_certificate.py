import socket
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lakebase.local.gateway import certificate
from lakebase.local.gateway.certificate import ensure_certificate

FILES = ("ca.crt", "server.crt", "server.key")


def contents(directory: Path) -> dict[str, bytes]:
    return {name: (directory / name).read_bytes() for name in FILES}


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> str | None:
    """Shake hands over a socket pair; the negotiated TLS version."""
    here, there = socket.socketpair()
    with here, there:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = client.wrap_bio(incoming, outgoing, server_hostname=name)
        server_in, server_out = ssl.MemoryBIO(), ssl.MemoryBIO()
        answering = server.wrap_bio(server_in, server_out, server_side=True)
        for _ in range(4):
            for side, source, target in ((session, outgoing, server_in), (answering, server_out, incoming)):
                try:
                    side.do_handshake()
                except ssl.SSLWantReadError:
                    pass
                finally:
                    target.write(source.read())
        return session.version()


def trusting(directory: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(directory / "ca.crt"))


@pytest.mark.parametrize("name", ["127.0.0.1", "::1", "localhost"])
def test_every_loopback_name_is_verified_in_full(tmp_path: Path, name: str) -> None:
    server = ensure_certificate(tmp_path)
    assert handshake(server, trusting(tmp_path), name) == "TLSv1.3"


def test_another_name_is_not_accepted(tmp_path: Path) -> None:
    server = ensure_certificate(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server, trusting(tmp_path), "example.com")


def test_old_tls_is_refused(tmp_path: Path) -> None:
    server = ensure_certificate(tmp_path)
    assert server.minimum_version is ssl.TLSVersion.TLSv1_2
    client = trusting(tmp_path)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    assert handshake(server, client, "localhost") == "TLSv1.2"


def test_the_set_is_kept_and_the_key_is_private(tmp_path: Path) -> None:
    ensure_certificate(tmp_path)
    before = contents(tmp_path)
    ensure_certificate(tmp_path)
    assert contents(tmp_path) == before
    assert stat.S_IMODE((tmp_path / "server.key").stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == set(FILES)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["missing", "empty", "half", "garbage", "of another set"])
def test_a_damaged_set_is_made_anew(tmp_path: Path, name: str, damage: str) -> None:
    ensure_certificate(tmp_path)
    ensure_certificate(tmp_path / "other")
    before, file = contents(tmp_path), tmp_path / name
    match damage:
        case "missing":
            file.unlink()
        case "empty":
            file.write_bytes(b"")
        case "half":
            file.write_bytes(before[name][: len(before[name]) // 2])
        case "garbage":
            file.write_bytes(b"-----BEGIN CERTIFICATE-----\n\xff\x00\n-----END CERTIFICATE-----\n")
        case _:
            (tmp_path / "other" / name).replace(file)
    server = ensure_certificate(tmp_path)
    assert handshake(server, trusting(tmp_path), "localhost")
    assert all(contents(tmp_path)[each] != before[each] for each in FILES)


def test_a_key_that_others_can_read_is_replaced(tmp_path: Path) -> None:
    ensure_certificate(tmp_path)
    before = contents(tmp_path)
    (tmp_path / "server.key").chmod(0o644)
    ensure_certificate(tmp_path)
    assert contents(tmp_path)["server.key"] != before["server.key"]


def test_it_is_renewed_within_thirty_days_of_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "LIFETIME", timedelta(days=31))
    ensure_certificate(tmp_path)
    before = contents(tmp_path)
    ensure_certificate(tmp_path)
    assert contents(tmp_path) == before

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: object = None) -> "Tomorrow":
            return cls.fromtimestamp(datetime.now(UTC).timestamp() + 86_400 * 2, UTC)

    monkeypatch.setattr(certificate, "datetime", Tomorrow)
    ensure_certificate(tmp_path)
    assert contents(tmp_path) != before
