"""The audit trail, read only: its entries are written by triggers (audit/operations.py) and by nobody else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

from django.db import connections, models
from django.db.models import F, Max, Min, Q

from pages import exact_json
from pages.keyset import COUNTED, PAGE_SIZE

from . import records

FOLDED_ABOVE = 1000
# Entries bear the time at which their transaction began and a number from when they were written.
LONGEST_TRANSACTION = timedelta(days=1)
NO_TIME = timedelta(0)
TOO_DEEP = "(nested too deeply to be taken apart)"
DEEPEST = 100


class ExactDecoder(exact_json.ExactDecoder):
    """Money as Decimal, with the digits that PostgreSQL wrote."""

    def decode(self, text: str, *options: Any) -> Any:
        """What is nested deeper than anybody reads, or Python can, stays text: the trail is read all the same."""
        try:
            value = super().decode(text, *options)
        except RecursionError:
            return {TOO_DEEP: text}
        deep = text.count("{") + text.count("[") > DEEPEST and _depth(value) > DEEPEST
        return {TOO_DEEP: text} if deep else value


class Missing(Enum):
    """In place of the value of a field that did not exist, which is another thing than null."""

    MISSING = ""

    def __str__(self) -> str:
        return ""


MISSING = Missing.MISSING


class Change(NamedTuple):
    """One field of a record before and after; MISSING on the side where it did not exist.

    What lies inside a JSON object is a field of its own, such as "metadata.role".
    """

    field: str
    before: Any
    after: Any


class Page(NamedTuple):
    """Entries, newest first, and what to give as `before` for those that follow; None: there are no more."""

    entries: list[AuditEntry]
    following: int | None


class Count(NamedTuple):
    """How many, as far as they were counted."""

    counted: int
    more: bool

    def __str__(self) -> str:
        return f"{self.counted:,}+" if self.more else f"{self.counted:,}"


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def latest_first(self) -> AuditEntryQuerySet:
        return self.order_by("-audit_id")

    def in_table(self, table: str, operation: str | None = None) -> AuditEntryQuerySet:
        found = self.filter(table_name=table)
        return found if operation is None else found.filter(operation=operation)

    def of_operation(self, operation: str) -> AuditEntryQuerySet:
        """Of one operation in whatever table; in one table ask in_table() for both."""
        # With the few table names there are, the index on table and operation finds also what is rare in all of them.
        return self.filter(operation=operation, table_name__in=AuditSummary.objects.values("table_name"))

    def of_record(self, table: str, record_id: int) -> AuditEntryQuerySet:
        """The history of one record, newest first."""
        return self.filter(table_name=table, record_id=record_id).latest_first()

    def of_transaction(self, txid: int) -> AuditEntryQuerySet:
        """Everything that one transaction changed."""
        return self.filter(txid=txid)

    def by_actor(self, actor: str) -> AuditEntryQuerySet:
        return self.filter(actor=actor)

    def between(self, since: datetime | None = None, until: datetime | None = None) -> AuditEntryQuerySet:
        """Entries made from `since` on and before `until`; asks the database at once where they begin and end."""
        # Fenced by the first and last number in that time: else a page walks the key through all younger entries. What
        # is within is read by the key: PostgreSQL, which does not know that number and time go together, would expect
        # few rows, fetch all of them by the index on time, and sort them.
        found = self.alias(made=F("created_at") + NO_TIME).filter(_made(since, until, "made"))
        first, last = _fences(since, until)
        if since is not None:
            found = found.none() if first is None else found.filter(audit_id__gte=first)
        if until is not None:
            found = found.none() if last is None else found.filter(audit_id__lte=last)
        return found

    def page(self, before: int | None = None, size: int = PAGE_SIZE) -> Page:
        """The newest `size` entries older than the number `before`, at the same cost however far back."""
        older = self if before is None else self.filter(audit_id__lt=before)
        entries = list(older.latest_first()[: size + 1])
        return Page(entries[:size], entries[size - 1].audit_id if len(entries) > size else None)

    def counted(self, most: int = COUNTED) -> Count:
        """How many entries there are, counted up to `most`: printed as "12" or "1,000+"."""
        found = self.order_by()[: most + 1].count()
        return Count(min(found, most), more=found > most)


def _made(since: datetime | None, until: datetime | None, field: str = "created_at") -> Q:
    within = {f"{field}__gte": since, f"{field}__lt": until}
    return Q(**{lookup: moment for lookup, moment in within.items() if moment is not None})


def _fences(since: datetime | None, until: datetime | None) -> tuple[int | None, int | None]:
    """The first number from `since` on, the last before `until`; None where there is no entry or no such bound.

    They are looked for in the first and the last day, and only then in all of it.
    """
    whole = _made(since, until)
    early = _made(since, min(filter(None, (since + LONGEST_TRANSACTION, until)))) if since else None
    late = _made(max(filter(None, (until - LONGEST_TRANSACTION, since))), until) if until else None
    if early is not None and early == late:
        first, last = _ends(early, Min, Max)
    else:
        first = (_ends(early, Min)[0] or _ends(whole, Min)[0]) if early else None
        last = (_ends(late, Max)[0] or _ends(whole, Max)[0]) if late else None
    return first, last


def _ends(made: Q, *ends: type[Min | Max]) -> list[int | None]:
    """Of the numbers of entries; the "+ 0" makes them come from the small index on time, not by the key."""
    asked = {end.__name__: end(F("audit_id") + 0) for end in ends}
    return list(AuditEntry.objects.filter(made).aggregate(**asked).values())


class AuditEntry(models.Model):
    """One changed row of an audited table, whole, before and after; or one TRUNCATE, with the number of rows."""

    audit_id = models.BigAutoField(primary_key=True)
    table_name = models.TextField()
    operation = models.TextField()
    record_id = models.BigIntegerField(null=True)
    old_data = models.JSONField(null=True, decoder=ExactDecoder)
    new_data = models.JSONField(null=True, decoder=ExactDecoder)
    created_at = models.DateTimeField()
    created_by = models.TextField()
    actor = models.TextField(null=True)  # noqa: DJ001  nobody said who, which is no name
    request_id = models.TextField(null=True)  # noqa: DJ001  no request
    txid = models.BigIntegerField()

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        # The table is made by SQL, so that `flush` leaves it alone: it would be refused.
        managed = False
        db_table = "audit_log"
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.operation} {self.table_name} {self.record_id or ''}".rstrip()

    @property
    def image(self) -> dict[str, Any]:
        """The row as it is after the change or, deleted, as it was."""
        return self.new_data or self.old_data or {}

    @property
    def record_name(self) -> str:
        return records.name(self.table_name, self.image)

    @property
    def record_page(self) -> str | None:
        return records.address(self.table_name, self.image)

    def changes(self) -> Iterator[Change]:
        """The fields that differ, in the order of the later image."""
        yield from _differences(self.old_data or {}, self.new_data or {})


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level := [each for each in level if isinstance(each, dict | list)]:
        depth += 1
        level = [part for each in level for part in (each.values() if isinstance(each, dict) else each)]
    return depth


def _differences(old: dict[str, Any], new: dict[str, Any], within: tuple[str, ...] = ()) -> Iterator[Change]:
    for field in {**new, **old}:
        before, after = old.get(field, MISSING), new.get(field, MISSING)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _differences(before, after, (*within, field))
        elif before != after or type(before) is not type(after):  # to Python true is 1
            yield Change(".".join((*within, field)), before, after)


class AuditSummaryQuerySet(models.QuerySet["AuditSummary"]):
    def current(self) -> list[AuditSummary]:
        """How many entries each table and operation has, by table: exact, and not by counting them."""
        return self.folded(self.order_by("table_name", "operation"))

    def folded(self, found: Iterable[AuditSummary]) -> list[AuditSummary]:
        """Those that were `found` in the view; where they were made of too many parts, these are put together."""
        found = list(found)
        if sum(each.unfolded for each in found) > FOLDED_ABOVE:
            with connections[self.db].cursor() as cursor:
                cursor.callproc("audit_fold_counts")
        return [each for each in found if each.entries]


class AuditSummary(models.Model):
    """The number of entries of one table and operation; a view, kept up to date by the trigger function."""

    id = models.TextField(primary_key=True)
    table_name = models.TextField()
    operation = models.TextField()
    entries = models.BigIntegerField()
    unfolded = models.BigIntegerField()

    objects = AuditSummaryQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "audit_summary"

    def __str__(self) -> str:
        return f"{self.entries} {self.operation} {self.table_name}"
