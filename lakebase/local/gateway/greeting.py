"""What a client and the gateway say to each other before a session is open; no input or output of its own."""

from dataclasses import dataclass, field

from lakebase.local.credentials import Refused
from lakebase.local.gateway import startup as wire

INVALID_AUTHORIZATION, PROTOCOL_VIOLATION, NOT_SUPPORTED = "28000", "08P01", "0A000"
NO_TLS = "Lakebase accepts only encrypted connections."
NO_REPLICATION = "Lakebase Local does not serve replication connections."
FALSE = {"false", "off", "no", "0"}


class StartTLS:
    """Encrypt from here on. `early` are encrypted bytes that were read already, from a client that did not ask."""

    def __init__(self, early: bytes = b"") -> None:
        self.early = early


@dataclass(frozen=True, slots=True)
class Login:
    """A complete login, still to be checked."""

    startup: wire.Startup
    password: str = field(repr=False)


Step = bytes | StartTLS | wire.CancelRequest | Login


class Greeting:
    """Takes plain bytes by `feed`; `step` says what to do next: send bytes, start TLS, cancel, or check a login."""

    def __init__(self) -> None:
        self.early = b""  # read, not used yet; after the login these belong to Postgres
        self.startup: wire.Startup | None = None
        self._encrypted = self._asked_for_gss = False

    def feed(self, data: bytes | memoryview) -> None:
        self.early += data

    def step(self) -> Step | None:
        """The next step, or None when more bytes are needed. Raises Refused."""
        if self.startup is not None:
            return self._password(self.startup)
        if not self._encrypted and self.early[:1] == bytes([wire.TLS_HANDSHAKE]):
            return self._start_tls()
        packet = wire.parse_startup(self.early)
        if isinstance(packet, wire.Malformed):
            raise Refused(packet.sqlstate, packet.message, "malformed startup")
        if packet is None:
            return None
        self.early = self.early[packet.size :]
        match packet:
            case wire.Startup():
                return self._startup(packet)
            case wire.CancelRequest():
                return packet
            case _:
                return self._encryption(packet)

    def _start_tls(self) -> StartTLS:
        early, self.early, self._encrypted = self.early, b"", True
        return StartTLS(early)

    def _encryption(self, packet: wire.SSLRequest | wire.GSSENCRequest) -> bytes | StartTLS:
        wants_gss = isinstance(packet, wire.GSSENCRequest)
        if self._encrypted or (wants_gss and self._asked_for_gss):
            raise Refused(PROTOCOL_VIOLATION, "encryption was asked for twice", "malformed startup")
        if self.early:
            # Bytes slipped in before the encryption would pass for encrypted ones (CVE-2021-23214).
            message = "received unencrypted data after an encryption request"
            raise Refused(PROTOCOL_VIOLATION, message, "unencrypted data")
        if wants_gss:
            self._asked_for_gss = True
            return b"N"
        return self._start_tls()

    def _startup(self, packet: wire.Startup) -> bytes:
        if not self._encrypted:
            raise Refused(INVALID_AUTHORIZATION, NO_TLS, "no TLS", "Connect with sslmode=require or verify-full.")
        if not packet.parameters.get("user"):
            raise Refused(INVALID_AUTHORIZATION, "no PostgreSQL user name specified in startup packet", "no user")
        if packet.parameters.get("replication", "false").lower() not in FALSE:
            hint = "Leave `replication` out of the connection; copy data with pg_dump or COPY."
            raise Refused(NOT_SUPPORTED, NO_REPLICATION, "replication", hint)
        self.startup = packet
        return wire.AUTHENTICATION_CLEARTEXT_PASSWORD

    def _password(self, startup: wire.Startup) -> Login | None:
        packet = wire.parse_password(self.early)
        if isinstance(packet, wire.Malformed):
            raise Refused(packet.sqlstate, packet.message, "malformed password")
        if packet is None:
            return None
        self.early = self.early[packet.size :]
        return Login(startup, packet.text)
