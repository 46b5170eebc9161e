"""A model's admin that shows the audit trail as the record's history, and what the database refuses as a message."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, OperationalError, models, transaction
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from pages.shop_admin import ShopAdmin

from .as_seen import AsSeenForm
from .diff import text
from .models import MISSING, AuditEntry
from .paging import CappedPaginator, older_than

# The page that asks before it deletes names each row twice, and Django takes 1,000 fields of a form at most.
DELETED_AT_ONCE = 500
TOO_MANY = (
    f"Nothing is deleted: at most {DELETED_AT_ONCE} can be at once. Filter the list or select fewer;"
    " to empty the whole shop run “manage.py reset_shop”."
)


class AuditedAdmin(ShopAdmin):
    """For models of audited tables with whole numbers as keys."""

    paginator = CappedPaginator
    show_full_result_count = False
    actions = ("delete_selected",)
    _refusal = "_lakeshop_refusal"  # on the request, for the second time that the form is answered

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        record = self.get_object(request, unquote(object_id))
        if record is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        page = AuditEntry.objects.of_record(self.opts.db_table, record.pk).page(older_than(request))
        context = {
            **self.admin_site.each_context(request),
            "title": f"History: {record}",
            "opts": self.opts,
            "object": record,
            "entries": [(entry, shown(entry)) for entry in page.entries],
            "following": page.following,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/history.html", context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DatabaseError as error:
            # Django has rolled back; the form is answered once more, with what was typed and why it is refused.
            setattr(request, self._refusal, in_words(error, self.model))
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> type[ModelForm]:
        form: type[ModelForm] = super().get_form(request, obj, change, **kwargs)
        refusal = getattr(request, self._refusal, None)
        return type(form.__name__, (_Refused, form), {"refusal": refusal}) if refusal else form

    def save_model(self, request: HttpRequest, obj: models.Model, form: Any, change: bool) -> None:
        """Only what was edited is written: the rest belongs to those who write it, as the total of an order does."""
        obj.save(update_fields=form.written if change and isinstance(form, AsSeenForm) else None)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        try:
            return super().delete_view(request, object_id, extra_context)
        except DatabaseError as error:
            self.message_user(request, in_words(error, self.model), messages.ERROR)
            return redirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[object_id]))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        try:
            return super().changelist_view(request, extra_context)
        except DatabaseError as error:
            if request.method != "POST":  # a list that cannot be read is a fault and no refusal
                raise
            self.message_user(request, in_words(error, self.model), messages.ERROR)
            return redirect(request.get_full_path())

    @admin.action(permissions=["delete"], description="Delete selected %(verbose_name_plural)s")
    def delete_selected(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> HttpResponse | None:
        if queryset[: DELETED_AT_ONCE + 1].count() > DELETED_AT_ONCE:
            self.message_user(request, TOO_MANY, messages.ERROR)
            return None
        return delete_selected(self, request, queryset)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        with transaction.atomic():
            super().delete_queryset(request, queryset)


class _Refused(ModelForm):
    refusal = ""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        self.add_error(None, self.refusal)
        return cleaned


def shown(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """(field, before, after) of what an entry tells, as text."""
    return [(change.field, _text(change.before), _text(change.after)) for change in entry.changes()]


def in_words(error: DatabaseError, model: type[models.Model]) -> str:
    """What the database refused, as its constraint or its function says it. Raises the error when it is no refusal."""
    cause: Any = error.__cause__
    diagnosis = getattr(cause, "diag", None)
    if isinstance(error, OperationalError) or diagnosis is None:
        raise error
    for constraint in model._meta.constraints:
        said = constraint.violation_error_message
        if constraint.name == diagnosis.constraint_name and said != constraint.default_violation_error_message:
            return str(said)
    told = (diagnosis.message_primary, diagnosis.message_detail, diagnosis.message_hint)
    return " ".join(f"{sentence.rstrip('.')}." for sentence in told if sentence)


def _text(value: Any) -> str:
    return "—" if value is MISSING else "null" if value is None else text(value)
