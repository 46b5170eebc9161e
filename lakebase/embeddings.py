"""Vectors from a model that a Databricks workspace serves."""

from __future__ import annotations

import time
from collections.abc import Sequence

from . import control_plane
from .control_plane_errors import ControlPlaneDown, LakebaseError, NotFound

# Lakebase Local has no models, and most errors of the control plane say what to do about a database.
REMEDY = (
    "Vectors are made by a workspace that serves the model: name it with DATABRICKS_HOST and a login, or set "
    "`LAKESHOP_EMBEDDINGS` to `local`, a small model on this machine, or `none`."
)
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 20.0


class ServingEndpoint:
    """Foundation models that most workspaces have ready: `name` is the serving endpoint's.

    A busy or absent service is asked again, after pauses that grow; what it says itself about when to come again
    (Retry-After) the SDK honours.
    """

    together = 64
    # Not measured on a workspace: whatever is nearest is shown.
    alike_from = sure_from = 0.0

    def __init__(self, name: str = "databricks-gte-large-en", dimensions: int = 1024) -> None:
        self.model, self.dimensions = name, dimensions

    def embed(self, texts: Sequence[str], patience: float = 60.0) -> list[list[float]]:
        """A vector for each text, in their order, within `patience` seconds.

        Raises OSError, with cause and remedy in words.
        """
        until, pause = time.monotonic() + patience, FIRST_PAUSE
        while True:
            try:
                return self._ask(texts, max(until - time.monotonic(), 0.1))
            except ControlPlaneDown as error:
                if time.monotonic() + pause > until:
                    raise OSError(f"{error} {REMEDY}") from error
            except NotFound as error:
                raise OSError(f"The workspace serves no model {self.model}. {REMEDY}") from error
            except LakebaseError as error:
                raise OSError(f"{error} {REMEDY}") from error
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _ask(self, texts: Sequence[str], deadline: float) -> list[list[float]]:
        answer = control_plane.ask(
            f"compute vectors with the serving endpoint {self.model}",
            lambda workspace: workspace.serving_endpoints.query(name=self.model, input=list(texts)),
            deadline=deadline,
        )
        # They may come in any order.
        found = sorted(answer.data or [], key=lambda each: each.index or 0)
        vectors = [list(each.embedding or []) for each in found]
        if len(vectors) != len(texts) or any(len(vector) != self.dimensions for vector in vectors):
            raise OSError(
                f"The serving endpoint {self.model} gave {len(vectors)} vectors for {len(texts)} texts, each was "
                f"to have {self.dimensions} numbers. Is it a model for embeddings?"
            )
        return vectors
