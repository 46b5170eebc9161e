"""The query builder: its page, the answers to it, and files of whole results."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from pages.requests import Request
from pages.roles import may_view

from . import history, samples, schema, showing
from .asking import Answer, ask
from .cancelling import cancel, query_name
from .export import LIMITS, download
from .forms import QueryForm
from .mistakes import QueryFailed
from .running import SHOWN
from .statement import Refused, checked
from .trouble import failed, not_allowed

LATEST = 5
BEGINNING = "SELECT *\nFROM products\nORDER BY price DESC\nLIMIT 20;\n"


# A statement is read as another role, on a connection of its own: no transaction of the site's waits for it.
@transaction.non_atomic_requests
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@may_view
def query(request: Request) -> HttpResponse:
    """GET shows a text to begin with and runs nothing; POST runs the text it brings."""
    if request.method != "POST":
        return _page(request, _to_begin_with(request))
    said = _said(request)
    name = query_name(request.user.pk, said["run"])
    answer = ask(said["sql"], said["way"], name=name, order=said["sort"])
    if not said["sort"] and not request.POST.get("page"):
        history.remember(request.user, answer)
    return _answered(request, answer, said["page"])


@transaction.non_atomic_requests
@require_POST
@may_view
def export(request: Request, kind: str) -> HttpResponseBase:
    """The file; where there is none to give, the page with the reason."""
    said = _said(request)
    statement = checked(said["sql"])
    if isinstance(statement, Refused):
        trouble = not_allowed(said["sql"], statement)
    else:
        try:
            file = download(statement, kind, name=query_name(request.user.pk, said["run"]))
        except QueryFailed as failure:
            trouble = failed(said["sql"], failure)
        else:
            history.keep(request.user, said["sql"], seconds=file.seconds, rows=file.rows)
            return file.answer
    answer = Answer(said["sql"], trouble=trouble)
    history.remember(request.user, answer)
    return _page(request, said["sql"], answer)


@transaction.non_atomic_requests
@require_POST
@may_view
def stop(request: Request) -> HttpResponse:
    """Cancel a run of this person's: 204 when the database was told. 202 when nothing of the name runs in it: the run
    has not got there yet, so that whoever waits for it asks again, or has just ended by itself."""
    try:
        name = query_name(request.user.pk, request.POST.get("run", ""))
    except ValueError:
        raise Http404 from None
    return HttpResponse(status=204 if cancel(name) else 202)


def _said(request: Request) -> dict[str, Any]:
    form = QueryForm(request.POST)
    form.full_clean()
    return form.cleaned_data


def _to_begin_with(request: Request) -> str:
    if slug := request.GET.get("sample"):
        found = [each for group in samples.groups() for each in group.samples if each.slug == slug]
        if not found:
            raise Http404
        return found[0].sql
    if (number := request.GET.get("past", "")).isdecimal() and len(number) < 19:
        past = history.of(request.user).filter(pk=number).first()
        if past is None:
            raise Http404
        return past.sql
    return request.GET.get("sql", "").replace("\0", "") or BEGINNING


def _answered(request: Request, answer: Answer, page: int) -> HttpResponse:
    shown = showing.shown(answer.result, page=page) if answer.result and not answer.is_plan else None
    if not request.htmx:
        return _page(request, answer.sql, answer, shown)
    return render(request, "console/_answer.html", _context(request, answer, shown))


def _page(request: Request, sql: str, answer: Answer | None = None, shown: showing.Shown | None = None) -> HttpResponse:
    context = _context(request, answer, shown)
    context |= {"sql": sql, "groups": samples.groups(), "tables": schema.tables(), "of_postgres": schema.OF_POSTGRES}
    return render(request, "console/query.html", context)


def _context(request: Request, answer: Answer | None, shown: showing.Shown | None) -> dict[str, Any]:
    return {
        "answer": answer,
        "shown": shown,
        "latest": history.of(request.user)[:LATEST],
        "limits": SHOWN,
        "export_rows": LIMITS.rows,
    }
