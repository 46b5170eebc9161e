"""Bulk import: a file is given, looked at and imported; what came of it, and of those before."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from pages.requests import Request
from pages.roles import may_edit, may_view
from pages.tables import listing

from ..models import CsvImport
from ..search import background
from .columns import KINDS
from .file import DELIMITERS, FileRefused, OfNoKind
from .history import ImportFilter, ImportTable
from .importer import Report, import_file, preview
from .receiving import Incoming, Receiver, UploadForm
from .rejected import REASON
from .uploads import Upload, UploadGone, kept

CHANGED_MEANWHILE = (
    "The shop has changed since this page was drawn: now {wrong}, so nothing was imported. Below is why."
)


@transaction.non_atomic_requests
@csrf_exempt  # until _receive has said where the body goes: whoever asks for the token reads it
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@may_view
def bulk_import(request: Request) -> HttpResponseBase:
    """Takes a file, and shows what was imported before."""
    if request.method == "POST":
        return _receive(request)
    shown = listing(request, CsvImport.objects.all(), filters=ImportFilter, table=ImportTable, order="-import_id")
    name = "catalog/_import_list.html" if request.htmx else "catalog/bulk_import.html"
    return render(request, name, shown | {"form": UploadForm(), "kinds": KINDS.values()})


@may_edit
def _receive(request: Request) -> HttpResponseBase:
    receiver = Receiver(request)
    request.upload_handlers = [receiver]
    with closing(receiver):
        return _received(request, receiver)


@csrf_protect
def _received(request: Request, receiver: Receiver) -> HttpResponseBase:
    form = UploadForm(request.POST, request.FILES, refusal=receiver.refusal)
    if form.is_valid():
        incoming: Incoming = form.cleaned_data["file"]
        upload = incoming.keep(request.user.pk)
        return _lead_to(request, "catalog:bulk_preview", form.cleaned_data["kind"], upload.sha256)
    if request.htmx:
        return render(request, "catalog/_upload.html", {"form": form})
    form.fields["file"].widget.attrs["autofocus"] = True
    return render(request, "catalog/bulk_again.html", {"form": form})


def of_an_upload(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorator: the view is handed the person's own upload, or it is told that there is none."""

    @wraps(view)
    def found(request: Request, kind: str, sha256: str) -> HttpResponseBase:
        if kind not in KINDS:
            raise Http404
        try:
            return view(request, kind, kept(request.user.pk, sha256))
        except UploadGone:
            if request.htmx:
                return HttpResponseClientRedirect(request.path)
            return render(request, "catalog/bulk_gone.html", status=404)

    return found


@require_http_methods(["GET", "HEAD", "POST"])
@may_edit
@of_an_upload
def bulk_preview(request: Request, kind: str, upload: Upload) -> HttpResponseBase:
    """Tells what the file would do; a POST does it, after the same look at it in the transaction that writes."""
    trouble = ""
    if request.method == "POST":
        try:
            report = _imported(request, kind, upload)
        except FileRefused as refusal:
            trouble = str(refusal)
        else:
            if report.imported:
                return _lead_to(request, "catalog:bulk_result", report.import_id)
            trouble = CHANGED_MEANWHILE.format(wrong=report.wrong_words)
    others = [other for other in KINDS if other != kind]
    shown = {"upload": upload, "kind": kind, "others": others, "trouble": trouble} | _previewed(kind, upload)
    return render(request, "catalog/_bulk_preview.html" if request.htmx else "catalog/bulk_preview.html", shown)


def _imported(request: Request, kind: str, upload: Upload) -> Report:
    good_lines, again = "good_lines" in request.POST, "again" in request.POST
    with upload.open() as file, upload.writing_rejected(kind) as rejected:
        report = import_file(file, kind, partial=good_lines, again=again, file_name=upload.name, rejected=rejected)
    transaction.on_commit(background.soon)
    return report


def _previewed(kind: str, upload: Upload) -> dict[str, Any]:
    try:
        with upload.open() as file, upload.writing_rejected(kind) as rejected:
            found = preview(file, kind, file_name=upload.name, rejected=rejected)
    except OfNoKind as refusal:
        return {"refusal": str(refusal), "others": []}
    except FileRefused as refusal:
        return {"refusal": str(refusal)}
    return {
        "preview": found,
        "columns": [(heading, _meaning(heading, kind)) for heading in found.headings],
        "delimiter": DELIMITERS[found.delimiter],
        "good": found.lines - found.rejected,
    }


def _meaning(heading: str, kind: str) -> str | None:
    """The column that is meant; the reasons of rejected lines mean themselves, and None is left out."""
    return KINDS[kind].recognised(heading) or (REASON if heading == REASON else None)


@require_safe
@may_edit
@of_an_upload
def bulk_rejected(request: Request, kind: str, upload: Upload) -> FileResponse:
    """The wrong lines, each with what is wrong before it."""
    stem = upload.name.rpartition(".")[0] or upload.name
    file, name = upload.open_rejected(kind), f"{stem or kind}-rejected.csv"
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


@require_safe
@may_view
def bulk_result(request: Request, import_id: int) -> HttpResponse:
    """What one import did, for everybody; the wrong lines for whoever gave the file, as long as they are kept."""
    done = get_object_or_404(CsvImport, pk=import_id)
    shown = {
        "done": done,
        "entries": done.inserted + done.updated,
        "rate": round(done.lines / done.seconds) if done.seconds else None,
        "has_rejected": done.rejected and Upload(request.user.pk, done.sha256).has_rejected(done.kind),
    }
    return render(request, "catalog/bulk_result.html", shown)


def _lead_to(request: Request, name: str, *arguments: Any) -> HttpResponseBase:
    if request.htmx:
        return HttpResponseClientRedirect(resolve_url(name, *arguments))
    return redirect(name, *arguments)
