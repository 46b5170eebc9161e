"""What is asked for beside somebody's typing is answered soon, if only with a refusal."""

from contextlib import nullcontext
from functools import wraps
from typing import Any

from django.db import connection
from django.http import HttpResponseBase

from .roles import View

SOON = 4.0


def answered_soon(view: View) -> View:
    """Decorator, around the one that asks who it is: in all, the database has SOON seconds for its answers.

    Its POST sends nothing that would have to arrive: pages.posted keeps none of it.

    Only our engine knows how to give up waiting; another one waits as it always does.
    """

    @wraps(view)
    def bounded(*args: Any, **kwargs: Any) -> HttpResponseBase:
        with getattr(connection, "patience", nullcontext)(SOON):
            return view(*args, **kwargs)

    bounded.only_asks = True  # type: ignore[attr-defined]
    return bounded
