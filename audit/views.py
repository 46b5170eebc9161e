"""The audit trail: the list with its filters and its news, one entry, the export, and the panel of activity."""

from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import push_url, replace_url, retarget

from pages.fragments import part_of
from pages.requests import Request
from pages.roles import may_view

from .activity import Activity
from .diff import rows, unchanged
from .export import download
from .forms import ShownForm, TrailForm
from .listing import added_to, drawn_anew, listing, shown_on
from .models import AuditEntry
from .news import summary, version
from .paging import older_than

NO_CONTENT = 204


@require_safe
@vary_on_headers("HX-Request")
@may_view
def trail(request: Request) -> HttpResponse:
    form = TrailForm(request.GET, summary(request))
    before = older_than(request)
    context = {"trail": listing(form, before)}
    if not request.htmx:
        return render(request, "audit/trail.html", context)
    is_typed = (request.htmx.trigger or "").startswith("typed_")  # templates/tables/_as_typed.html
    led_to = replace_url if is_typed else push_url
    return led_to(render(request, "audit/_trail.html", context), reverse("audit:trail") + form.query(before=before))


@require_safe
@may_view
@part_of("audit:trail", asked=tuple(TrailForm.base_fields))
def news(request: Request) -> HttpResponse:
    """What came since the list was drawn: entries to put above it, the whole list, or nothing."""
    now = summary(request)
    if request.GET.get("version") == version(now):  # of the whole log: so there is nothing new in any part of it
        return HttpResponse(status=NO_CONTENT)
    form, shown = TrailForm(request.GET, now), shown_on(ShownForm(request.GET))
    if shown is None or not form.is_valid():
        raise BadRequest
    if shown.version == form.version:
        return HttpResponse(status=NO_CONTENT)
    found = added_to(form, shown)
    if found is not None:
        return render(request, "audit/_news.html", {"trail": found})
    whole = retarget(render(request, "audit/_trail.html", {"trail": drawn_anew(form, shown)}), "#_trail")
    whole["HX-Reswap"] = "outerHTML show:none"
    return whole


@require_safe
@vary_on_headers("HX-Request")
@may_view
def entry(request: Request, audit_id: int) -> HttpResponse:
    found = get_object_or_404(AuditEntry, pk=audit_id)
    context = {"entry": found, "rows": rows(found), "unchanged": unchanged(found)}
    return render(request, "audit/_entry.html" if request.htmx else "audit/entry.html", context)


@require_safe
@may_view
def export(request: Request, kind: str) -> HttpResponseBase:
    form = TrailForm(request.GET)
    if not form.is_valid():
        raise BadRequest
    return download(form.entries, kind)


@require_safe
@vary_on_headers("HX-Request")
@may_view
def activity(request: Request) -> HttpResponse:
    found = Activity(request)
    if request.htmx and found.is_seen:
        return HttpResponse(status=NO_CONTENT)
    template = "audit/_activity.html" if request.htmx else "audit/activity.html"
    return found.remember(render(request, template, {"activity": found}))
