"""Whether there is room for history: on the disk, and within what a branch's may take."""

import shutil
from pathlib import Path

from lakebase.local.history.retention import MEGABYTE, Limits
from lakebase.local.records import Branch

ROOM_TO_RESUME = 1.1  # times the free space under which it stops, so that a new base does not stop it again


class Room:
    def __init__(self, limits: Limits, root: Path) -> None:
        self._limits = limits
        self._root = root
        self._full_disk = ""
        self._cramped: set[str] = set()  # branches for whose next base the disk had no room

    def look(self) -> None:
        """Take the disk's free space into account."""
        limits, free = self._limits, self._free()
        if free < limits.min_free:
            self._full_disk = (
                f"The disk has {free // MEGABYTE} MB left, under {limits.min_free // MEGABYTE} MB: no history is kept "
                "until there is room. Delete branches or other files."
            )
        elif free >= limits.min_free * ROOM_TO_RESUME:
            self._full_disk = ""

    def why_not(self, branch: Branch) -> str:
        """A sentence that says why no history of the branch is kept; "" when it is."""
        size = self._limits.size
        if branch.logical_size > size:
            return (
                f"A copy of {branch.name} has {branch.logical_size // MEGABYTE} MB, over the {size // MEGABYTE} "
                "MB that its history may take: none is kept. Give a larger --history-size."
            )
        return self._full_disk or self._no_room_for_a_copy(branch)

    def cramp(self, branch: Branch) -> None:
        """Keep no history of the branch before the disk has room for another copy of it."""
        self._cramped.add(branch.uid)

    def forget(self, uid: str) -> None:
        self._cramped.discard(uid)

    def _no_room_for_a_copy(self, branch: Branch) -> str:
        if branch.uid in self._cramped and self.has(int(branch.logical_size * ROOM_TO_RESUME)):
            self._cramped.discard(branch.uid)
        if branch.uid not in self._cramped:
            return ""
        return (
            f"The disk has no room for another copy of {branch.name} ({branch.logical_size // MEGABYTE} MB) beside the "
            f"{self._limits.min_free // MEGABYTE} MB that stay free: no history of it is kept until there is. "
            "Delete branches or other files."
        )

    def has(self, wanted: int) -> bool:
        """Whether a copy of so many bytes leaves enough free."""
        return self._free() - wanted >= self._limits.min_free

    def _free(self) -> int:
        return shutil.disk_usage(self._root).free
