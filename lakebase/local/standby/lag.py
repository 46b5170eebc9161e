"""How far a standby is behind its primary, as it says itself."""

import time
from dataclasses import dataclass
from typing import Any

import psycopg

# `latest_end_lsn` is the end of the log as the primary last told it, of which some may still be on its way.
MEASURED = """
SELECT receiver.status IS NOT DISTINCT FROM 'streaming',
    coalesce(replayed::text, '0/0'),
    greatest(0, pg_wal_lsn_diff(coalesce(receiver.latest_end_lsn, received), replayed))::bigint,
    extract(epoch FROM pg_last_xact_replay_timestamp())::float8,
    pg_get_wal_replay_pause_state() = 'paused'
FROM (SELECT pg_last_wal_replay_lsn() AS replayed, pg_last_wal_receive_lsn() AS received) AS here
LEFT JOIN pg_stat_wal_receiver AS receiver ON true
"""


@dataclass(frozen=True)
class Lag:
    """`bytes` is None where it cannot be told.

    `last_commit`: epoch seconds of the last transaction that it has replayed, None when there was none yet.

    `paused`: it goes no further before it is started with more connections.
    """

    streaming: bool
    replayed_lsn: str
    bytes: int | None
    last_commit: float | None
    paused: bool

    @property
    def seconds(self) -> float | None:
        """The age of what it shows; nothing, where it has all that there is."""
        if self.bytes is None:
            return None
        return time.time() - self.last_commit if self.bytes and self.last_commit is not None else 0.0


async def measured(connection: psycopg.AsyncConnection[tuple[Any, ...]]) -> Lag:
    row = await (await connection.execute(MEASURED)).fetchone()
    assert row is not None
    return Lag(*row)
