"""Widgets drawn without templates: the same characters as Django's own templates make."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.functional import lazystr
from django.utils.safestring import mark_safe
from hypothesis import given
from hypothesis import strategies as st

from pages.forms import Renderer
from pages.widgets import drawn

HOSTILE = "</script><b>\"' & \u202e ☃\n"
CHOICES = [
    ("", "All"), (HOSTILE, HOSTILE), (3, 3), (True, "Yes"), ("safe", mark_safe("<i>so</i>")),
    (HOSTILE, [(1, Decimal("1234.50")), (None, date(2026, 11, 1)), ("lazy", lazystr("<later>"))]),
]  # fmt: skip
INPUTS = (
    forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.PasswordInput, forms.HiddenInput,
    forms.DateInput, forms.DateTimeInput, forms.TimeInput, forms.CheckboxInput, forms.Textarea,
)  # fmt: skip
VALUES = (
    None, "", "plain", HOSTILE, mark_safe("<i>&amp;</i>"), lazystr("<later>"), 0, 1234567, 1.5, True, False, (1, 2),
    Decimal("1234.50"), date(2026, 11, 1), datetime(2026, 11, 1, 12, 30, 1),
)  # fmt: skip
ATTRIBUTES = {
    "required": True, "disabled": False, "data-hostile": HOSTILE, "maxlength": 1200,
    "aria-label": mark_safe("a &amp; b"), "pattern": None, "tuple": ("a", "b"), HOSTILE: "name",
}  # fmt: skip


def both(widget: forms.Widget, value: Any) -> tuple[str, str]:
    return widget.render("a<b>", value, renderer=Renderer()), widget.render("a<b>", value, renderer=TemplatesSetting())


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("kind", INPUTS)
def test_an_input_is_as_its_template_has_it(kind: type[forms.Widget], value: Any) -> None:
    for attributes in ({}, ATTRIBUTES):
        ours, djangos = both(kind(attributes), value)
        assert ours == djangos


@pytest.mark.parametrize("value", ["", HOSTILE, 3, "3", "safe", None, "lazy", "1"], ids=repr)
@pytest.mark.parametrize("kind", [forms.Select, forms.SelectMultiple, forms.NullBooleanSelect])
def test_a_choice_is_as_its_template_has_it(kind: type[forms.Select], value: Any) -> None:
    widget = kind(ATTRIBUTES) if kind is forms.NullBooleanSelect else kind(ATTRIBUTES, CHOICES)
    ours, djangos = both(widget, [value] if kind is forms.SelectMultiple else value)
    assert ours == djangos


@given(st.text(), st.dictionaries(st.text(), st.text() | st.booleans() | st.integers() | st.none()))
def test_any_text_is_drawn_alike(value: str, attributes: dict[str, Any]) -> None:
    for widget in (forms.TextInput(attributes), forms.Textarea(attributes), forms.Select(attributes, [(value, value)])):
        ours, djangos = both(widget, value)
        assert ours == djangos


def test_other_widgets_are_left_to_their_templates() -> None:
    assert drawn("django/forms/widgets/clearable_file_input.html", {"widget": {}}) is None
    choice = forms.Select(choices=[("a", "A")])
    choice.option_template_name = "django/forms/widgets/attrs.html"
    ours, djangos = both(choice, "a")
    assert ours == djangos and "option" not in ours
