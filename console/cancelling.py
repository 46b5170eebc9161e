"""Stopping a query that runs, from another request of the same person, whichever process that request comes to."""

from __future__ import annotations

import re

from django.db import connections

from .abandoned import NAMED
from .apps import ALIAS

RUN = re.compile(r"[0-9a-f]{8,32}")
# The backend is looked for and told in one statement, so that it has hardly time to begin another's query.
CANCEL = """
SELECT pg_cancel_backend(pid) FROM pg_stat_activity
WHERE application_name = %s AND usename = session_user AND state = 'active' AND pid <> pg_backend_pid()
"""


def query_name(person: int, run: str) -> str:
    """The name under which a person's run is seen in pg_stat_activity. `run` is hexadecimal, chosen for each anew."""
    if not RUN.fullmatch(run):
        raise ValueError(f"{run!r} names no run: 8 to 32 hexadecimal digits do.")
    return f"{NAMED} {person} {run}"


def cancel(name: str) -> bool:
    """Stop the query that runs under this name; False when there is none, as when it has just ended."""
    wrapper = connections[ALIAS]
    try:
        with wrapper.cursor() as cursor:
            cursor.execute(CANCEL, [name])
            return any(told for (told,) in cursor.fetchall())
    finally:
        wrapper.close()
