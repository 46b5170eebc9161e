"""Import and export of CSV in the admin: django-import-export's pages around our importer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST
from import_export.admin import ImportExportMixin
from import_export.tmp_storages import BaseStorage

from audit.audited_admin import AuditedAdmin

from ..csv_export import Export, download
from .admin_uploads import forget, keep, kept
from .columns import KINDS
from .importer import Report
from .resource import CsvFormat, CsvResult, CsvUploadForm
from .statements import MOST_CHANGED
from .uploads import UploadGone


class KeptUpload(BaseStorage):
    """import-export's storage, on admin_uploads.py."""

    name: str

    def save(self, data: bytes) -> None:
        self.name = keep([data])

    def read(self) -> bytes:
        with kept(self.name) as file:
            return file.read()

    def remove(self) -> None:
        forget(self.name)


class CsvAdmin(ImportExportMixin, AuditedAdmin):
    """`resource_classes` is one CsvResource; `export` says what a download holds."""

    export: Export
    import_form_class = CsvUploadForm
    import_template_name = "admin/csv_import.html"
    import_formats = export_formats = [CsvFormat]
    tmp_storage_class: Any = KeptUpload
    skip_admin_log: Any = True  # the audit trail has each row
    model: Any  # both parents say so, each in words of its own

    def has_import_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_add_permission(request) and self.has_change_permission(request))

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))

    def export_action(self, request: HttpRequest) -> StreamingHttpResponse:
        """The rows of the list as it is filtered, without a form in between."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        return download(self.export, self.get_export_queryset(request))

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Judged again in the transaction that writes: rows may have changed since the preview."""
        return require_POST(self._process_import)(request, **kwargs)

    def _process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = self.create_confirm_form(request)
        again = redirect(self._url("import"))
        if not form.is_valid():
            messages.error(request, "The upload to import was not named. Upload the file again.")
            return again
        upload = KeptUpload(name=form.cleaned_data["import_file_name"])
        try:
            data = upload.read()
        except UploadGone as gone:
            messages.error(request, str(gone))
            return again
        result: CsvResult = self.process_dataset(CsvFormat().create_dataset(data), form, request, **kwargs)
        upload.remove()
        if result.has_errors():
            return self._refused(request, result)
        return self.process_result(result, request)

    def _refused(self, request: HttpRequest, result: CsvResult) -> HttpResponse:
        form = CsvUploadForm(self.import_formats, self.get_import_resource_classes(request))
        context = {"title": "Import", "opts": self.opts, "form": form, "result": result}
        context |= self.admin_site.each_context(request) | self.get_import_context_data()
        return TemplateResponse(request, self.import_template_name, context)

    def get_import_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kind = KINDS[self.resource_classes[0].kind]
        return {"columns": [each.name for each in kind.columns], "key": kind.key, "most_changed": MOST_CHANGED}

    def add_success_message(self, result: CsvResult, request: HttpRequest) -> None:
        report = result.told
        assert isinstance(report, Report)
        said = f"{report.inserted} new, {report.updated} changed, {report.unchanged} unchanged."
        try:
            trail = reverse("admin:audit_auditentry_changelist")
        except NoReverseMatch:
            messages.success(request, said)
            return
        messages.success(
            request, format_html('{} <a href="{}?txid={}">In the audit trail</a>', said, trail, report.txid)
        )

    def _url(self, name: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}")
