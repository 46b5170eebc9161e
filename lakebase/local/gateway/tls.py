"""TLS of one client connection over memory buffers: bytes in, bytes out, no tasks.

asyncio's own start_tls needs a task for each handshake, does not tell a connection that dies during it, and cannot
start with bytes that were read already (a client that opens with TLS). This is also one layer less for each chunk.
"""

import contextlib
import ssl

RECORD = 16 * 1024  # a TLS record holds no more, so a larger read would only allocate in vain
ALPN = "postgresql"


class NamedSSLObject(ssl.SSLObject):
    """A server-side TLS session that remembers which host name the client asked for (SNI)."""

    server_name: str | None = None


def remember_server_names(context: ssl.SSLContext) -> None:
    """Make every session of `context` keep the host name that its client sent."""

    def keep(session: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        if isinstance(session, NamedSSLObject):
            session.server_name = name

    context.sslobject_class = NamedSSLObject
    context.sni_callback = keep


class Channel:
    """One TLS session. After each call the caller sends what `outgoing()` returns.

    A client that opens with TLS (`direct`), without asking first, must name the protocol by ALPN, as in PostgreSQL 17.
    """

    def __init__(self, context: ssl.SSLContext, *, direct: bool = False) -> None:
        self._direct = direct
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.ready = False
        self.ended = False  # the client has said that it sends no more

    def receive(self, data: bytes | memoryview) -> bytes:
        """Plain bytes out of encrypted ones; empty while the handshake lasts. Raises ssl.SSLError."""
        self._incoming.write(data)
        if not self.ready:
            try:
                self._session.do_handshake()
            except ssl.SSLWantReadError:
                return b""
            if self._direct and self._session.selected_alpn_protocol() != ALPN:
                raise ssl.SSLError("direct TLS without ALPN")
            self.ready = True
        plain = self._read()
        if plain and self._incoming.pending:
            parts = [plain]
            while part := self._read():
                parts.append(part)
            return b"".join(parts)
        return plain

    def _read(self) -> bytes:
        try:
            plain = self._session.read(RECORD)
        except ssl.SSLWantReadError:
            return b""
        self.ended = self.ended or not plain
        return plain

    def send(self, data: bytes | memoryview) -> bytes:
        """Encrypt `data` and return what to send, with anything that was still waiting."""
        sent = self._session.write(data)
        if sent < len(data):
            rest = memoryview(data)[sent:]
            while rest:
                rest = rest[self._session.write(rest) :]
        return self._outgoing.read()

    def outgoing(self) -> bytes:
        return self._outgoing.read() if self._outgoing.pending else b""

    def goodbye(self) -> bytes:
        """The closing alert, so that the client can tell an end from a cut."""
        with contextlib.suppress(ssl.SSLError):  # it waits for the client's own alert, which nobody needs
            self._session.unwrap()
        return self.outgoing()

    @property
    def server_name(self) -> str | None:
        return self._session.server_name if isinstance(self._session, NamedSSLObject) else None
