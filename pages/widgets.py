"""Django's commonest widgets, drawn as its templates draw them, but without these.

A list's filters and a form of the admin are made of dozens of small templates, which take longer than all the rest of
the page. Each function takes the context of a widget and tells the same characters as the template that it stands for.
"""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeData, SafeString

Widget = Mapping[str, Any]
PLACE = "django/forms/widgets/"
OPTION = f"{PLACE}select_option.html"
INPUTS = ("text", "number", "email", "url", "password", "hidden", "date", "datetime", "time", "checkbox", "input")


def drawn(template_name: str, context: Mapping[str, Any]) -> SafeString | None:
    """What the template makes of the context; None where only the template itself can tell."""
    draw = _BY_TEMPLATE.get(template_name)
    text = None if draw is None else draw(context["widget"])
    return None if text is None else SafeString(text)


def _input(widget: Widget) -> str:
    value = widget["value"]
    said = "" if value is None else f' value="{_text(value)}"'
    return f'<input type="{_text(widget["type"])}" name="{_text(widget["name"])}"{said}{_attributes(widget)}>'


def _select(widget: Widget) -> str | None:
    told = [f'<select name="{_text(widget["name"])}"{_attributes(widget)}>']
    for group, options, _ in widget["optgroups"]:
        if any(option["template_name"] != OPTION for option in options):
            return None
        if group:
            told.append(f'\n  <optgroup label="{_shown(group)}">')
        told += [f"\n  {_option(option)}\n" for option in options]
        if group:
            told.append("\n  </optgroup>")
    return "".join([*told, "\n</select>"])


def _option(widget: Widget) -> str:
    return f'<option value="{_text(widget["value"])}"{_attributes(widget)}>{_shown(widget["label"])}</option>'


def _textarea(widget: Widget) -> str:
    value = widget["value"]
    return (
        f'<textarea name="{_text(widget["name"])}"{_attributes(widget)}>\n{_shown(value) if value else ""}</textarea>'
    )


def _attributes(widget: Widget) -> str:
    return "".join(
        f" {_text(name)}" if value is True else f' {_text(name)}="{_text(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _text(value: Any) -> str:
    return str(value) if isinstance(value, SafeData) else escape(str(value))


def _shown(value: Any) -> str:
    return conditional_escape(value if isinstance(value, str) else localize(value))


_BY_TEMPLATE: dict[str, Callable[[Widget], str | None]] = {
    **{f"{PLACE}{name}.html": _input for name in INPUTS},
    f"{PLACE}select.html": _select,
    f"{PLACE}textarea.html": _textarea,
}
