"""What PostgreSQL answers to a startup packet, held back until the answer is complete.

Nothing reaches the client before it, so a Postgres that is still starting can be asked again unseen.
"""

from dataclasses import dataclass, field

from lakebase.local.gateway.startup import error_fields, error_response

MAX_REPLY = 1 << 20
AUTHENTICATION_OK = b"\0\0\0\0"


@dataclass(frozen=True, slots=True)
class Ready:
    """The session is open; `pid` and `key` are what a CancelRequest must bring."""

    pid: int
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Failed:
    """The login was refused; `answer` is what to tell the client."""

    sqlstate: str
    message: str
    answer: bytes = field(repr=False)


class LoginReply:
    """Reads PostgreSQL's bytes up to ReadyForQuery or an error; whatever follows is kept as well."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.outcome: Ready | Failed | None = None
        self._offset = 0
        self._ready = Ready(pid=0, key=b"")

    def feed(self, data: bytes | memoryview) -> Ready | Failed | None:
        """Take some bytes; answers the outcome as soon as it is known. Never raises, whatever the bytes."""
        self.received += data
        while self.outcome is None and (message := self._next_message()) is not None:
            self.outcome = self._read(*message)
        if self.outcome is None and len(self.received) > MAX_REPLY:
            self.outcome = _broken("Postgres sent more than 1 MB before the login was over")
        return self.outcome

    def _next_message(self) -> tuple[bytes, bytes] | None:
        head = self.received[self._offset : self._offset + 5]
        if len(head) < 5:
            return None
        end = self._offset + 1 + max(4, int.from_bytes(head[1:], "big"))
        if len(self.received) < end:
            return None
        body = bytes(self.received[self._offset + 5 : end])
        self._offset = end
        return bytes(head[:1]), body

    def _read(self, kind: bytes, body: bytes) -> Ready | Failed | None:
        if kind == b"R" and body != AUTHENTICATION_OK:
            return _broken("Postgres asks for a password: restore `trust` for its local socket in pg_hba.conf")
        if kind == b"E":
            fields = error_fields(body)
            return Failed(fields.get("C", "XX000"), fields.get("M", ""), bytes(self.received))
        if kind == b"K":
            self._ready = Ready(pid=int.from_bytes(body[:4], "big"), key=body[4:])
        return self._ready if kind == b"Z" else None


def _broken(message: str) -> Failed:
    return Failed("XX000", message, error_response("FATAL", "XX000", message))
