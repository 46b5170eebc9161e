"""The file by which PostgreSQL knows that a cluster is the copy of a running one.

When such a copy first starts, it replays the log of the copying to the record that ends it. PostgreSQL puts the file
away at once; killed amid the replay, it then starts as after any crash, never looks for that record, and ends with "WAL
ends before end of online backup" although all of the log is there. With the file back in its place it begins anew.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

from lakebase.local.cluster.wal import position

LABEL, PUT_AWAY = "backup_label", "backup_label.old"
# With one of these the replay is looked for as it should be.
SIGNALS = ("recovery.signal", "standby.signal")


async def put_back(data: Path, control_data: Callable[[], Awaitable[dict[str, str]]]) -> bool:
    """Where the replay has begun and has not ended; True if so. The cluster must not run."""
    if not (data / PUT_AWAY).exists() or any((data / name).exists() for name in (LABEL, *SIGNALS)):
        return False
    if position((await control_data()).get("Backup start location", "")) == 0:
        return False
    (data / PUT_AWAY).rename(data / LABEL)
    return True


def forget(data: Path) -> None:
    """Once the server takes queries."""
    (data / PUT_AWAY).unlink(missing_ok=True)
