"""How long somebody waits for the database's answer: for ever, unless it was said how long.

PostgreSQL's own timeouts are kept by the server. One that is frozen keeps none, and its machine goes on to confirm what
is sent to it: only who waits can give up.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from time import monotonic

_until: ContextVar[float] = ContextVar("until", default=inf)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Within the block, this thread waits so long in all; of two, one within the other, the shorter one counts."""
    earlier = _until.set(min(_until.get(), monotonic() + seconds))
    try:
        yield
    finally:
        _until.reset(earlier)


def patience_left() -> float:
    """Seconds; inf where nobody has said anything."""
    return max(_until.get() - monotonic(), 0.0)
