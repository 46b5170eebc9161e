"""Parts of pages that htmx alone asks for."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.vary import vary_on_headers

from .requests import Request
from .roles import View


def part_of(page: str, *, asked: tuple[str, ...] = ()) -> Callable[[View], View]:
    """Decorator, inside the one that asks who it is: whoever opens the part alone, as a sign-in that leads back to it
    does, is led to its page, the one named `page`, with what was `asked` for of it."""

    def decorate(view: View) -> View:
        @wraps(view)
        def led(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.htmx:
                return view(request, *args, **kwargs)
            query = request.GET.copy()
            for name in set(query) - set(asked):
                del query[name]
            return redirect(f"{reverse(page)}?{query.urlencode()}" if query else reverse(page))

        return vary_on_headers("HX-Request")(led)

    return decorate
