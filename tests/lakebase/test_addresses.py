"""Hosts that the system's resolver does not know are asked of a name server."""

import socket
import threading
from collections.abc import Iterator

import dns.message
import dns.resolver
import dns.rrset
import pytest

from lakebase.backend.addresses import addresses
from tests.conftest import DATABASE
from tests.emulator import Emulator
from tests.lakebase.conftest import Connect, ask

KNOWN = "instance-1.database.example."


@pytest.fixture
def name_server() -> Iterator[None]:
    """A name server on loopback that knows one name, asked by dnspython in place of the system's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("127.0.0.1", 0))

        def answer() -> None:
            while True:
                question, sender = wire.recvfrom(512)
                if not question:
                    return
                query = dns.message.from_wire(question)
                reply = dns.message.make_response(query)
                (asked,) = query.question
                if asked.name.to_text() == KNOWN and asked.rdtype == dns.rdatatype.A:
                    reply.answer.append(dns.rrset.from_text(KNOWN, 60, "IN", "A", "127.0.0.1"))
                wire.sendto(reply.to_wire(), sender)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], wire.getsockname()[1]
        before, dns.resolver.default_resolver = dns.resolver.default_resolver, resolver
        yield
        dns.resolver.default_resolver = before
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stop:
            stop.sendto(b"", wire.getsockname())
        thread.join(60)


def test_name_server_is_asked(name_server: None) -> None:
    assert addresses(KNOWN.rstrip(".")) == ["127.0.0.1"]
    assert addresses("nobody-knows.example") == []


def test_connection_is_opened_to_the_address_found(
    connect: Connect, name_server: None, app_principal: dict[str, str], local_lakebase: Emulator
) -> None:
    # A Provisioned entry takes its host from the settings, so a name can be given; the emulator then refuses the
    # workspace's own token, which shows that the connection reached it.
    from django.db import OperationalError

    connection = connect(lakebase={"provisioned": True, **app_principal}, HOST=KNOWN.rstrip("."), NAME=DATABASE)
    with pytest.raises(OperationalError, match="not a database credential"):
        ask(connection)


def test_name_that_nobody_knows_is_told(connect: Connect, name_server: None, app_principal: dict[str, str]) -> None:
    from django.db import OperationalError

    entry = {"provisioned": True, "connect_deadline": 0.5, **app_principal}
    with pytest.raises(OperationalError, match=r"resolve host 'nobody-knows.example'.*Neither the system nor a name"):
        ask(connect(lakebase=entry, HOST="nobody-knows.example"))
