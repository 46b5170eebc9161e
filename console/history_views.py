"""A person's own queries: the list, and leaving one or all of them behind."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from pages.counted import counted
from pages.requests import Request
from pages.roles import may_view

from . import history

LONGEST_WORDS = 200


@require_safe
@vary_on_headers("HX-Request")
@may_view
def past(request: Request) -> HttpResponse:
    words = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_WORDS]
    context = {"words": words, "queries": history.of(request.user, words)}
    if request.htmx:
        return render(request, "console/_past.html", context)
    # All of them, whatever is searched for: so many are forgotten together.
    return render(
        request, "console/past.html", context | {"kept": history.KEPT, "kept_now": history.of(request.user).count()}
    )


@require_POST
@may_view
def forget(request: Request, query_id: int) -> HttpResponse:
    """What is not there, or another's, is forgotten as well as it can be."""
    history.of(request.user).filter(pk=query_id).delete()
    messages.success(request, "The query is forgotten.")
    return redirect("console:past")


@require_POST
@may_view
def forget_all(request: Request) -> HttpResponse:
    number, _ = history.of(request.user).delete()
    messages.success(request, f"{counted(number, 'query', 'queries')} forgotten.")
    return redirect("console:past")
