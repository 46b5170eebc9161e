"""The panel "Live Database Activity": the last changes, or the last inserts only, as the reader chose."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from django.http import HttpResponse

from pages.counted import counted
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
        self.seen = _numbers(request.GET["shown"]) if "shown" in request.GET else None
        self.is_seen = request.GET.get("activity") == self.version

    @cached_property
    def entries(self) -> list[AuditEntry]:
        operation = CHOICES[self.show]
        log = AuditEntry.objects.of_operation(operation) if operation else AuditEntry.objects.all()
        return log.page(size=SHOWN).entries

    @property
    def shown(self) -> str:
        """The numbers of the entries, as the reader's page tells them with its next question.

        The highest would not do: what a long transaction has written bears lower ones and comes when it commits.
        """
        return ".".join(str(entry.audit_id) for entry in self.entries)

    @cached_property
    def new(self) -> set[int]:
        """The entries that came since the reader last saw the panel."""
        return set() if self.seen is None else {entry.audit_id for entry in self.entries} - self.seen

    @property
    def news(self) -> str:
        """As it is read out."""
        count = len(self.new)
        return f"{count} or more new changes" if count == SHOWN else counted(count, "new change") if count else ""

    def remember(self, response: HttpResponse) -> HttpResponse:
        """Keep the choice for the next page."""
        if self.is_chosen:
            response.set_cookie(COOKIE, self.show, max_age=ONE_YEAR, samesite="Lax")
        return response


def _numbers(told: str) -> set[int]:
    """Of a panel's entries, as a page tells them; whatever else stands there is none."""
    return {number for each in told.split(".")[:SHOWN] if (number := whole_number(each)) is not None}
