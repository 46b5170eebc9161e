"""What products are found by, brought up to date in a thread of this process: out of the way of every request."""

from __future__ import annotations

import logging
import threading

from django.conf import settings
from django.db import DatabaseError, connection

from . import indexing, vectors

_log = logging.getLogger("lakeshop.indexing")
_at_it = threading.Lock()


def soon(*, every_vector: bool = False) -> None:
    """Work off the queue and make the vectors of what changed, or all that are missing; unless a thread is at it."""
    if settings.INDEX_IN_BACKGROUND and _at_it.acquire(blocking=False):
        threading.Thread(target=_in_background, args=(every_vector,), name="indexing", daemon=True).start()


def _in_background(every_vector: bool) -> None:
    try:
        bring_up_to_date(every_vector=every_vector)
    except (DatabaseError, OSError) as error:
        # Nothing is lost: what waits is found by its words all the same, and the next search tries again.
        _log.warning("The index of products waits: %s", error)
    finally:
        connection.close()
        _at_it.release()


def bring_up_to_date(*, every_vector: bool = False) -> None:
    made_by = vectors.maker()
    for changed in indexing.batches():
        if made_by is not None:
            vectors.embed(made_by, among=changed)
    if made_by is not None and every_vector:
        vectors.embed(made_by)
