"""What a reader of the trail asks for, and what their page shows already."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms

from pages.forms import NO_CHOICE

from . import records
from .models import AuditEntry, AuditEntryQuerySet, AuditSummary
from .news import version
from .paging import HIGHEST_ID

OPERATIONS = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
# Beyond these PostgreSQL's or Python's calendar, moved into another zone, ends.
FIRST_YEAR, LAST_YEAR = 1900, 9990
NO_MOMENT = "Write date and time as 2026-11-25T14:30."


class Moment(forms.Field):
    """A date and time as the browser's own picker writes it, without a zone unless one was typed."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "any"})

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError as error:
            raise forms.ValidationError(NO_MOMENT) from error
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise forms.ValidationError(f"Give a year from {FIRST_YEAR} to {LAST_YEAR}.")
        return moment


class Number(forms.IntegerField):
    """A bigint; without the arrows that a browser puts on numbers."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, min_value=-HIGHEST_ID, max_value=HIGHEST_ID, **options)


class TrailForm(forms.Form):
    """Which entries to show. Every field may stay empty; `zone` is the reader's, in which `since` and `until` are."""

    table = forms.ChoiceField(required=False, error_messages=NO_CHOICE)
    operation = forms.ChoiceField(
        required=False, choices=[("", "All"), *((each, each) for each in OPERATIONS)], error_messages=NO_CHOICE
    )
    record = Number()
    actor = forms.CharField(required=False, max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    since = Moment(required=False, label="From")
    until = Moment(required=False, label="Before")
    transaction = Number()
    zone = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)

    def __init__(self, data: Any, summary: list[AuditSummary] | None = None) -> None:
        super().__init__(data)
        self.summary = AuditSummary.objects.current() if summary is None else summary
        # Those of the shop may have no entries yet; others that have some may be the shop's no longer.
        tables = {each.table_name for each in self.summary} | records.tables()
        table: Any = self.fields["table"]
        table.choices = [("", "All"), *((name, name) for name in sorted(tables))]

    def clean_zone(self) -> tzinfo:
        try:
            return ZoneInfo(self.cleaned_data["zone"]) if self.cleaned_data["zone"] else UTC
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return UTC

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("since", "until"):
            moment = cleaned.get(name)
            if moment is not None and moment.tzinfo is None:
                cleaned[name] = moment.replace(tzinfo=cleaned.get("zone", UTC))
        if cleaned.get("since") and cleaned.get("until") and cleaned["since"] >= cleaned["until"]:
            self.add_error("until", "This is not after the beginning.")
        if cleaned.get("record") is not None and cleaned.get("table") == "":
            self.add_error("record", "Choose the table too: each has a record of this number.")
        return cleaned

    @cached_property
    def entries(self) -> AuditEntryQuerySet:
        """None at all while something that was asked for makes no sense. Where a time begins is looked up once."""
        log = AuditEntry.objects.all()
        if not self.is_valid():
            return log.none()
        asked = self.cleaned_data
        if asked["table"]:
            log = log.in_table(asked["table"], asked["operation"] or None)
        elif asked["operation"]:
            log = log.of_operation(asked["operation"])
        log = log.between(asked["since"], asked["until"])
        if asked["record"] is not None:
            log = log.filter(record_id=asked["record"])
        if asked["actor"]:
            log = log.by_actor(asked["actor"])
        if asked["transaction"] is not None:
            log = log.of_transaction(asked["transaction"])
        return log

    @property
    def version(self) -> str:
        """As of when the form was made: what comes later is news for the next look."""
        tables = {self.data["table"]} if self.data.get("table") else set()
        return version(self.summary, tables, self.data.get("operation", ""))

    @property
    def zone_name(self) -> str:
        return str(self.cleaned_data.get("zone", UTC)) if self.is_valid() else "UTC"

    @property
    def asked(self) -> dict[str, str]:
        """The fields that were filled in, as for an address; the zone only where a time stands in it."""
        given = {name: value for name in self.fields if (value := str(self.data.get(name, "")).strip())}
        if "since" not in given and "until" not in given:
            given.pop("zone", None)
        return given

    @property
    def named(self) -> dict[str, Any]:
        """What is asked for besides the times, as the list says it: on paper nothing else does."""
        names = ("table", "operation", "record", "actor", "transaction")
        return {name: said for name in names if (said := self.cleaned_data[name]) not in ("", None)}

    def query(self, **more: Any) -> str:
        """ "?table=products" and the like; nothing for nothing."""
        given = self.asked | {name: str(value) for name, value in more.items() if value is not None}
        return f"?{urlencode(given)}" if given else ""


class ShownForm(forms.Form):
    """What a page of the trail shows: so many entries from the number `oldest` to `newest`, as of `version`."""

    version = forms.CharField(max_length=20)
    newest = forms.IntegerField(min_value=0, max_value=HIGHEST_ID)
    oldest = forms.IntegerField(min_value=0, max_value=HIGHEST_ID)
    count = forms.IntegerField(min_value=0, max_value=10_000)
