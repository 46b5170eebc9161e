"""The panel "Live Database Activity": the last changes, or the last inserts only, as the reader chose."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from django.http import HttpResponse

from pages.requests import Request

from .models import AuditEntry, AuditSummary
from .news import summary, version
from .paging import whole_number

SHOWN = 10
COOKIE = "activity"
ONE_YEAR = 365 * 24 * 3600
# What is shown, and the operation that it is about.
CHOICES = {"all": "", "inserts": "INSERT"}


class Activity:
    """The panel as a request asks for it. The log is read when the entries are."""

    def __init__(self, request: Request, now: Iterable[AuditSummary] | None = None) -> None:
        asked = request.GET.get("show", "")
        self.show = next((each for each in (asked, request.COOKIES.get(COOKIE)) if each in CHOICES), "all")
        self.is_chosen = asked in CHOICES
        told = version(summary(request) if now is None else now, operation=CHOICES[self.show])
        self.version = f"{self.show}_{told}"
        self.seen = whole_number(request.GET.get("newest", ""))
        self.is_seen = request.GET.get("activity") == self.version

    @cached_property
    def entries(self) -> list[AuditEntry]:
        operation = CHOICES[self.show]
        log = AuditEntry.objects.of_operation(operation) if operation else AuditEntry.objects.all()
        return log.page(size=SHOWN).entries

    @property
    def newest(self) -> int:
        return self.entries[0].audit_id if self.entries else 0

    @property
    def new(self) -> int:
        """How many of the entries came since the reader last saw the panel."""
        return sum(1 for entry in self.entries if self.seen is not None and entry.audit_id > self.seen)

    def remember(self, response: HttpResponse) -> HttpResponse:
        """Keep the choice for the next page."""
        if self.is_chosen:
            response.set_cookie(COOKIE, self.show, max_age=ONE_YEAR, samesite="Lax")
        return response
