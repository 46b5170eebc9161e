"""Forms over rows that others edit too: nothing is overwritten unseen, and what the database refuses stands beside its
field."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import BaseConstraint, CheckConstraint, F, Q, UniqueConstraint
from django.db.models.expressions import DatabaseDefault

CHANGED = (
    "Somebody else has changed this meanwhile. Nothing of yours is saved yet: compare, then save again to keep yours."
)
GONE = "Somebody else has deleted this meanwhile. What you typed is still here: save it as a new one to keep it."


class Difference(NamedTuple):
    """One field as it stands in the database now, and as it was typed here."""

    label: str
    theirs: Any
    yours: Any


class Editor(forms.ModelForm):
    """Adds a row, or changes one that is as its `updated_at` said when the form was drawn.

    `check_url` is where a field is checked as it is left. `differences` and `is_gone` say why `write` has refused.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, check_url: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # full_clean() would ask the database about every CHECK, one query each: the fields know these, and the write
        # meets what they do not know. What must be unique is looked up in validate_unique().
        self.instance.validate_constraints = lambda exclude=None: None
        self.check_url = check_url
        self.differences: list[Difference] = []
        self.is_gone = False
        if self.instance.pk is not None and not self.instance._state.adding:
            self.initial["seen"] = self.instance.updated_at.isoformat()

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
        if not set(self.changed_data) - {"seen"}:
            return True
        values = {name: self.cleaned_data[name] for name in self._meta.fields or ()}
        rows = self._meta.model._default_manager.filter(pk=self.instance.pk)
        if rows.filter(updated_at=self.cleaned_data["seen"] or None).update(**values):
            return True
        self._tell_the_conflict(rows.first(), values)
        return False

    def clean_seen(self) -> Any:
        """A moment; whatever else it may be matches no row."""
        try:
            return forms.DateTimeField().to_python(self.cleaned_data["seen"])
        except ValidationError:
            return None

    def _tell_the_conflict(self, current: Any, values: dict[str, Any]) -> None:
        if current is None:
            self.is_gone = True
            self.add_error(None, GONE)
            return
        self.differences = [
            Difference(str(self[name].label), getattr(current, name), value)
            for name, value in values.items()
            if getattr(current, name) != value
        ]
        self.data = {**self.data.dict(), self.add_prefix("seen"): current.updated_at.isoformat()}  # type: ignore[attr-defined]
        self.add_error(None, CHANGED)

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
