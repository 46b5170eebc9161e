"""Runs that were hung up on and that the database still works at: with some of them no other begins.

Each keeps a processor of the server busy, for minutes or longer, so that a person who sends one after the other would
slow down the whole shop (see deadline.py).
"""

from __future__ import annotations

from typing import Any

import psycopg

from .mistakes import QueryFailed, Reason

NAMED = "lakeshop query"  # how all names begin that runs bear in pg_stat_activity
AFTER = 6.0  # seconds: more than any statement of a run may take, and less than when it is hung up on
OF_ONE = 1  # so many of one person, and nobody else waits for that one
OF_ALL = 2
STILL_THERE = """
SELECT application_name FROM pg_catalog.pg_stat_activity
WHERE usename = session_user AND starts_with(application_name, %s) AND state = 'active' AND pid <> pg_backend_pid()
    AND clock_timestamp() - query_start > make_interval(secs => %s)
"""


def refuse_beside(connection: psycopg.Connection[Any], name: str) -> None:
    """Raises QueryFailed where too many are left, of this person or of all. `name` is as of cancelling.query_name."""
    with psycopg.Cursor(connection) as cursor:
        left = [found for (found,) in cursor.execute(STILL_THERE, [NAMED, AFTER]).fetchall()]
    person = name.rpartition(" ")[0]
    if sum(found.rpartition(" ")[0] == person for found in left) >= OF_ONE:
        raise _busy("A query of yours")
    if len(left) >= OF_ALL:
        raise _busy(f"{len(left)} queries of others")


def _busy(whose: str) -> QueryFailed:
    return QueryFailed(
        f"{whose} could not be stopped when the time was over, and the database is still at work. Try again when it is "
        "through.",
        reason=Reason.BUSY,
        hint="An owner finds what runs in pg_stat_activity.",
    )
