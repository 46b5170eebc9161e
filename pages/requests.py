"""What a view is handed, for type checkers: Django's request with what the middleware adds to it."""

from django.contrib.auth.models import User
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class Request(HttpRequest):
    """`user` is a User wherever pages.roles lets somebody in."""

    htmx: HtmxDetails
    user: User
