"""What can be asked of the search page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.urls import reverse

from pages.fields import Suggested, TagsField
from pages.forms import NO_CHOICE

from ..forms import categories
from ..models import HIGHEST_PRICE
from ..tag_list import LONGEST_TAG, MOST_TAGS
from .filters import Filters
from .statement import Mode
from .tags import as_known
from .tags import tags as known_tags

SIDE_BY_SIDE, ALONE, MOST = 8, 25, 100
ALL = ""
NO_NUMBER = "Enter a number, such as 1.50."
# While something is typed the address is that of what is shown, and "back" leads to where one was before.
AS_TYPED = {"hx-trigger": "input delay:250ms", "hx-push-url": "unset", "hx-replace-url": "true"}
ON_CHOICE = {"hx-trigger": "change"}


def _price(label: str) -> forms.DecimalField:
    """A line of text: a browser's field for numbers makes 150 of "1,50", or keeps it to itself."""
    line = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    said = {"invalid": NO_NUMBER}
    return forms.DecimalField(
        required=False, min_value=0, max_value=HIGHEST_PRICE, label=label, widget=line, error_messages=said
    )


class SearchForm(forms.Form):
    """An unbound or faulty form asks nothing."""

    use_required_attribute = False

    q = forms.CharField(
        required=False,
        strip=False,
        max_length=300,
        label="What are you looking for?",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
    )
    mode = forms.ChoiceField(
        required=False,
        label="Search by",
        choices=[(ALL, "All three, side by side"), *((mode.value, mode.value.capitalize()) for mode in Mode)],
        error_messages=NO_CHOICE,
    )
    category = forms.ChoiceField(required=False, error_messages=NO_CHOICE)
    tags = TagsField(required=False, longest=LONGEST_TAG, most=MOST_TAGS, label="With the tags")
    price_from, price_to = _price("Price from"), _price("Price to")
    # How many are shown, and how often the page has asked again for what waited: part of an address, not of the form.
    most = forms.IntegerField(required=False, min_value=1, max_value=MOST, widget=forms.HiddenInput)
    again = forms.IntegerField(required=False, min_value=0, max_value=MOST, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = categories(str(self.data.get("category", "")))
        self.fields["category"].choices = [("", "All"), *((name, name) for name in known)]  # type: ignore[attr-defined]
        # Chips would need a second field in a form that is sent as it is typed.
        self.fields["tags"].widget = tag_line = Suggested(attrs={"autocomplete": "off"})
        tag_line.suggestions = known_tags()
        for name in ("q", "mode", "category", "tags", "price_from", "price_to"):
            attrs = self.fields[name].widget.attrs
            when = ON_CHOICE if name in ("mode", "category") else AS_TYPED
            attrs.update({"hx-get": reverse("catalog:search"), "hx-include": "closest form"} | when)
        if not self.typed:
            self.fields["q"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        least, most = given.get("price_from"), given.get("price_to")
        if least is not None and most is not None and least > most:
            self.add_error("price_from", f"No price is from {least} to {most}: exchange them.")
        return given

    @property
    def typed(self) -> str:
        return str(self.data.get("q", "")).strip()

    @property
    def modes(self) -> list[Mode]:
        chosen = self.cleaned_data["mode"]
        return list(Mode) if chosen == ALL else [Mode(chosen)]

    @property
    def limit(self) -> int:
        """How many products each mode shows."""
        return self.cleaned_data["most"] or (SIDE_BY_SIDE if self.cleaned_data["mode"] == ALL else ALONE)

    @property
    def filters(self) -> Filters:
        given = self.cleaned_data
        tags = tuple(map(as_known, given["tags"]))
        return Filters(given["category"], tags, given["price_from"], given["price_to"])

    @property
    def is_narrowed(self) -> bool:
        """Something beside the words is chosen, or tried."""
        return any(self.data.get(name) for name in ("mode", "category", "tags", "price_from", "price_to"))

    def query(self, **others: object) -> str:
        """What is asked, as a part of an address; with others in place of some."""
        asked = {field.name: self.data.get(field.name, "") for field in self.visible_fields()} | others
        return urlencode({name: value for name, value in asked.items() if value not in ("", None)})
