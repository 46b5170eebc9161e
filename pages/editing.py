"""Forms over rows that others edit too: nothing is overwritten unseen, and what the database refuses stands beside its
field."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import BaseConstraint, CheckConstraint, F, Q, UniqueConstraint
from django.db.models.expressions import DatabaseDefault

from .adding import new_key
from .forms import cut_nothing
from .merging import Difference, Merge, marks, merge, touched

CHANGED = (
    "Somebody else has changed this meanwhile. Nothing of yours is saved yet: compare, then save again to keep yours."
)
CAME = (
    "Somebody else has changed this meanwhile. Nothing of yours is saved yet: their changes stand beside yours in the "
    "form now. Save again to keep both."
)
GONE = "Somebody else has deleted this meanwhile. What you typed is still here: save it as a new one to keep it."


# Beside the fields of the row.
BROUGHT = {"seen", "read", "key"}


class Told(NamedTuple):
    """One field as it stands in the database now, and as it was typed here or, where it was not touched, read."""

    label: str
    theirs: Any
    yours: Any


class Editor(forms.ModelForm):
    """Adds a row, or changes one that is as its `updated_at` said when the form was drawn.

    `check_url` is where a field is checked as it is left. `differences`, `came` and `is_gone` say why `write` has
    refused. What others have changed and this person has not touched is in the form then, which asks for nothing but
    a second look at it. `added` is what it has added before (pages/adding.py).
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    read = forms.Field(required=False, widget=forms.HiddenInput)
    key = forms.Field(required=False, widget=forms.HiddenInput)
    added: Any = None

    def __init__(self, *args: Any, check_url: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cut_nothing(self)
        # full_clean() would ask the database about every CHECK, one query each: the fields know these, and the write
        # meets what they do not know. What must be unique is looked up in validate_unique().
        self.instance.validate_constraints = lambda exclude=None: None
        self.check_url = check_url
        self.differences: list[Told] = []
        self.came: list[Told] = []
        self.is_gone = False
        if not self.is_bound:
            is_new = self.instance._state.adding
            self.initial.update({"key": new_key()} if is_new else self._as_read(self.instance))

    def validate_unique(self) -> None:
        excluded = self._get_validation_exclusions()  # type: ignore[attr-defined]
        for constraint in self._meta.model._meta.constraints:
            values = [getattr(self.instance, name) for name in fields_of(constraint)]
            if isinstance(constraint, CheckConstraint) or any(isinstance(each, DatabaseDefault) for each in values):
                continue
            try:
                constraint.validate(self._meta.model, self.instance, exclude=excluded)
            except ValidationError as refusal:
                self._refuse(constraint, refusal)

    def write(self) -> bool:
        """Write what is valid; False when the database or somebody else's change stands against it."""
        try:
            with transaction.atomic():
                return self._add() if self.instance.pk is None else self._change()
        except IntegrityError as error:
            self._refuse_violation(error)
            return False

    def _add(self) -> bool:
        self.save()
        return True

    def _change(self) -> bool:
        if not set(self.changed_data) - BROUGHT:
            return True
        yours = {name: self.cleaned_data[name] for name in self._meta.fields or ()}
        wanted, seen = touched(self.cleaned_data["read"], yours), self.cleaned_data["seen"]
        rows = self._meta.model._default_manager.filter(pk=self.instance.pk)
        while wanted and not rows.filter(updated_at=seen or None).update(**wanted):
            # Locked, so that nobody changes it between the look at it and the write.
            current = rows.select_for_update().first()
            if current is None:
                self.is_gone = True
                self.add_error(None, GONE)
                return False
            found = merge(self.cleaned_data["read"], yours, self._values(current))
            if found.open or found.came:
                self._tell_the_conflict(current, found)
                return False
            seen = current.updated_at  # nothing of what this form holds: stock that was sold and came back
        return True

    def renew_key(self) -> None:
        """What is sent next is another row."""
        self.data = self.data.dict() | {self.add_prefix("key"): new_key()}  # type: ignore[attr-defined]  # a QueryDict

    def clean_seen(self) -> Any:
        """A moment; whatever else it may be matches no row."""
        try:
            return forms.DateTimeField().to_python(self.cleaned_data["seen"])
        except ValidationError:
            return None

    def clean_read(self) -> dict[str, str]:
        """The marks of what was read; whatever else it may be tells nothing."""
        try:
            found = json.loads(self.cleaned_data["read"] or "{}")
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def _values(self, row: Any) -> dict[str, Any]:
        return {name: getattr(row, name) for name in self._meta.fields or ()}

    def _as_read(self, row: Any) -> dict[str, str]:
        return {"seen": row.updated_at.isoformat(), "read": json.dumps(marks(self._values(row)))}

    def _tell_the_conflict(self, current: Any, found: Merge) -> None:
        self.differences, self.came = self._told(found.open), self._told(found.came)
        self.add_error(None, CHANGED if found.open else CAME)
        self._draw_anew(self._as_read(current), current, found.values)

    def _told(self, differences: list[Difference]) -> list[Told]:
        return [Told(self._label(each), each.theirs, each.yours) for each in differences]

    def _label(self, difference: Difference) -> str:
        field = str(self[difference.field].label)
        return field if difference.key is None else f"{field}: {difference.key}"

    def _draw_anew(self, read: dict[str, str], current: Any, values: dict[str, Any]) -> None:
        """What others have changed replaces what was read; what was typed stays to the letter."""
        for name, value in values.items():
            setattr(current, name, value)
        merged = type(self)(instance=current)
        replaced = {
            self.add_prefix(name): merged.initial.get(name)
            for name, field in merged.fields.items()
            if name not in read and field.has_changed(merged.initial.get(name), self[name].data)
        }
        fresh = {self.add_prefix(name): value for name, value in read.items()}
        self.data = self.data.dict() | replaced | fresh  # type: ignore[attr-defined]  # a QueryDict

    def _refuse_violation(self, error: IntegrityError) -> None:
        """Another row got there first, between the check and the write."""
        diagnosis = getattr(error.__cause__, "diag", None)
        name = getattr(diagnosis, "constraint_name", None)
        for constraint in self._meta.model._meta.constraints:
            if constraint.name == name:
                self._refuse(constraint, ValidationError(constraint.get_violation_error_message()))
                return
        raise error

    def _refuse(self, constraint: BaseConstraint, refusal: ValidationError) -> None:
        names = fields_of(constraint)
        self.add_error(names[0] if len(names) == 1 and names[0] in self.fields else None, refusal)


def fields_of(constraint: BaseConstraint) -> list[str]:
    """The names of the fields that a constraint is about."""
    if isinstance(constraint, UniqueConstraint):
        wholes: Any = constraint.expressions
        parts = [part for whole in wholes for part in whole.flatten()]
        names = (part.name for part in parts if isinstance(part, F))  # type: ignore[attr-defined]
        return [*constraint.fields, *names]
    if isinstance(constraint, CheckConstraint):
        return sorted(Q(constraint.condition).referenced_base_fields)
    return []


def checked_field(form: forms.BaseForm, name: str) -> forms.BoundField | None:
    """The field of that name with the errors of the whole form's validation; None when there is no such field."""
    if name not in form.fields:
        return None
    form.is_valid()
    return form[name]
