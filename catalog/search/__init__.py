"""Searching products: by words, by meaning, or by both.

finding.py is the door. What was typed is taken apart (asked.py, folding.py), put right (spelling.py) and made a
vector (question_vector.py); statement.py makes one statement of it from the parts in sql.py, narrowed by filters.py;
marks.py shows what matched. The page is form.py, tags.py and views.py. What is searched in lies beside the products:
indexing.py keeps their words, vectors.py their meaning, made by whom embeddings.py says, and background.py calls
both. The lists look for parts of words in the same index (containing.py). docs/search.md tells how well it finds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .filters import Filters
    from .finding import Found, Hit, Proof, Recall, explain, recall, search, side_by_side
    from .statement import Mode

__all__ = ["Filters", "Found", "Hit", "Mode", "Proof", "Recall", "explain", "recall", "search", "side_by_side"]


def __getattr__(name: str) -> Any:
    """Loaded by who searches: for background.py every command comes through here, and shall not wait for the rest."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import finding

    return getattr(finding, name)
