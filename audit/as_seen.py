"""Admin forms over rows that others write too: a sale takes stock while the page of the product is open."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from pages.editing import CHANGED
from pages.exact_json import written

from .diff import text

GONE = "Somebody else has deleted this meanwhile, and nothing is saved. Copy what you need of it and add a new one."
SHOWN = 200


class AsSeenForm(forms.ModelForm):
    """Changes a row only if its fields are as they were when the form was drawn. To be cleaned in a transaction."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["seen"] = self._stamp(self.instance)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.instance._state.adding:
            self._compare(cleaned)
        return cleaned

    @property
    def written(self) -> list[str]:
        """The fields of the row that the person has changed."""
        return [name for name in self.changed_data if name != "seen"]

    def _compare(self, cleaned: dict[str, Any]) -> None:
        # Locked until it is written, so that what is compared here is what is overwritten.
        rows = self._meta.model._default_manager.select_for_update(of=("self",))
        current = rows.filter(pk=self.instance.pk).first()
        if current is None:
            self.add_error(None, GONE)
        elif cleaned.get("seen") != self._stamp(current):
            self._tell_the_conflict(current, cleaned)

    def _tell_the_conflict(self, current: models.Model, cleaned: dict[str, Any]) -> None:
        differences = [
            f"{self[name].label}: “{_short(getattr(current, name))}” in the database, “{_short(cleaned[name])}” here."
            for name in self._names()
            if name in cleaned and cleaned[name] != getattr(current, name)
        ]
        if differences:
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data[self.add_prefix("seen")] = self._stamp(current)  # type: ignore[index]
            self.add_error(None, ValidationError([CHANGED, *differences]))

    def _stamp(self, row: models.Model) -> str:
        """Differs when one of the form's fields does."""
        values = [getattr(row, name) for name in self._names()]
        return hashlib.sha256(written(values, default=DjangoJSONEncoder().default, sort_keys=True).encode()).hexdigest()

    def _names(self) -> list[str]:
        return [name for name in self.fields if name != "seen"]


def _short(value: Any) -> str:
    said = text(value)
    return said if len(said) <= SHOWN else f"{said[:SHOWN].rstrip()}…"
