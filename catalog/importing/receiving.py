"""An upload on its way in: written to the uploads' folder as it comes, never whole in memory, and no more than fits."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from .columns import KINDS
from .file import EMPTY
from .uploads import Upload, folder, keep

CUT_SHORT = "The upload was cut short. Try again."
ONE_AT_A_TIME = "Several files came. Give one at a time."


class Incoming(UploadedFile):
    """A private file, gone when the request ends unless it was kept."""

    def __init__(self, name: str) -> None:
        self.aside = NamedTemporaryFile(prefix="incoming-", dir=folder())  # noqa: SIM115  open until the request ends
        super().__init__(self.aside, name, size=0)
        self.digest = hashlib.sha256()

    def take(self, chunk: bytes) -> None:
        self.aside.write(chunk)
        self.digest.update(chunk)

    def keep(self, owner: int) -> Upload:
        self.aside.flush()
        return keep(Path(self.aside.name), self.digest.hexdigest(), self.name or "", owner=owner)

    def close(self) -> None:
        with suppress(FileNotFoundError):  # kept, under another name
            super().close()


class Receiver(FileUploadHandler):
    """Takes the one file of a form's field "file"; `refusal` says why it took none.

    What it does not take is read from the connection all the same: no browser listens for an answer before that.
    """

    file: Incoming

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.refusal = ""
        self._takes = False

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        self._takes = field_name == "file" and not hasattr(self, "file")
        if self._takes:
            self.file = Incoming(file_name)
        elif field_name == "file":
            self.refusal = ONE_AT_A_TIME

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._takes and start + len(raw_data) > settings.LARGEST_UPLOAD:
            self.refusal = too_large()
            self._let_go()
        if self._takes:
            self.file.take(raw_data)

    def file_complete(self, file_size: int) -> Incoming | None:
        if not self._takes:
            return None
        self._takes = False
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        if self._takes:
            self.refusal = CUT_SHORT
            self._let_go()

    def close(self) -> None:
        """To be called at the end: of a connection that broke down Django tells no handler."""
        if self._takes and hasattr(self, "file"):
            self._let_go()

    def _let_go(self) -> None:
        self._takes = False
        self.file.close()


def too_large() -> str:
    return (
        f"The file is larger than {largest()}, the most that this page takes. Give it in parts, or to "
        "manage.py import_csv."
    )


def largest() -> str:
    return f"{settings.LARGEST_UPLOAD >> 20} MB"


class UploadForm(forms.Form):
    kind = forms.ChoiceField(
        label="What the file holds",
        choices=[(name, name.capitalize()) for name in KINDS],
        initial="products",
        widget=forms.RadioSelect,
    )
    file = forms.FileField(
        label="CSV file",
        error_messages={"required": "Choose a CSV file.", "empty": EMPTY},
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )

    def __init__(self, *args: Any, refusal: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refusal = refusal
        self.largest = largest()
        self.fields["file"].widget.attrs |= {"data-largest": settings.LARGEST_UPLOAD, "data-too-large": too_large()}

    def clean(self) -> dict[str, Any]:
        if self.refusal:
            self.errors.pop("file", None)
            self.add_error("file", self.refusal)
        return self.cleaned_data
