"""Products, users and the history of imports in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest

from audit.as_seen import AsSeenForm
from pages.fields import JsonObjectField, TagsField
from pages.shop_admin import ShopAdmin

from .csv_export import PRODUCTS, USERS
from .importing.admin import CsvAdmin
from .importing.resource import ProductResource, ShopUserResource
from .models import LOW_STOCK, ROLES, CsvImport, Product, ProductQuerySet, ShopUser, ShopUserQuerySet
from .search import background
from .tag_list import LONGEST_TAG, MOST_TAGS


class StockFilter(admin.SimpleListFilter):
    title, parameter_name = "stock", "stock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("available", "Available"), ("low", f"Below {LOW_STOCK}"), ("none", "None left")]

    def queryset(self, request: HttpRequest, queryset: ProductQuerySet) -> ProductQuerySet:  # type: ignore[override]
        if self.value() == "available":
            return queryset.available()
        if self.value() == "low":
            return queryset.filter(stock_quantity__lt=LOW_STOCK)
        return queryset.filter(stock_quantity=0) if self.value() == "none" else queryset


class RoleFilter(admin.SimpleListFilter):
    title, parameter_name = "role", "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(role, role.capitalize()) for role in ROLES]

    def queryset(self, request: HttpRequest, queryset: ShopUserQuerySet) -> ShopUserQuerySet:  # type: ignore[override]
        return queryset.in_role(self.value()) if self.value() in ROLES else queryset  # type: ignore[arg-type]


class ProductForm(AsSeenForm):
    tags = TagsField(longest=LONGEST_TAG, most=MOST_TAGS, required=False, help_text="With commas between them.")

    class Meta:
        model = Product
        fields = ("sku", "name", "description", "price", "stock_quantity", "category", "tags")
        widgets = {"description": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"sku": "Left empty, one is made."}

    def clean_sku(self) -> Any:
        """Nothing typed: what there is, or the database's own for a new product."""
        unchanged = self.instance.sku if self.instance.pk else Product._meta.get_field("sku").get_default()
        return self.cleaned_data["sku"] or unchanged


class ShopUserForm(AsSeenForm):
    metadata = JsonObjectField(required=False)
    preferences = JsonObjectField(required=False)

    class Meta:
        model = ShopUser
        fields = ("email", "username", "full_name", "is_active", "metadata", "preferences")


@admin.register(Product)
class ProductAdmin(CsvAdmin):
    form = ProductForm
    resource_classes = [ProductResource]
    export = PRODUCTS
    list_display = ("name", "sku", "price", "stock_quantity", "category", "updated_at")
    list_filter = (StockFilter,)
    search_fields = ("name", "sku", "category")
    search_help_text = "Words of the name, the SKU or the category"
    ordering = ("product_id",)
    readonly_fields = ("created_at", "updated_at")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"stock_quantity": 0, "category": "Other"} | super().get_changeform_initial_data(request)

    def save_model(self, *given: Any) -> None:
        super().save_model(*given)
        transaction.on_commit(background.soon)


@admin.register(ShopUser)
class ShopUserAdmin(CsvAdmin):
    form = ShopUserForm
    resource_classes = [ShopUserResource]
    export = USERS
    list_display = ("username", "email", "full_name", "role", "is_active", "created_at")
    list_filter = ("is_active", RoleFilter)
    search_fields = ("username", "email", "full_name")
    search_help_text = "Part of the username, the e-mail or the name"
    ordering = ("user_id",)
    readonly_fields = ("created_at", "updated_at")

    @admin.display(description="role")
    def role(self, user: ShopUser) -> str:
        return str(user.metadata.get("role", "")) if isinstance(user.metadata, dict) else ""

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = {"is_active": True, "metadata": {"role": "customer"}, "preferences": {}}
        return initial | super().get_changeform_initial_data(request)


@admin.register(CsvImport)
class CsvImportAdmin(ShopAdmin):
    """The history of imports, read only."""

    list_display = ("imported_at", "actor", "kind", "file_name", "inserted", "updated", "unchanged", "rejected")
    list_filter = ("kind",)
    ordering = ("-import_id",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: CsvImport | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: CsvImport | None = None) -> bool:
        return False
