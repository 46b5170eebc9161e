"""The write-ahead log as files: what a standby needs next, and what its primary still has of it."""

import re
import shutil
from pathlib import Path

from lakebase.local.postgres import Cluster

SEGMENT_BYTES = 16 << 20
# How much a primary with standbys keeps for those that sleep. One that misses more is made anew.
KEPT = "128MB"
FILE = re.compile(r"[0-9A-F]{24}|[0-9A-F]{8}\.history")


def position(lsn: str) -> int:
    """ "0/1A2B3C8" as a number of bytes."""
    high, _, low = lsn.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def segment(before: int) -> str:
    """What the segment that ends at or behind a position is called after its timeline: the last 16 digits."""
    number = max(0, before - 1) // SEGMENT_BYTES
    return f"{number >> 8:08X}{number & 0xFF:08X}"


def next_segment(told: dict[str, str]) -> str:
    """The one from which on a stopped standby may need the log; `told` by pg_controldata."""
    reached = position(told["Minimum recovery ending location"])
    return segment(reached) if reached else told["Latest checkpoint's REDO WAL file"][8:]


def has(primary: Cluster, wanted: str) -> bool:
    return any(path.name[8:] == wanted for path in _files(primary))


def hand_over(primary: Cluster, standby: Cluster, first: str) -> None:
    """Give a stopped standby the log of a stopped primary, from the segment `first` on: it need not be woken then."""
    for source in _files(primary):
        if source.suffix == ".history" or source.name[8:] >= first:
            # Under another name until it is whole: we may be killed.
            part = standby.data / "pg_wal" / f"{source.name}.part"
            shutil.copyfile(source, part)
            part.chmod(0o600)
            standby.account.own(part).rename(part.with_suffix(""))


def _files(cluster: Cluster) -> list[Path]:
    return [path for path in (cluster.data / "pg_wal").iterdir() if FILE.fullmatch(path.name)]
