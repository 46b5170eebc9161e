"""Searching and filtering the lists of products and users."""

from typing import Any

from django.db.models import QuerySet
from django.forms import TextInput
from django.http import QueryDict
from django_filters.filters import CharFilter, ChoiceFilter

from pages.forms import NO_CHOICE
from pages.keyset import Fitting, few_first
from pages.searching import SearchedFilter

from .forms import categories
from .models import LOW_STOCK, ROLES, USER_WORDS, Product, ShopUser, holding
from .search.containing import containing

CHOICE: dict[str, Any] = {
    "empty_label": "All",
    "error_messages": NO_CHOICE,
}
SEARCH = TextInput(attrs={"type": "search", "autocomplete": "off", "maxlength": 200})


class ProductFilter(SearchedFilter):
    q = CharFilter(method="matching", label="Name, SKU or tag", widget=SEARCH)
    category = ChoiceFilter(label="Category", **CHOICE)
    stock = ChoiceFilter(
        method="in_stock",
        choices=[("in", "Available"), ("low", "Low"), ("out", "Sold out")],
        label="Stock",
        **CHOICE,
    )

    class Meta:
        model = Product
        fields = ("q", "category", "stock")

    def __init__(self, data: QueryDict | None = None, *args: Any, **options: Any) -> None:
        super().__init__(data, *args, **options)
        known = categories(str(data.get("category", "")) if data else "")
        self.filters["category"].extra["choices"] = [(name, name) for name in known]

    def fitting(self, rows: QuerySet[Product], words: str) -> Fitting:
        return containing(rows, words)

    def in_stock(self, rows: QuerySet[Product], name: str, stock: str) -> QuerySet[Product]:
        bounds: dict[str, dict[str, Any]] = {
            "in": {"stock_quantity__gt": 0},
            "low": {"stock_quantity__gt": 0, "stock_quantity__lt": LOW_STOCK},
            "out": {"stock_quantity": 0},
        }
        return rows.filter(**bounds[stock])


class UserFilter(SearchedFilter):
    q = CharFilter(method="matching", label="Name or e-mail", widget=SEARCH)
    role = ChoiceFilter(
        method="in_role",
        choices=[(role, role.capitalize()) for role in ROLES],
        label="Role",
        **CHOICE,
    )
    active = ChoiceFilter(
        field_name="is_active",
        choices=[("True", "Active"), ("False", "Inactive")],
        label="State",
        **CHOICE,
    )

    class Meta:
        model = ShopUser
        fields = ("q", "role", "active")

    def fitting(self, rows: QuerySet[ShopUser], words: str) -> Fitting:
        return few_first(rows, holding(words, *USER_WORDS))

    def in_role(self, rows: QuerySet[ShopUser], name: str, role: str) -> QuerySet[ShopUser]:
        return rows.filter(metadata__contains={"role": role})
