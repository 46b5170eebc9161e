"""The fields of an order beside its customer and its lines (orders/drafts.py), and the days of a list of orders."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django import forms
from django.http import QueryDict

from pages.forms import cut_nothing

from .models import PaymentMethod

LONGEST = 200
# In the order in which people write them; so they stand in the JSON, too.
ADDRESS = {"street": "street-address", "city": "address-level2", "state": "address-level1", "zip": "postal-code"}
ADDRESS["country"] = "country-name"


def as_written(address: Any) -> Any:
    """An address in the order of writing, which JSONB does not keep; what it holds besides follows."""
    if not isinstance(address, dict):
        return address
    return {name: address[name] for name in (*ADDRESS, *address) if name in address}


def _part(autocomplete: str, **options: Any) -> forms.CharField:
    attrs = {"autocomplete": f"shipping {autocomplete}"}
    return forms.CharField(max_length=LONGEST, widget=forms.TextInput(attrs=attrs), **options)


class OrderForm(forms.Form):
    """Where the order goes and how it is paid for. `key` tells one order sent twice from two alike."""

    use_required_attribute = False  # the browser would keep a line from being added before the address is typed
    halves = ("city", "state", "zip", "country")

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    street = _part(ADDRESS["street"])
    city = _part(ADDRESS["city"])
    state = _part(ADDRESS["state"], label="State or region", required=False)
    zip = _part(ADDRESS["zip"], label="Postal code", required=False)
    country = _part(ADDRESS["country"])
    payment_method = forms.ChoiceField(
        choices=PaymentMethod.choices, initial=PaymentMethod.CREDIT_CARD, widget=forms.RadioSelect
    )

    def __init__(self, sent: QueryDict | None = None, *, typed: QueryDict | None = None) -> None:
        """`sent` is checked; what is only `typed` so far stands there without a word."""
        super().__init__(sent, initial={"key": uuid.uuid4()} | (typed.dict() if typed else {}), auto_id="order_%s")
        cut_nothing(self)
        for name in ("street", "city", "country"):
            self.fields[name].error_messages["required"] = f"Say which {name} it goes to."

    @property
    def address(self) -> dict[str, str]:
        """What is given of the address, as it would be stored: valid or not."""
        typed = {name: str(self[name].value() or "").strip() for name in ADDRESS}
        return {name: text for name, text in typed.items() if text}

    @property
    def address_json(self) -> str:
        return json.dumps(self.address, indent=2, ensure_ascii=False)

    @property
    def address_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ADDRESS]

    def renew_key(self) -> None:
        """What is sent next is another order."""
        self.data = {**self.data.dict(), "key": str(uuid.uuid4())}  # type: ignore[attr-defined]  # a QueryDict


class DaysForm(forms.Form):
    """What the list of orders is filtered by, whose fields are those of orders/filters.py."""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and since > until:
            self.add_error("since", f"No day is from {since} to {until}: exchange them.")
        return given
