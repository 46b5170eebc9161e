"""Adding and editing products and users."""

from typing import Any

from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError

from pages.editing import Editor
from pages.fields import JsonObjectField, Suggested, TagsField

from .models import HIGHEST_PRICE, ROLES, Product, ShopUser
from .tag_list import LONGEST_TAG, MOST_TAGS

LARGEST_STOCK = 2**31 - 1
CATEGORIES = ("Electronics", "Accessories", "Books", "Clothing", "Other")
CATEGORIES_KEPT_SECONDS = 60
MOST_CATEGORIES = 100


def categories(asked: str = "") -> list[str]:
    """The usual ones and those in use, remembered for a minute: a list of 100,000 products takes a while to read.

    One that is `asked` for is among them wherever a product has it.
    """
    used = cache.get("categories")
    if used is None:
        named = Product.objects.order_by("category").values_list("category", flat=True)
        used = list(named.distinct()[:MOST_CATEGORIES])
        cache.set("categories", used, CATEGORIES_KEPT_SECONDS)
    known = {*CATEGORIES, *used}
    if asked and asked not in known and "\0" not in asked and Product.objects.in_category(asked).exists():
        known.add(asked)
    return sorted(known)


class ProductForm(Editor):
    halves = ("sku", "category", "price", "stock_quantity")
    tags = TagsField(longest=LONGEST_TAG, most=MOST_TAGS, required=False, help_text="Separated by commas.")

    class Meta:
        model = Product
        fields = ("name", "sku", "category", "price", "stock_quantity", "tags", "description")
        labels = {"sku": "SKU", "stock_quantity": "In stock"}
        help_texts = {"sku": "What tells it from all others. Left empty, the database makes one."}
        widgets = {"category": Suggested, "description": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        price, stock = self.fields["price"], self.fields["stock_quantity"]
        self.fields["price"] = _bounded(price, least=0, most=HIGHEST_PRICE)
        self.fields["stock_quantity"] = _bounded(stock, least=0, most=LARGEST_STOCK)
        self.fields["category"].widget.suggestions = categories()
        if self.instance._state.adding:  # a row that is gone is there by its number alone
            self.initial.update({"stock_quantity": 0, "category": "", "sku": "", "description": "", "tags": []})

    def clean_sku(self) -> Any:
        """Left empty it stays as it is: on a new product that is the database's default."""
        return self.cleaned_data["sku"] or self.instance.sku

    def write(self) -> bool:
        """A new category is to be chosen from now on."""
        is_written = super().write()
        cache.delete("categories")
        return is_written


class UserForm(Editor):
    halves = ("full_name", "email", "username", "role")
    role = forms.ChoiceField(
        required=False, help_text="Kept in the metadata, as data: it gives no rights on this site."
    )
    metadata = JsonObjectField(required=False, help_text="What else is known, as keys and values.")
    preferences = JsonObjectField(required=False)

    class Meta:
        model = ShopUser
        fields = ("email", "username", "full_name", "is_active", "metadata", "preferences")
        labels = {"email": "E-mail", "is_active": "Active"}
        help_texts = {"is_active": "Only active users can place orders."}

    field_order = ("full_name", "email", "username", "role", "is_active", "metadata", "preferences")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.initial.update({"full_name": "", "is_active": True, "metadata": {}, "preferences": {}})
        stored = self.initial.get("metadata")
        metadata = stored if isinstance(stored, dict) else {}  # PostgreSQL takes any JSON
        role = metadata.get("role")
        if isinstance(role, str) and role:
            self.initial.update({"role": role, "metadata": {key: metadata[key] for key in metadata if key != "role"}})
        known = dict.fromkeys((*ROLES, *([role] if isinstance(role, str) and role else [])))
        self.fields["role"].choices = [("", "none"), *((each, each) for each in known)]  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip()

    def clean(self) -> dict[str, Any]:
        """The role goes back to where it is kept."""
        cleaned = super().clean() or self.cleaned_data
        role, metadata = cleaned.get("role"), cleaned.get("metadata")
        if metadata is not None and role:
            if "role" in metadata:
                self.add_error("metadata", ValidationError("Choose the role above and leave the key “role” out here."))
            cleaned["metadata"] = {"role": role} | metadata
        return cleaned


def _bounded(field: forms.Field, *, least: Any, most: Any) -> forms.Field:
    """The same field with bounds, as a line of text: of one for numbers a browser sends nothing where it knows none."""
    kind: Any = type(field)
    is_decimal = isinstance(field, forms.DecimalField)
    digits = {"decimal_places": 2} if is_decimal else {}
    line = forms.TextInput(attrs={"inputmode": "decimal" if is_decimal else "numeric", "autocomplete": "off"})
    said = dict.fromkeys(("min_value", "max_value"), f"Give a number from {least} to {most:,}.")
    bounds = {"min_value": least, "max_value": most}
    return kind(label=field.label, required=field.required, widget=line, error_messages=said, **bounds, **digits)
