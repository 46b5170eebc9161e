"""A session counts from its statement to PostgreSQL's ReadyForQuery, however the bytes of both arrive."""

import pytest

from lakebase.local.gateway.statements import Statements

READY = b"Z\0\0\0\5I"


def message(kind: str, body: bytes = b"") -> bytes:
    return kind.encode() + (len(body) + 4).to_bytes(4, "big") + body


QUERY, SYNC = message("Q", b"SELECT 1\0"), message("S")
EXECUTE = message("P", b"\0SELECT 1\0\0\0") + message("B", b"\0" * 8) + message("E", b"\0" * 5)
NOTICE, ROW, DONE = message("N", b"SNOTICE\0\0"), message("D", b"\0\1\0\0\0\1" + b"1"), message("C", b"SELECT 1\0")
TEXT = message("D", b"\0\2\0\0\0\1Z\0\0\0\5Italy") + message("D", b"\0\2\0\0\0\1Z\0\0\0\5Texas" + b"x" * 99)
COPY = message("d", b"Q\0\0\0\4S" * 999)
Talk = list[tuple[str, bytes, bool]]

TALKS: dict[str, Talk] = {
    "simple": [(">", QUERY, True), ("<", ROW, True), ("<", DONE + READY, False), (">", QUERY, True)],
    "a notice first": [(">", QUERY, True), ("<", NOTICE, True), ("<", DONE + READY, False)],
    "extended": [(">", EXECUTE, True), (">", SYNC, True), ("<", DONE, True), ("<", READY, False)],
    "flushed": [(">", EXECUTE + message("H"), True), ("<", ROW, True), (">", SYNC, True), ("<", READY, False)],
    "a pipeline": [(">", (EXECUTE + SYNC) * 2, True), ("<", DONE + READY, True), ("<", ROW + DONE + READY, False)],
    "all at once": [(">", QUERY * 3, True), ("<", (ROW + READY) * 3, False)],
    "told of something": [(">", QUERY, True), ("<", READY + NOTICE, False), ("<", NOTICE, False)],
    "copy": [(">", QUERY, True), ("<", message("G"), True), (">", COPY, True), (">", message("c"), True),
             ("<", DONE + READY, False)],
    "extended copy": [(">", EXECUTE + SYNC, True), ("<", message("G"), True), (">", COPY + message("c") + SYNC, True),
                      ("<", DONE + READY, False)],
    "login": [("<", message("R", b"\0\0\0\0") + READY, False)],
    "leaving": [(">", message("X"), False)],
}  # fmt: skip


def test_rows_that_read_like_ready_are_rows() -> None:
    test_at_work_until_ready([(">", QUERY, True), ("<", TEXT, True), ("<", DONE + READY, False)], 100_000)


@pytest.mark.parametrize("talk", TALKS.values(), ids=TALKS)
@pytest.mark.parametrize("piece", [1, 3, 7, 100_000])
def test_at_work_until_ready(talk: Talk, piece: int) -> None:
    statements = Statements()
    for side, said, at_work in talk:
        for at in range(0, len(said), piece):
            (statements.from_client if side == ">" else statements.to_client)(said[at : at + piece])
        assert statements.at_work is at_work, (side, said[:20])
