"""Positions in the write-ahead log, and the files of 16 MB, "segments", in which they lie.

A segment's name has 24 hexadecimal digits: its timeline, and its place in the log in 8 and 8 digits.
https://www.postgresql.org/docs/current/wal-internals.html
"""

SEGMENT_BYTES = 16 << 20
SEGMENTS = 256  # in each 4 GB that the names count


def position(lsn: str) -> int:
    """Bytes from the log's beginning; 0 for an unknown one."""
    high, _, low = lsn.partition("/")
    return (int(high, 16) << 32) + int(low, 16) if low else 0


def place_before(at: int) -> str:
    """The place, the last 16 digits, of the segment in which what lies before a position ends."""
    return _place(max(at - 1, 0) // SEGMENT_BYTES)


def segment_of(lsn: str) -> str:
    """That segment, on no timeline in particular."""
    return "0" * 8 + place_before(position(lsn))


def segment_before(segment: str) -> str:
    """Of the same timeline; "" for an unknown one."""
    return segment[:8] + _place(_number(segment) - 1) if segment else ""


def segments_between(first: str, last: str) -> list[str]:
    """The places, the last 16 digits of the name, of these two segments and all between them."""
    return [_place(number) for number in range(_number(first), _number(last) + 1)]


def end_of(segment: str) -> str:
    """The log position behind its last byte."""
    end = (_number(segment) + 1) * SEGMENT_BYTES
    return f"{end >> 32:X}/{end & 0xFFFFFFFF:X}"


def _number(segment: str) -> int:
    return int(segment[8:16], 16) * SEGMENTS + int(segment[16:24], 16)


def _place(number: int) -> str:
    return f"{number // SEGMENTS:08X}{number % SEGMENTS:08X}"
