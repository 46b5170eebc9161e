"""A PostgreSQL client of a few lines, for what no driver would ever send."""

import socket
import ssl
import struct

from tests.local.gateway.cluster import DATABASE, USER

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
GSSENC_REQUEST = struct.pack("!ii", 8, 80877104)


def startup_packet(**parameters: str) -> bytes:
    texts = [text for pair in parameters.items() for text in pair]
    body = struct.pack("!i", 0x30000) + b"".join(text.encode() + b"\0" for text in texts) + b"\0"
    return struct.pack("!i", len(body) + 4) + body


def login_packet(**parameters: str) -> bytes:
    return startup_packet(**{"user": USER, "database": DATABASE, **parameters})


def password_packet(password: str) -> bytes:
    body = password.encode() + b"\0"
    return b"p" + struct.pack("!i", len(body) + 4) + body


def query_packet(statement: str) -> bytes:
    body = statement.encode() + b"\0"
    return b"Q" + struct.pack("!i", len(body) + 4) + body


class RawClient:
    """One connection to the gateway; reading times out after ten seconds."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)

    def __enter__(self) -> "RawClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def encrypt(self, server_name: str | None = None, alpn: str | None = "postgresql") -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if alpn is not None:
            context.set_alpn_protocols([alpn])
        self.socket = context.wrap_socket(self.socket, server_hostname=server_name)

    def start_tls(self, server_name: str | None = None) -> None:
        self.send(SSL_REQUEST)
        assert self.exactly(1) == b"S"
        self.encrypt(server_name)

    def begin_login(self, password: str, **parameters: str) -> None:
        self.send(login_packet(**parameters))
        assert self.message() == (b"R", struct.pack("!i", 3))
        self.send(password_packet(password))

    def log_in(self, password: str, **parameters: str) -> None:
        """As far as ReadyForQuery."""
        self.begin_login(password, **parameters)
        while self.message()[0] != b"Z":
            pass

    def reset(self) -> None:
        """Vanish without a goodbye: closing sends RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def detach(self) -> "RawClient":
        """The same connection without its TLS, to send noise."""
        plain = RawClient.__new__(RawClient)
        plain.socket = socket.socket(fileno=self.socket.detach())
        plain.socket.settimeout(10)
        return plain

    def half_close(self) -> None:
        """Say that nothing more will be sent, and go on reading."""
        # SSLSocket.shutdown would drop its TLS state, so the plain socket is shut down under it.
        socket.socket.shutdown(self.socket, socket.SHUT_WR)

    def exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise EOFError(f"closed after {data!r}")
            data += part
        return data

    def message(self) -> tuple[bytes, bytes]:
        """The next message's type and body; EOFError at the end."""
        kind = self.exactly(1)
        return kind, self.exactly(int.from_bytes(self.exactly(4), "big") - 4)

    def error(self) -> dict[str, str]:
        """The fields of the ErrorResponse that must come next."""
        kind, body = self.message()
        assert kind == b"E", (kind, body)
        return {part[:1].decode(): part[1:].decode() for part in body.split(b"\0") if part}

    def ended(self) -> bool:
        """Whether the gateway has closed the connection, after whatever it still sends."""
        try:
            while self.socket.recv(65536):
                pass
        except (ConnectionError, ssl.SSLError):
            return True
        return True
