"""Durations as people write them: 90s, 5m, 1h, 7d."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.protobuf.duration_pb2 import Duration

UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
FORMAT = re.compile(r"([1-9][0-9]{0,8})([dhms])")


def read_duration(text: str) -> int:
    """Seconds. ValueError with a sentence when `text` is no duration."""
    found = FORMAT.fullmatch(text.strip().lower())
    if not found:
        raise ValueError(f"{text!r} is no duration. Write a whole number and a unit: 90s, 5m, 1h, 7d.")
    return int(found[1]) * UNITS[found[2]]


def protobuf(seconds: int) -> Duration:
    """What the SDK takes: protobuf's Duration. A timedelta would fail when it is written."""
    from google.protobuf.duration_pb2 import Duration

    return Duration(seconds=seconds)


def write_duration(seconds: float) -> str:
    """The same words back, in the largest unit that stays exact: 300 is 5m, 90 is 90s."""
    for unit, length in UNITS.items():
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:.0f}{unit}"
    return f"{seconds:g}s"
