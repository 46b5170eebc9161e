"""Django's messages for htmx: a fragment has no place for them, so they travel in a header and shell.js shows them."""

from collections.abc import Callable

from django.contrib.messages import get_messages
from django.http import HttpResponseBase
from django_htmx.http import trigger_client_event

from .requests import Request

# Answers after which htmx loads a whole page: that one shows them.
LEAVING = ("HX-Redirect", "HX-Refresh", "HX-Location", "Location")


class Toasts:
    """Middleware, within that of the messages."""

    def __init__(self, get_response: Callable[[Request], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        response = self.get_response(request)
        if request.htmx and not any(name in response for name in LEAVING):
            told = [{"level": each.level_tag or "info", "text": str(each)} for each in get_messages(request)]
            if told:
                trigger_client_event(response, "messages", {"messages": told})
        return response
