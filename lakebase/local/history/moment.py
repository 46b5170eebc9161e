"""A point in a branch's past, named by time or by log position."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lakebase.local.cluster.wal import position

LSN = re.compile(r"[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}")


@dataclass(frozen=True)
class Moment:
    """Exactly one of `time` (epoch seconds on the wall clock) and `lsn`."""

    time: float | None = None
    lsn: str = ""

    def __str__(self) -> str:
        return self.lsn if self.time is None else precise(self.time)

    def is_from(self, time: float, lsn: str) -> bool:
        """Whether it lies at or after this point."""
        return position(self.lsn) >= position(lsn) if self.time is None else self.time >= time

    def is_until(self, time: float | None, lsn: str) -> bool:
        """Whether it lies at or before this point; None is no end."""
        if time is None:
            return True
        return position(self.lsn) <= position(lsn) if self.time is None else self.time <= time

    def settings(self) -> dict[str, str]:
        """For PostgreSQL's recovery.

        A commit at the very moment is part of it. A log position is where the next record begins, for so PostgreSQL
        tells its own, so that what begins there is no part of it.
        """
        if self.time is not None:
            # Zones by name, even Z, are unknown when PostgreSQL reads its settings.
            return {"recovery_target_time": precise(self.time).replace("Z", "+00")}
        return {"recovery_target_lsn": self.lsn, "recovery_target_inclusive": "off"}

    def as_job(self) -> dict[str, Any]:
        return {"time": self.time, "lsn": self.lsn}


def precise(epoch_seconds: float) -> str:
    """RFC 3339 in microseconds, which is what PostgreSQL dates commits by."""
    return datetime.fromtimestamp(epoch_seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
