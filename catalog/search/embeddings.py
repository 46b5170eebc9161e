"""Who turns texts into vectors: chosen by the setting EMBEDDINGS, a dotted name, or nobody."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from .folding import folded

Vector = list[float]


class Provider(Hashable, Protocol):
    """`model` names what the vectors mean: those of two cannot be compared. `together` texts are sent at once.

    Texts whose cosine similarity is below `alike_from` have nothing in common, and from `sure_from` on most often
    something: what is offered unasked and without its figures is at least so near.
    """

    model: str
    dimensions: int
    alike_from: float
    sure_from: float
    together: int

    def embed(self, texts: Sequence[str], patience: float = 60.0) -> list[Vector]:
        """A vector of `dimensions` numbers for each text, in their order, within `patience` seconds.

        Raises OSError, with cause and remedy.
        """
        ...


def written(vector: Sequence[float]) -> str:
    """As pgvector reads it."""
    return "[" + ",".join(map(repr, vector)) + "]"


@cache
def provider() -> Provider | None:
    """The one that the settings name; None when they name none."""
    return cast(Provider, import_string(settings.EMBEDDINGS)()) if settings.EMBEDDINGS else None


class Local:
    """A small model that comes with a package and runs here: no network, no GPU, ten thousand texts a second.

    Its weights began as the token tables of LLaMA models: see docs/licences.md.
    """

    # Capitals are other tokens to it, and it knows few of them: it reads all texts folded, which makes other vectors.
    model = "wordllama-l2-supercat-256-folded"
    dimensions = 256
    alike_from = 0.1
    sure_from = 0.2
    together = 1_000

    def __init__(self) -> None:
        self._loading = threading.Lock()
        self._model: Any = None

    def embed(self, texts: Sequence[str], patience: float = 60.0) -> list[Vector]:
        # Single precision written out in full would be twice as long for nothing.
        read = self._loaded().embed([folded(text).lower() for text in texts], norm=True)
        found: list[Vector] = read.astype(float).round(7).tolist()
        return found

    def _loaded(self) -> Any:
        """Loaded when first asked, which takes seconds."""
        with self._loading:
            if self._model is None:
                if find_spec("wordllama") is None:
                    raise OSError("The local model is not installed: pip install -r requirements-dev.txt")
                import wordllama

                # Its own search for the files looks elsewhere and then asks the network.
                beside = Path(wordllama.__file__).parent
                self._model = wordllama.WordLlama.load(cache_dir=beside, disable_download=True)
            return self._model
