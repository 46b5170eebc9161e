"""What can be asked of the search page."""

from __future__ import annotations

from typing import Any

from django import forms

from pages.fields import TagsField
from pages.forms import NO_CHOICE

from .forms import categories
from .models import HIGHEST_PRICE
from .search import Filters, Mode
from .tag_list import LONGEST_TAG, MOST_TAGS

SIDE_BY_SIDE, ALONE = 8, 25
ALL = ""


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
    category = forms.ChoiceField(
        required=False,
        choices=lambda: [("", "All"), *((name, name) for name in categories())],
        error_messages=NO_CHOICE,
    )
    tags = TagsField(required=False, longest=LONGEST_TAG, most=MOST_TAGS, label="With the tags")
    price_from = forms.DecimalField(required=False, min_value=0, max_value=HIGHEST_PRICE, label="Price from")
    price_to = forms.DecimalField(required=False, min_value=0, max_value=HIGHEST_PRICE, label="Price to")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Chips would need a second field in a form that is sent as it is typed.
        self.fields["tags"].widget = forms.TextInput(attrs={"autocomplete": "off"})

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
        return SIDE_BY_SIDE if self.cleaned_data["mode"] == ALL else ALONE

    @property
    def filters(self) -> Filters:
        given = self.cleaned_data
        return Filters(given["category"], tuple(given["tags"]), given["price_from"], given["price_to"])
