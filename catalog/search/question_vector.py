"""What was typed as a vector. Where nobody makes one just now, not every search waits to hear so."""

from __future__ import annotations

import time
from functools import lru_cache

from .embeddings import Provider

PATIENCE = 2.0  # seconds that a page waits
AWAY_FOR = 30.0  # seconds for which a provider that failed is not asked again
NO_PROVIDER = "No model makes vectors here (LAKESHOP_EMBEDDINGS): products are found by their words alone."

_away: dict[Provider, tuple[float, str]] = {}


def vector_of(made_by: Provider | None, text: str) -> tuple[list[float] | None, str]:
    """The vector, and ""; or None, and why."""
    if made_by is None:
        return None, NO_PROVIDER
    try:
        return list(_embedded(made_by, text)), ""
    except OSError as error:
        return None, str(error)


@lru_cache(maxsize=512)
def _embedded(made_by: Provider, text: str) -> tuple[float, ...]:
    until, told = _away.get(made_by, (0.0, ""))
    if time.monotonic() < until:
        raise OSError(told)
    try:
        return tuple(made_by.embed([text], patience=PATIENCE)[0])
    except OSError as error:
        _away[made_by] = time.monotonic() + AWAY_FOR, str(error)
        raise
