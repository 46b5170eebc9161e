"""Pages for requests that are not answered: what happened and where to go from here."""

import sys
from typing import Any

from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.utils.deprecation import MiddlewareMixin

from pages.posted import posted

from .refusing import refuse
from .unavailable import database_unavailable, is_unavailable

NOT_ALLOWED = 405


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(request, "400.html", _kept(request), status=400)


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came without its token."""
    told = {"no_cookie": reason == REASON_NO_CSRF_COOKIE, "posted": posted(request)}
    return refuse(request, "403_csrf.html", told, status=403, beside=True)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(request, "403.html", _kept(request), status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    # A database lost outside any view, in the session middleware for instance, arrives here.
    error = sys.exc_info()[1]
    if isinstance(error, Error) and is_unavailable(error):
        return database_unavailable(request, error)
    return refuse(request, "500.html", _kept(request), status=500)


def _kept(request: HttpRequest) -> dict[str, Any]:
    """What was typed, if anything was: a form that could not be read is an empty one."""
    sent = posted(request)
    return {"posted": sent if sent and sent.fields else None}


class MethodRefused(MiddlewareMixin):
    """Django answers a wrong method with an empty page."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.status_code != NOT_ALLOWED or response.streaming or response.content:  # type: ignore[attr-defined]
            return response
        told = refuse(request, "405.html", status=NOT_ALLOWED)
        told["Allow"] = response["Allow"]
        return told
