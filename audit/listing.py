"""The list of the audit page: a page of entries, and what came since a reader's page was drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from django.urls import reverse

from pages.keyset import PAGE_SIZE

from .forms import ShownForm, TrailForm
from .models import AuditEntry, Count

# A page that was added to so often is drawn anew.
LONGEST_PAGE = 4 * PAGE_SIZE


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What stands on a reader's page, told back with each question for news."""

    version: str
    newest: int = 0
    oldest: int = 0
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class Listing:
    """`entries`, newest first, of those that `form` asks for; `following` is where older ones begin.

    `shown` is None where nothing is refreshed: on older pages, and while the question makes no sense. Of an answer to a
    tick, `seen` is the highest number that the reader has seen, and `came` how many entries came since.
    """

    form: TrailForm
    entries: list[AuditEntry]
    following: int | None = None
    shown: Shown | None = None
    seen: int | None = None
    came: int = 0

    @cached_property
    def found(self) -> Count:
        return self.form.entries.counted()

    @property
    def older(self) -> str:
        return reverse("audit:trail") + self.form.query(before=self.following)


def listing(form: TrailForm, before: int | None = None) -> Listing:
    page = form.entries.page(before)
    first = before is None and form.is_valid()
    shown = _shown(form.version, page.entries) if first else None
    return Listing(form=form, entries=page.entries, following=page.following, shown=shown)


def drawn_anew(form: TrailForm, shown: Shown) -> Listing:
    """The whole list for a reader whose page cannot be added to; what came is counted up to a longest page of it."""
    most = shown.count + LONGEST_PAGE
    came = form.entries.filter(audit_id__gte=shown.oldest).order_by()[:most].count() - shown.count
    return replace(listing(form), seen=shown.newest, came=max(came, 0))


def added_to(form: TrailForm, shown: Shown) -> Listing | None:
    """What came since; None when it cannot be put above what is shown, and the list must be drawn anew.

    That is when there is more than a page of it, or when entries came or went in between: a transaction that began
    earlier and committed later.
    """
    entries = form.entries
    found = list(entries.filter(audit_id__gt=shown.newest).latest_first()[: PAGE_SIZE + 1])
    count = shown.count + len(found)
    if not shown.count or len(found) > PAGE_SIZE or count > LONGEST_PAGE:
        return None
    between = entries.filter(audit_id__range=(shown.oldest, shown.newest)).order_by()
    if between[: shown.count + 1].count() != shown.count:
        return None
    newest = found[0].audit_id if found else shown.newest
    now = replace(shown, version=form.version, newest=newest, count=count)
    return Listing(form=form, entries=found, shown=now, seen=shown.newest, came=len(found))


def shown_on(form: ShownForm) -> Shown | None:
    return Shown(**form.cleaned_data) if form.is_valid() else None


def _shown(version: str, entries: list[AuditEntry]) -> Shown:
    if not entries:
        return Shown(version=version)
    return Shown(version=version, newest=entries[0].audit_id, oldest=entries[-1].audit_id, count=len(entries))
