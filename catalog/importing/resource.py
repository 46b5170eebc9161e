"""Django-import-export's pieces for our CSV files: its admin pages hand them the bytes, importer.py does the rest."""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from import_export.formats.base_formats import CSV
from import_export.forms import ImportForm
from import_export.resources import ModelResource
from import_export.results import Error, Result

from ..models import Product, ShopUser
from ..search import background
from .file import EMPTY, FileRefused
from .importer import Preview, Report, import_file, preview

LARGEST = 20 * 1024 * 1024


class CsvFormat(CSV):
    """Bytes as they were uploaded."""

    def is_binary(self) -> bool:
        return True

    def get_read_mode(self) -> str:
        return "rb"

    def create_dataset(self, in_stream: bytes, **kwargs: Any) -> BytesIO:
        return BytesIO(in_stream)


class CsvResult(Result):
    """import-export's result, with ours in it: `told` is a Preview, a Report, or None for a file that was refused."""

    def __init__(self, told: Preview | Report | None, refusal: FileRefused | None = None) -> None:
        super().__init__()
        self.told = told
        if refusal is not None:
            self.append_base_error(Error(refusal))
        for fault in told.faults if told else ():
            self.append_error_row(fault.line, {}, [Error(": ".join(filter(None, (fault.column, fault.message))))])
        if isinstance(told, Preview):
            self.totals.update(new=told.new, update=told.changed, skip=told.unchanged, error=told.rejected)
        elif told is not None:
            self.totals.update(new=told.inserted, update=told.updated, skip=told.unchanged, error=told.rejected)
        self.total_rows = told.lines if told else 0

    def row_errors(self) -> list[tuple[int, list[Error]]]:
        """By the lines of the file, where import-export counts rows."""
        return [(row.number, row.errors) for row in self.error_rows]


class CsvResource(ModelResource):
    """Imports all or nothing, as import_file() does by default."""

    kind: str

    def import_data(  # type: ignore[override]  # what else import-export may pass is in kwargs
        self, dataset: IO[bytes], dry_run: bool = False, raise_errors: bool = False, **kwargs: Any
    ) -> CsvResult:
        """Never raises for what the file holds, unless `raise_errors`: then FileRefused."""
        name = kwargs.get("file_name") or ""
        try:
            with transaction.atomic():
                told = (preview if dry_run else import_file)(dataset, self.kind, file_name=name)
                if not dry_run:
                    transaction.on_commit(background.soon)
        except FileRefused as refusal:
            if raise_errors:
                raise
            return CsvResult(None, refusal)
        return CsvResult(told)


class ProductResource(CsvResource):
    kind = "products"

    class Meta:
        model = Product


class ShopUserResource(CsvResource):
    kind = "users"

    class Meta:
        model = ShopUser


class CsvUploadForm(ImportForm):
    """One file of at most 20 MB, for a page must answer while somebody waits."""

    import_file = forms.FileField(
        label="CSV file",
        error_messages={"empty": EMPTY},
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_import_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["import_file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(too_large(file.size or 0))
        return file

    @property
    def media(self) -> forms.Media:
        return forms.Media()  # without import-export's guess at the format, of which there is one


def too_large(size: int) -> SafeString:
    """Where to go with a file that this page does not take."""
    return format_html(
        'The file has {}, and this page takes at most {}. Use <a href="{}">Bulk import</a> for it.',
        filesizeformat(size),
        filesizeformat(LARGEST),
        reverse("catalog:bulk_import"),
    )
