"""The first bytes of a PostgreSQL connection, read and written without any input or output.

Layouts and limits: PostgreSQL 18, "Message Formats" and `ProcessStartupPacket` in backend_startup.c.
"""

import struct
from dataclasses import dataclass, field

MAX_STARTUP = 10_000  # MAX_STARTUP_PACKET_LENGTH; the four bytes of the length itself come on top
MAX_PASSWORD = 64 * 1024  # PG_MAX_AUTH_TOKEN_LENGTH
MIN_CANCEL_KEY, MAX_CANCEL_KEY = 4, 256

SSL_CODE, GSSENC_CODE, CANCEL_CODE = 80877103, 80877104, 80877102
TLS_HANDSHAKE = 0x16  # first byte of a TLS record: a client that skips SSLRequest (sslnegotiation=direct)

AUTHENTICATION_CLEARTEXT_PASSWORD = b"R" + struct.pack("!ii", 8, 3)
TERMINATE = b"X" + struct.pack("!i", 4)
PROTOCOL = 3 << 16


@dataclass(frozen=True, slots=True)
class SSLRequest:
    size: int = 8


@dataclass(frozen=True, slots=True)
class GSSENCRequest:
    size: int = 8


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """`raw` is the whole packet, to be handed on as it is; the key stays out of every repr."""

    pid: int
    key: bytes = field(repr=False)
    raw: bytes = field(repr=False)
    size: int


@dataclass(frozen=True, slots=True)
class Startup:
    """`protocol` is major << 16 | minor; of a repeated parameter the last one counts, as in Postgres."""

    protocol: int
    parameters: dict[str, str]
    raw: bytes = field(repr=False)
    size: int


@dataclass(frozen=True, slots=True)
class Password:
    text: str = field(repr=False)
    size: int


@dataclass(frozen=True, slots=True)
class Malformed:
    message: str
    sqlstate: str = "08P01"


Packet = SSLRequest | GSSENCRequest | CancelRequest | Startup | Malformed


def parse_startup(data: bytes) -> Packet | None:
    """Read one startup-phase packet from the head of `data`; None when more bytes are needed.

    The caller drops `size` bytes from its buffer. Never raises, whatever the bytes.
    """
    if len(data) < 4:
        return None
    size = int.from_bytes(data[:4], "big")
    if not 8 <= size <= MAX_STARTUP + 4:
        return Malformed("invalid length of startup packet: this port speaks the PostgreSQL protocol over TLS")
    if len(data) < size:
        return None
    code = int.from_bytes(data[4:8], "big")
    if code in (SSL_CODE, GSSENC_CODE):
        if size != 8:
            return Malformed("invalid length of startup packet: an encryption request has 8 bytes")
        return SSLRequest() if code == SSL_CODE else GSSENCRequest()
    if code == CANCEL_CODE:
        return _cancel(data[:size])
    return _startup(data[:size], code)


def _cancel(raw: bytes) -> CancelRequest | Malformed:
    key = raw[12:]
    if not MIN_CANCEL_KEY <= len(key) <= MAX_CANCEL_KEY:
        return Malformed("invalid length of query cancel packet")
    return CancelRequest(pid=int.from_bytes(raw[8:12], "big"), key=key, raw=raw, size=len(raw))


def _startup(raw: bytes, protocol: int) -> Startup | Malformed:
    if protocol >> 16 != 3:
        wanted = f"{protocol >> 16}.{protocol & 0xFFFF}"
        return Malformed(f"unsupported frontend protocol {wanted}: server supports 3.0 and later", "0A000")
    parameters: dict[str, str] = {}
    offset = 8
    try:
        while raw[offset : offset + 1] not in (b"", b"\0"):
            name_end = raw.index(b"\0", offset)
            value_end = raw.index(b"\0", name_end + 1)
            parameters[raw[offset:name_end].decode()] = raw[name_end + 1 : value_end].decode()
            offset = value_end + 1
    except UnicodeDecodeError:
        return Malformed("invalid startup packet: user, database and parameters must be UTF-8")
    except ValueError:  # bytes.index found no end of a name or value
        offset = -1
    if offset != len(raw) - 1:
        return Malformed("invalid startup packet layout: expected terminator as last byte")
    return Startup(protocol=protocol, parameters=parameters, raw=raw, size=len(raw))


def startup_packet(**parameters: str) -> bytes:
    """What a client of ours says first."""
    texts = [text for pair in parameters.items() for text in pair]
    body = struct.pack("!i", PROTOCOL) + b"".join(text.encode() + b"\0" for text in texts) + b"\0"
    return struct.pack("!i", len(body) + 4) + body


def parse_password(data: bytes) -> Password | Malformed | None:
    """Read the PasswordMessage at the head of `data`; None when more bytes are needed. Never raises."""
    if data and data[:1] != b"p":
        return Malformed(f"expected password response, got message type {data[0]}")
    if len(data) < 5:
        return None
    length = int.from_bytes(data[1:5], "big")
    if not 5 <= length <= MAX_PASSWORD:
        return Malformed("invalid length of password packet")
    size = length + 1
    if len(data) < size:
        return None
    body = data[5:size]
    if body.find(b"\0") != len(body) - 1:
        return Malformed("invalid password packet size")
    return Password(text=body[:-1].decode(errors="replace"), size=size)


def error_response(severity: str, sqlstate: str, message: str, hint: str = "") -> bytes:
    """Build an ErrorResponse; NUL characters in the texts, which would end them early, are dropped."""
    fields = [("S", severity), ("V", severity), ("C", sqlstate), ("M", message)]
    if hint:
        fields.append(("H", hint))
    body = b"".join(f"{code}{text}".replace("\0", "").encode(errors="replace") + b"\0" for code, text in fields)
    return b"E" + struct.pack("!i", len(body) + 5) + body + b"\0"


def error_fields(body: bytes) -> dict[str, str]:
    """The fields of an ErrorResponse's body by their one-letter codes: `C` SQLSTATE, `M` message."""
    parts = body.split(b"\0")
    return {part[:1].decode(errors="replace"): part[1:].decode(errors="replace") for part in parts if part}
