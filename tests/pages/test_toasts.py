"""Messages reach the person: on the next page, or by header with a fragment."""

import json

import pytest
from django.contrib import messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpResponse
from django.test import RequestFactory
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from pages.requests import Request
from pages.toasts import Toasts


def answer(response: HttpResponse, **headers: str) -> HttpResponse:
    """Through the middleware, from a view that says "Saved"."""
    request: Request = RequestFactory().get("/", headers=headers)  # type: ignore[assignment]
    request.session = {}  # type: ignore[assignment]
    request.htmx = HtmxDetails(request)
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]

    def view(request: Request) -> HttpResponse:
        messages.success(request, "Saved ☃ </script>")
        return response

    return Toasts(view)(request)  # type: ignore[return-value]


@pytest.mark.parametrize("status", [200, 204])
def test_a_fragment_brings_its_messages_in_a_header(status: int) -> None:
    told = answer(HttpResponse(status=status), **{"HX-Request": "true"})["HX-Trigger"]
    assert told.isascii()
    assert json.loads(told) == {"messages": {"messages": [{"level": "success", "text": "Saved ☃ </script>"}]}}


@pytest.mark.parametrize("response", [HttpResponseClientRedirect("/"), HttpResponse(headers={"HX-Refresh": "true"})])
def test_before_another_page_they_are_kept_for_it(response: HttpResponse) -> None:
    assert "HX-Trigger" not in answer(response, **{"HX-Request": "true"})


def test_a_page_shows_them_itself() -> None:
    assert "HX-Trigger" not in answer(HttpResponse())
