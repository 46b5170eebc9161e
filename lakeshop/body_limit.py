"""How much a request may send: what is more is refused by its stated length, before anything reads it."""

from collections.abc import Callable
from math import inf

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve

from .refusing import refuse

TOO_LARGE = 413
MEGABYTE = 1 << 20
SMALL_FORM = 2_621_440  # what Django takes by itself
# Hold a description, of which a browser sends each character as up to four bytes, and each byte as "%F0".
LONG_FORMS = frozenset(
    {
        *(f"catalog:product_{name}" for name in ("add", "edit", "check", "check_of")),
        *(f"admin:catalog_product_{name}" for name in ("add", "change")),
    }
)
# Judges a file itself, reads those of editors alone, and says beside the field that one is too large.
BULK_IMPORT = "catalog:bulk_import"
FILE_FORMS = frozenset({"admin:catalog_product_import", "admin:catalog_shopuser_import"})


class BodyLimit:
    """Middleware, before whatever reads a form: a file in it would be written to the disk, whoever sends it.

    A body without a length is read by nobody: Django takes it for an empty one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = _length(request)
        if length > SMALL_FORM and length > (most := _most(request)):
            return refuse(request, "413.html", {"most": f"{most / MEGABYTE:.3g} MB"}, status=TOO_LARGE)
        return self.get_response(request)


def _most(request: HttpRequest) -> float:
    """In bytes. A signature is believed here; the view asks the database."""
    page = _page(request)
    if page == BULK_IMPORT:
        return inf
    if page in LONG_FORMS and SESSION_KEY in request.session:
        return settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if page in FILE_FORMS and SESSION_KEY in request.session:
        return settings.LARGEST_UPLOAD + SMALL_FORM
    return SMALL_FORM


def _page(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
