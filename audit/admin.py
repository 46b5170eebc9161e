"""The audit trail in the admin: read only, filtered by what has an index, never counted whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from pages.shop_admin import ShopAdmin

from .audited_admin import shown
from .models import AuditEntry, AuditEntryQuerySet
from .paging import CappedPaginator, whole_number

OPERATIONS = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
FIELDS_IN_LIST = 3


class TableFilter(admin.SimpleListFilter):
    title, parameter_name = "table", "table"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The tables in the log, found by leaps through the index: DISTINCT would read all of it."""
        tables: list[str] = []
        names = AuditEntry.objects.order_by("table_name").values_list("table_name", flat=True)
        while (name := names.filter(table_name__gt=tables[-1] if tables else "").first()) is not None:
            tables.append(name)
        return [(name, name) for name in tables]

    def queryset(self, request: HttpRequest, queryset: AuditEntryQuerySet) -> AuditEntryQuerySet:  # type: ignore[override]
        return queryset.in_table(self.value()) if self.value() else queryset  # type: ignore[arg-type]


class OperationFilter(admin.SimpleListFilter):
    title, parameter_name = "operation", "operation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in OPERATIONS]

    def queryset(self, request: HttpRequest, queryset: AuditEntryQuerySet) -> AuditEntryQuerySet:  # type: ignore[override]
        return queryset.of_operation(self.value()) if self.value() else queryset  # type: ignore[arg-type]


class MadeFilter(admin.SimpleListFilter):
    title, parameter_name = "time", "within"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "Last hour"), ("24", "Last 24 hours"), ("168", "Last 7 days"), ("720", "Last 30 days")]

    def queryset(self, request: HttpRequest, queryset: AuditEntryQuerySet) -> AuditEntryQuerySet:  # type: ignore[override]
        hours = dict(self.lookup_choices).get(self.value() or "") and int(self.value() or 0)
        return queryset.between(timezone.now() - timedelta(hours=hours)) if hours else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ShopAdmin):
    list_display = ("audit_id", "created_at", "who", "operation", "table_name", "record_id", "changed")
    list_filter = (TableFilter, OperationFilter, MadeFilter)
    ordering = ("-audit_id",)
    sortable_by = ()
    actions = None
    paginator = CappedPaginator
    show_full_result_count = False
    search_fields = ("actor",)
    search_help_text = "The whole name of who acted, or the number of a record"
    fieldsets = (
        (None, {"fields": ("operation", "table_name", "record_id", "changes")}),
        ("By whom", {"fields": ("who", "created_by", "created_at", "request_id", "txid")}),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        term = search_term.strip()
        if (number := whole_number(term)) is not None:
            return queryset.filter(record_id=number), False
        return (queryset.filter(actor=term) if term else queryset), False

    @admin.display(description="by")
    def who(self, entry: AuditEntry) -> str:
        return entry.actor or f"{entry.created_by}, by SQL"

    @admin.display(description="fields")
    def changed(self, entry: AuditEntry) -> str:
        names = [change.field for change in entry.changes()]
        more = f" and {len(names) - FIELDS_IN_LIST} more" if len(names) > FIELDS_IN_LIST else ""
        return ", ".join(names[:FIELDS_IN_LIST]) + more

    @admin.display(description="changes")
    def changes(self, entry: AuditEntry) -> SafeString:
        return render_to_string("admin/_changes.html", {"changes": shown(entry), "operation": entry.operation})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False
