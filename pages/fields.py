"""Fields for lists of words and for JSON objects: plain text that the page makes more of where script runs."""

import csv
import io
import json
import math
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from .exact_json import ExactDecoder, RepeatedKey, each_once, written
from .visible import isolated, no_control, plain

LARGEST_JSON = 64 * 1024
MOST_DIGITS = 400
LONGEST_KEY_TOLD = 60
DEEPEST_JSON = 100  # far less than Python's own limit, which every reader and page would meet
NOT_STORED = "PostgreSQL stores neither NaN and Infinity nor the character \\u0000 in JSON."
LONG_NUMBER = f"A number has at most {MOST_DIGITS} digits before its point, and as many after it."
NOT_JSON = 'Write a JSON object, such as {"tier": "gold"}.'
# What Python's parser says of a place, in plain words, by how that begins.
WRONG_JSON = {
    "Expecting value": "a value is missing or does not stand in double quotes",
    "Expecting property name": "a key does not stand in double quotes",
    "Expecting ':'": "the colon after a key is missing",
    "Expecting ','": "the comma between two entries is missing",
    "Extra data": "something follows after the end",
    "Unterminated string": "a text lacks the quote at its end",
    "Invalid control character": "a text goes over the end of its line",
    "Invalid \\": "a backslash stands alone: write two",
}


class Suggested(forms.TextInput):
    """A line of text with suggestions to choose from."""

    template_name = "forms/suggested.html"
    suggestions: list[str] = []

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"]["list"] = f"{context['widget']['attrs']['id']}_list"
        return context | {"suggestions": self.suggestions}


class TagsField(forms.CharField):
    """A list of words, parted by commas; one that has a comma itself stands in quotes. Shown as chips by chips.js."""

    def __init__(self, *, longest: int, most: int, **options: Any) -> None:
        """At most so many words, each of at most so many characters."""
        self.longest, self.most = longest, most
        super().__init__(widget=forms.TextInput(attrs={"data-chips": True, "autocomplete": "off"}), **options)

    def prepare_value(self, value: Any) -> Any:
        return tags_as_text(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return tags_from_text(super().to_python(value) or "")

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")
        if any(len(tag) > self.longest for tag in value):
            raise ValidationError(f"A tag has at most {self.longest} characters.")
        if len(value) > self.most:
            raise ValidationError(f"At most {self.most} tags can be kept.")
        for tag in value:
            no_control(tag)

    def run_validators(self, value: Any) -> None:
        super().run_validators(tags_as_text(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != tags_from_text(data or "")


def tags_as_text(tags: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(tags)
    return line.getvalue().replace(",", ", ") if '"' not in line.getvalue() else line.getvalue()


def tags_from_text(text: str) -> list[str]:
    """Each once, in the order of writing, without blanks around it."""
    words = next(csv.reader([text.replace("\n", " ").replace("\r", " ")], skipinitialspace=True), [])
    return list(dict.fromkeys(word.strip() for word in words if word.strip()))


class JsonObjectField(forms.CharField):
    """A JSON object as text, or as rows of keys and values by rows.js."""

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea(attrs={"data-rows": True, "rows": 5, "spellcheck": "false", "class": "code"})
        super().__init__(widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else written(value, indent=2)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, dict):
            return value
        text = str(value or "").strip()
        if len(text) > LARGEST_JSON:
            raise ValidationError(f"This is more than {LARGEST_JSON // 1024} kB.")
        try:
            found = json.loads(text or "{}", cls=ExactDecoder, object_pairs_hook=each_once)
        except RepeatedKey as error:
            raise ValidationError(_twice(error.key)) from error
        except (ValueError, RecursionError) as error:
            raise ValidationError(NOT_JSON + _where(error)) from error
        if not isinstance(found, dict):
            raise ValidationError(NOT_JSON)
        if _depth(found) > DEEPEST_JSON:
            raise ValidationError(f"This is nested more than {DEEPEST_JSON} deep.")
        try:
            written(found).encode()
        except ValueError as error:  # half of a character
            raise ValidationError(NOT_JSON) from error
        if not _can_be_stored(found):
            raise ValidationError(NOT_STORED)
        if not _is_short(found):
            raise ValidationError(LONG_NUMBER)
        return found

    def validate(self, value: Any) -> None:
        """Empty is an object, too."""

    def run_validators(self, value: Any) -> None:
        """Those of a text do not fit."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return written(initial or {}, sort_keys=True) != written(self.to_python(data), sort_keys=True)
        except ValidationError:
            return True


def _twice(key: str) -> str:
    told = key if len(key) <= LONGEST_KEY_TOLD else f"{key[: LONGEST_KEY_TOLD - 1]}…"
    seen = plain(told).encode(errors="backslashreplace").decode()  # it may be half of a character
    return f"The key “{isolated(seen)}” is there twice in the same object: change or remove one of the two."


def _where(error: Exception) -> str:
    if not isinstance(error, json.JSONDecodeError):
        return ""
    wrong = (words for begin, words in WRONG_JSON.items() if error.msg.startswith(begin))
    return f" In line {error.lineno} {next(wrong, 'is something else')}."


def _depth(value: Any) -> int:
    """How many objects and lists stand within each other."""
    depth, level = 0, [value]
    while level := [part for part in level if isinstance(part, dict | list)]:
        depth += 1
        level = [inner for part in level for inner in (part.values() if isinstance(part, dict) else part)]
    return depth


def _is_short(value: Any) -> bool:
    """No number in it is so long that it could not be shown and typed again: PostgreSQL writes 1e400 out."""
    if isinstance(value, dict | list):
        return all(map(_is_short, value.values() if isinstance(value, dict) else value))
    if isinstance(value, bool | str | float | None):
        return True
    number = Decimal(value)
    return number.adjusted() < MOST_DIGITS and -int(number.as_tuple().exponent) <= MOST_DIGITS


def _can_be_stored(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_can_be_stored(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return all(map(_can_be_stored, value))
    if isinstance(value, str):
        return "\x00" not in value
    return not isinstance(value, float) or math.isfinite(value)
