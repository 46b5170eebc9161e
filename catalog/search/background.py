"""What products are found by, brought up to date in a thread of this process: out of the way of every request."""

from __future__ import annotations

import logging
import threading
import time

from django.conf import settings
from django.db import DatabaseError, connection

from . import indexing, vectors
from .embeddings import Provider

# The vectors of more products take so long that a command leaves them to `manage.py embed`.
MANY = 10_000
AGAIN_AFTER = 30.0  # seconds, where the vectors could not be made

_log = logging.getLogger("lakeshop.indexing")
_at_it = threading.Lock()
# Products that have left the queue, and whose vectors could not be made.
_owed: set[int] = set()
_not_before = 0.0


def soon(*, every_vector: bool = False) -> None:
    """Work off the queue and make the vectors of what changed, or all that are missing; unless a thread is at it."""
    if settings.INDEX_IN_BACKGROUND and _at_it.acquire(blocking=False):
        threading.Thread(target=_in_background, args=(every_vector,), name="indexing", daemon=True).start()


def owes() -> bool:
    """There are vectors that could not be made, and it is time to try again."""
    return bool(_owed) and time.monotonic() >= _not_before


def at_once(changed: int) -> str:
    """For a command, with whose process its threads end: the same before that. Tells what is left to do, if anything.

    Of very many changed products nothing but the words.
    """
    with _at_it:
        try:
            if changed > MANY:
                indexing.work_off()
                can_embed = vectors.maker() is not None
                return "To have these products found by their meaning as well: manage.py embed" if can_embed else ""
            bring_up_to_date()
        except (DatabaseError, OSError) as error:
            return f"Found by their words, and by meaning once manage.py embed has run: {error}"
    return ""


def bring_up_to_date(*, every_vector: bool = False) -> None:
    """First the words of all, then the vectors. Raises OSError as the provider does: they are owed then."""
    made_by = vectors.maker()
    for changed in indexing.batches():
        if made_by is not None:
            _owed.update(changed)
    if made_by is not None:
        _pay(made_by)
        if every_vector:
            vectors.embed(made_by)


def _pay(made_by: Provider) -> None:
    while some := sorted(_owed)[: indexing.BATCH]:
        vectors.embed(made_by, among=some)
        _owed.difference_update(some)


def _in_background(every_vector: bool) -> None:
    global _not_before
    try:
        bring_up_to_date(every_vector=every_vector)
    except (DatabaseError, OSError) as error:
        # Nothing is lost: what waits is found by its words all the same, and a search after a while tries again.
        _not_before = time.monotonic() + AGAIN_AFTER
        _log.warning("The index of products waits: %s", error)
    finally:
        connection.close()
        _at_it.release()
