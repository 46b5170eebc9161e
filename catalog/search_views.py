"""Searching products: three ways side by side, how the database found them, and what has no vector yet."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from pages import plan
from pages.requests import Request
from pages.roles import may_view
from pages.tables import faults_of

from . import background, vectors
from .embeddings import Provider, provider
from .search import Found, Mode, explain, recall, search
from .search_form import SearchForm

# More than this is begun by who runs the shop, with `manage.py embed`: a service may ask money for each.
EMBEDDED_UNASKED = 1_000


@dataclass(frozen=True)
class Example:
    typed: str
    shows: str

    @property
    def query(self) -> str:
        return urlencode({"q": self.typed})


# Of what the sample and the seed plant.
EXAMPLES = [
    Example("something to type on", "what it is for, in other words"),
    Example("keybord", "misspelt"),
    Example("usb-c -hub", "without what has a word"),
    Example('"clear picture" webcam', "a phrase, in the order of its words"),
    Example("MONITOR-4K", "the beginning of an SKU"),
]


@dataclass(frozen=True)
class Column:
    """What one mode found, and in how many milliseconds."""

    found: Found
    milliseconds: float


@require_safe
@vary_on_headers("HX-Request")
@may_view
def search_page(request: Request) -> HttpResponse:
    form = SearchForm(request.GET)
    columns = _columns(form) if form.is_valid() else []
    shown = {
        "filter": {"form": form},
        "is_asked": bool(form.typed),
        "faults": faults_of(form),
        "columns": columns,
        "examples": EXAMPLES,
        "meant": columns[0].found.meant if columns else {},
        "waiting": columns[0].found.waiting if columns else 0,
        "told": {column.found.told for column in columns if column.found.told},
    }
    return render(request, "catalog/_found.html" if request.htmx else "catalog/search.html", shown)


@require_safe
@vary_on_headers("HX-Request")
@may_view
def search_proof(request: Request) -> HttpResponse:
    """The statement and the plan of each mode that is shown, and how much of the exact answer the index gives."""
    form = SearchForm(request.GET)
    proofs = []
    if form.is_valid():
        for mode in form.modes:
            statement, told = explain(form.typed, mode, form.filters, form.limit)
            proof = {"mode": mode, "statement": statement, "plan": plan.read(told), "title_id": f"plan_{mode.name}"}
            proofs.append(proof)
    shown = {
        "proofs": [proof for proof in proofs if proof["plan"]],
        "recall": recall(form.typed) if proofs else None,
        "typed": form.typed,
        "back": request.GET.urlencode(),
    }
    return render(request, "catalog/_search_proof.html" if request.htmx else "catalog/search_proof.html", shown)


@require_safe
@vary_on_headers("HX-Request")
@may_view
def search_vectors(request: Request) -> HttpResponse:
    """How many products have a vector: all of them are counted, so it is asked for after the page."""
    made_by = provider()
    shown = {"made_by": made_by, "is_possible": vectors.are_possible(), "no_pgvector": vectors.NO_PGVECTOR}
    if made_by is not None and shown["is_possible"]:
        shown |= _state(made_by)
    return render(request, "catalog/_search_vectors.html" if request.htmx else "catalog/search_vectors.html", shown)


def _columns(form: SearchForm) -> list[Column]:
    return [_column(form, mode) for mode in form.modes] if form.typed else []


def _column(form: SearchForm, mode: Mode) -> Column:
    began = time.perf_counter()
    found = search(form.typed, mode, form.filters, form.limit)
    return Column(found, (time.perf_counter() - began) * 1000)


def _state(made_by: Provider) -> dict[str, Any]:
    state = vectors.state(made_by.model)
    lacking = state.changed + state.not_searched
    if 0 < lacking <= EMBEDDED_UNASKED:
        background.soon()
    return {
        "state": state,
        "lacking": lacking,
        "is_begun": 0 < lacking <= EMBEDDED_UNASKED,
        "has_index": vectors.has_index(made_by),
    }
