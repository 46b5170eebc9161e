"""Whether a session's statements are at work, told by the messages on its wire.

PostgreSQL says ReadyForQuery when it has done with a Query, a FunctionCall, or with all up to a Sync; whatever it says
before, a NOTICE or the first rows, the statement may go on. https://www.postgresql.org/docs/current/protocol-flow.html
"""

HEAD = 5  # a message's kind, and its length without that
ASKS_FOR_READY = b"QFS"
UNTIL_SYNC = b"PBEDCH"  # the extended protocol's
COPIED = b"cf"  # the end of COPY FROM STDIN, good or bad
READY = b"Z\0\0\0\5"
# No message is as long. Where what follows READY reads as a longer one, it is text: the end of one column, "..Z", and a
# next one of five letters.
LONGEST = 1 << 28


class Statements:
    """The client's messages are read one by one. Of PostgreSQL's, which may be a million rows, only READY is sought."""

    def __init__(self) -> None:
        self._expected = 0  # ReadyForQuery
        self._unsynced = False
        self._synced_last = False
        self._head = b""
        self._skip = 0  # bytes left of a message of which the head is read
        self._tail = b""

    @property
    def at_work(self) -> bool:
        return self._expected > 0 or self._unsynced

    def from_client(self, data: bytes) -> None:
        """What the client has said; messages may lie across several reads."""
        data, at = self._head + data, self._skip
        while len(data) - at >= HEAD:
            self._take(data[at : at + 1])
            at += 1 + max(4, int.from_bytes(data[at + 1 : at + HEAD], "big"))
        self._head, self._skip = data[at:], max(0, at - len(data))

    def to_client(self, data: bytes | memoryview) -> None:
        """What PostgreSQL has said."""
        if not self._expected:
            self._tail = b""
            return
        seen = self._tail + data
        at = seen.find(READY)
        while at >= 0:
            after = seen[at + 1 + HEAD : at + 1 + 2 * HEAD]
            if 0 < len(after) < HEAD:
                self._tail = seen[at:]  # too little to tell
                return
            self._expected -= self._expected > 0 and _is_ready(seen[at + HEAD : at + 1 + HEAD], after)
            at = seen.find(READY, at + 1)
        self._tail = seen[-HEAD:]

    def _take(self, kind: bytes) -> None:
        if kind in ASKS_FOR_READY:
            self._expected += 1
            self._unsynced, self._synced_last = False, kind == b"S"
        elif kind in UNTIL_SYNC:
            self._unsynced = True
        elif kind in COPIED and self._synced_last:
            # While it takes rows PostgreSQL passes over a Sync, and there comes another now.
            self._expected -= self._expected > 0


def _is_ready(state: bytes, head_after: bytes) -> bool:
    return state in (b"I", b"T", b"E") and (not head_after or int.from_bytes(head_after[1:], "big") < LONGEST)
