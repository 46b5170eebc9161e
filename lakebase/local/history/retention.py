"""How far the history of a branch reaches, and what of it goes: by time, then by size."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lakebase.local.history.archive import Segment
from lakebase.local.records import Base

MEGABYTE = 1 << 20
ALWAYS_KEPT = 2


@dataclass(frozen=True)
class Limits:
    """`size`: bytes of log and bases for each branch; `min_free`: of the disk, under which nothing is archived;

    `every`: of log, after which the next base is due.
    """

    size: int = 2048 * MEGABYTE
    min_free: int = 1024 * MEGABYTE
    every: int = 256 * MEGABYTE


@dataclass(frozen=True)
class Span:
    """A stretch of history without a gap; `until_time` None while it goes on."""

    branch: str
    time: float
    lsn: str
    until_time: float | None
    until_lsn: str


def spans(bases: Sequence[Base], not_before: float) -> list[Span]:
    """In order. A base whose log goes on opens or continues the last one. `not_before`: what is older is not given."""
    found: dict[float | None, Span] = {}
    for base in sorted(bases, key=lambda base: base.time):
        if base.until_time not in found and (base.until_time is None or base.until_time > not_before):
            found[base.until_time] = Span(
                base.parent, max(base.time, not_before), base.lsn, base.until_time, base.until_lsn
            )
    return list(found.values())


def outlived(bases: Sequence[Base], segments: Sequence[Segment], *, not_before: float, size: int) -> list[Base]:
    """Which bases to drop, and with them the log before the next one.

    A base is needed as long as moments before the next one may be asked for; where the size is too small, the newest
    two are kept all the same: with the newest alone, a history would be gone as soon as the next base is made. Of a
    stretch that has ended none is, for it gets no next base.
    """
    left = sorted(bases, key=lambda base: base.time)
    dropped = []
    while left:
        oldest, following = left[0], left[1:2]
        end = min([base.time for base in following] + [oldest.until_time or math.inf])
        spare = len(left) > ALWAYS_KEPT or oldest.until_time is not None
        if end > not_before and not (spare and taken_by(left, segments) > size):
            break
        dropped.append(left.pop(0))
    return dropped


def taken_by(bases: Sequence[Base], segments: Sequence[Segment]) -> int:
    """Bytes of these bases and of the log that the first of them needs."""
    first = bases[0].segment[8:]
    return sum(base.bytes for base in bases) + sum(each.bytes for each in segments if each.place >= first)


def log_since(base: Base, segments: Sequence[Segment]) -> int:
    """Bytes of log files that were begun after the base: each takes time to be replayed, even an empty one."""
    return sum(max(segment.bytes, MEGABYTE) for segment in segments if segment.place > base.segment[8:])
