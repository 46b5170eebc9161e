"""From a base copy to the state at a moment: PostgreSQL replays the archived log, stops there and is promoted.

Two traps are met here. A moment before the base would not fail, PostgreSQL would come up with the state of the base: so
what it has replayed is checked once more. A moment after the last commit does fail, after everything is replayed: so
whoever asks says what then is the same moment.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from lakebase.local.cluster.branching import CannotCopy
from lakebase.local.cluster.postgres import CannotStart, Cluster
from lakebase.local.history.moment import Moment, precise

DEADLINE = 1800.0  # the whole of a branch's log may have to be replayed
CONNECTIONS = 20
TOO_LATE = "recovery ended before configured recovery target was reached"
LAST_COMMIT = re.compile(r"last completed transaction was at log time (\S+ \S+)")


@dataclass(frozen=True)
class Recovered:
    """Where the log was left, and when its last commit before that was made, if one was replayed."""

    lsn: str
    last_commit: float | None


class LogEndsBefore(Exception):
    """Everything was replayed, and there is no commit after the moment."""


async def recover(cluster: Cluster, restore_command: str, target: dict[str, str], *, early: bool) -> Recovered:
    """Bring a copy of a base to `target`, PostgreSQL's settings; {} is the log's end. It ends as an ordinary cluster.

    `early` as of Base: between the copy and the target the log goes over to the branch's own timeline.

    Afterwards it is stopped. Raises LogEndsBefore, after which it may be tried again, and CannotStart.
    """
    cluster.log.unlink(missing_ok=True)
    cluster.settings = {
        "restore_command": restore_command,
        "recovery_target_timeline": "latest" if early else "current",
        "recovery_target_action": "promote",
        # Nobody asks it meanwhile, and it would insist on the parent's max_connections.
        "hot_standby": "off",
        "archive_mode": "off",
        # What a kill would take, it takes from a half-made cluster. The copy of a sleeping one is not synced either.
        "fsync": "off",
        **target,
    }
    cluster.write(cluster.data / "recovery.signal", "")
    try:
        await cluster.start(CONNECTIONS, DEADLINE)
    except CannotStart as error:
        if TOO_LATE in str(error):
            raise LogEndsBefore from error
        raise
    finally:
        await cluster.stop()
        cluster.settings = {}
    cluster.configure()
    return _read(cluster)


def check(recovered: Recovered, moment: Moment) -> None:
    """Raises CannotCopy where PostgreSQL came up with another moment than was asked for."""
    if moment.time is not None and recovered.last_commit is not None and recovered.last_commit > moment.time + 1e-6:
        raise CannotCopy(f"The replay to {moment} ended at {precise(recovered.last_commit)}, after that moment.")


def _read(cluster: Cluster) -> Recovered:
    histories = sorted((cluster.data / "pg_wal").glob("????????.history"))
    lines = histories[-1].read_text().splitlines() if histories else []
    switches = [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]
    found = LAST_COMMIT.search(cluster.log.read_text(errors="replace"))
    commit = datetime.fromisoformat(found[1]).timestamp() if found else None
    return Recovered(switches[-1][1] if switches else "", commit)
