"""The dashboard, the connection card, the choice of light and dark, and two answers for machines."""

from typing import Any

from django.db import Error, connections, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from lakebase import permissions
from lakebase.connection_status import ConnectionStatus, status
from pages.fragments import part_of
from pages.requests import Request
from pages.roles import Role, has_signed_in, may_view, role_of

from . import theme
from .dashboard import Dashboard
from .shell import awake
from .unavailable import WITHOUT_TABLES, reason

ONE_YEAR = 365 * 24 * 3600
NO_CONTENT = 204
IS_ANY_UNSEEN = "SELECT bool_or(to_regclass(quote_ident(name)) IS NULL) FROM unnest(%s::text[]) AS name"


@require_safe
@may_view
def home(request: Request) -> HttpResponse:
    dashboard = Dashboard(request)
    context = _connection(awake(status())) | {"dashboard": dashboard, "may_edit": role_of(request.user) >= Role.EDITOR}
    return dashboard.activity.remember(render(request, "home.html", context))


@require_safe
@may_view
@part_of("home")
def home_news(request: Request) -> HttpResponse:
    """The parts of the dashboard that the reader's page has not seen as they are now."""
    dashboard = Dashboard(request)
    if not dashboard.changed:
        return HttpResponse(status=NO_CONTENT)
    return render(request, "dashboard/_news.html", {"dashboard": dashboard})


@require_safe
@vary_on_headers("HX-Request")
@has_signed_in
def connection(request: Request) -> HttpResponse:
    """The card, alone or on a page that asks the database nothing: it is there when the database is not."""
    return render(
        request, "_connection.html" if request.htmx else "connection.html", _connection(status()) | {"person": None}
    )


def _connection(connected: ConnectionStatus) -> dict[str, Any]:
    endpoint_id = (connected.endpoint or "").rpartition("/")[2]
    return {"connection": connected, "endpoint_id": endpoint_id, "now": timezone.now()}


@transaction.non_atomic_requests
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    chosen, back = request.POST.get("theme", ""), request.POST.get("next", "")
    if chosen not in theme.CHOICES:
        return HttpResponseBadRequest(f"theme is one of {', '.join(theme.CHOICES)}.")
    here = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(back if here else reverse("home"))  # redirect() would take a word for a view's name
    response.set_cookie(theme.COOKIE, chosen, max_age=ONE_YEAR, samesite="Lax", secure=request.is_secure())
    return response


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """This process answers; says what it is connected to without connecting to it."""
    now = status()
    return JsonResponse(
        {
            "status": "ok",
            "mode": now.mode.value,
            "endpoint": now.endpoint,
            "endpoint_state": now.state,
            "pool": None if now.pool is None else {"size": now.pool.size, "in_use": now.pool.in_use},
            "problem": now.problem,
        }
    )


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """The database answers, and the site sees its tables: one query, which wakes a sleeping endpoint, so nothing should
    poll it."""
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute(IS_ANY_UNSEEN, [list(permissions.needs().tables)])
            (is_any_unseen,) = cursor.fetchone()
    except Error as error:
        return JsonResponse({"status": "unavailable", "reason": reason(error)}, status=503)
    if is_any_unseen:
        return JsonResponse({"status": "unavailable", "reason": WITHOUT_TABLES}, status=503)
    return JsonResponse({"status": "ready"})
