"""What forms say of what was typed, in this site's voice: Django's own sentences are replaced once, for all forms.

Each says what to do. Fields that know more say it themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core import validators

from .forms import NO_CHOICE

FIELDS: Mapping[type[forms.Field], dict[str, str]] = {
    forms.Field: {"required": "Fill this in."},
    forms.IntegerField: {"invalid": "Give a whole number, such as 25."},
    forms.DecimalField: {"invalid": "Give a number, such as 9.99."},
    forms.FloatField: {"invalid": "Give a number, such as 9.99."},
    forms.DateField: {"invalid": "Give a date, such as 2026-01-31."},
    forms.DateTimeField: {"invalid": "Give a date and time, such as 2026-01-31 14:30."},
    forms.ChoiceField: NO_CHOICE,
    forms.JSONField: {"invalid": "Write valid JSON."},
}
VALIDATORS: Mapping[type[Any], str] = {
    validators.MinValueValidator: "Give %(limit_value)s or more.",
    validators.MaxValueValidator: "Give %(limit_value)s or less.",
    validators.MinLengthValidator: "Give at least %(limit_value)d characters: these are %(show_value)d.",
    validators.MaxLengthValidator: "Give at most %(limit_value)d characters: these are %(show_value)d.",
    validators.EmailValidator: "Write the e-mail as name@example.com.",
}
DECIMALS = {
    "invalid": "Give a number, such as 9.99.",
    "max_digits": "Give at most %(max)s digits.",
    "max_decimal_places": "Give at most %(max)s decimals.",
    "max_whole_digits": "Give at most %(max)s digits before the point.",
}
SIGN_IN = "No account has this name and this password. Capitals count in both."
PASSWORDS = {"password_mismatch": "These two passwords differ.", "password_incorrect": "This is not your old password."}


def set_wording() -> None:
    """Before the first form is made: a field takes its words when it is."""
    from django.contrib.auth import forms as accounts

    for field, said in FIELDS.items():
        field.default_error_messages = {**field.default_error_messages, **said}
    for validator, sentence in VALIDATORS.items():
        validator.message = sentence
    validators.validate_email.message = VALIDATORS[validators.EmailValidator]
    validators.DecimalValidator.messages = DECIMALS
    accounts.AuthenticationForm.error_messages = {
        **accounts.AuthenticationForm.error_messages,
        "invalid_login": SIGN_IN,
    }
    for form in (accounts.SetPasswordForm, accounts.PasswordChangeForm):
        form.error_messages = {**form.error_messages, **PASSWORDS}
