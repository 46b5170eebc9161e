"""The write-ahead log as files: what a standby needs next, and what its primary still has of it."""

import re
import shutil
from pathlib import Path

from lakebase.local.cluster.postgres import Cluster
from lakebase.local.cluster.wal import place_before, position

# How much a primary with standbys keeps for those that sleep. One that misses more is made anew.
KEPT = "128MB"
FILE = re.compile(r"[0-9A-F]{24}|[0-9A-F]{8}\.history")


def next_segment(told: dict[str, str]) -> str:
    """The one from which on a stopped standby may need the log; `told` by pg_controldata."""
    reached = position(told["Minimum recovery ending location"])
    return place_before(reached) if reached else told["Latest checkpoint's REDO WAL file"][8:]


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
