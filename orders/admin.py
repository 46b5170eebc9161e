"""Orders in the admin: looked at, moved on and exported there, and placed in the shop."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import URLPattern, path

from audit.as_seen import AsSeenForm
from audit.audited_admin import AuditedAdmin
from catalog.csv_export import download
from pages.fields import JsonObjectField

from .csv_export import ORDERS
from .models import Order, OrderItem


class OrderItemInline(admin.TabularInline):
    """The lines as they were bought: read only."""

    model = OrderItem
    fields = readonly_fields = ("product", "quantity", "unit_price", "subtotal")
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderItem]:
        return super().get_queryset(request).select_related("product")

    def has_add_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return False


class OrderForm(AsSeenForm):
    shipping_address = JsonObjectField(required=False)

    class Meta:
        model = Order
        fields = ("status", "payment_method", "shipping_address")


@admin.register(Order)
class OrderAdmin(AuditedAdmin):
    """Status, address and payment may be changed; the database refuses a status that cannot follow."""

    form = OrderForm
    list_display = ("order_id", "user", "order_date", "status", "total_amount", "payment_method")
    list_filter = ("status", "payment_method")
    list_select_related = ("user",)
    search_fields = ("user__username", "user__email")
    search_help_text = "Part of the customer's username or e-mail, or the number of the order"
    ordering = ("-order_id",)
    fields = ("user", "order_date", "status", "payment_method", "shipping_address", "total_amount", "seen")
    readonly_fields = ("user", "order_date", "total_amount")
    inlines = (OrderItemInline,)
    change_list_template = "admin/orders_list.html"

    def get_urls(self) -> list[URLPattern]:
        exported = self.admin_site.admin_view(self.export_action)
        return [path("export/", exported, name="orders_order_export"), *super().get_urls()]

    def export_action(self, request: HttpRequest) -> StreamingHttpResponse:
        """The orders of the list as it is filtered, one row for each line."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return download(ORDERS, self.get_changelist_instance(request).queryset)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        term = search_term.strip()
        if term.isascii() and term.isdecimal() and len(term) < 19:
            return queryset.filter(pk=int(term)), False
        return super().get_search_results(request, queryset, search_term)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return False
