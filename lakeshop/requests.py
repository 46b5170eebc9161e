"""What a view is handed, for type checkers: Django's request with what the middleware adds to it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class Request(HttpRequest):
    htmx: HtmxDetails
