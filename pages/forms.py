"""How forms are drawn: label, field, help and errors together, each known to the other by its id; what many say."""

from typing import Any

from django.forms import BaseForm, BoundField
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest

from .widgets import drawn

# The error messages of fields where something is to be chosen.
NO_CHOICE = {"invalid_choice": "There is no “%(value)s” to choose."}


def cut_nothing(form: BaseForm) -> None:
    """A browser that knows the longest text drops the rest of what is pasted, without a word: it is to be told."""
    for field in form.fields.values():
        field.widget.attrs.pop("maxlength", None)


class Bound(BoundField):
    """The field always names the place of its errors, which `htmx` may fill later."""

    @property
    def aria_describedby(self) -> str | None:
        if self.field.widget.attrs.get("aria-describedby") or not self.auto_id or self.is_hidden:
            return None
        help_text = [f"{self.auto_id}_helptext"] if self.help_text else []
        return " ".join([*help_text, f"{self.auto_id}_error"])


class Renderer(TemplatesSetting):
    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    bound_field_class = Bound

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        told = drawn(template_name, context)
        return super().render(template_name, context, request) if told is None else told
