"""Searching products: three ways side by side, how the database found them, and what has no vector yet."""

from __future__ import annotations

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
from .asked import asked
from .embeddings import Provider, provider
from .search import explain, recall, side_by_side
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
    Example("store my photos", "what it is for, in other words"),
    Example("keybord", "misspelt"),
    Example("usb-c -hub", "without what has a word"),
    Example('"clear picture" webcam', "a phrase, in the order of its words"),
    Example("MONITOR-4K", "the beginning of an SKU"),
]


@require_safe
@vary_on_headers("HX-Request")
@may_view
def search_page(request: Request) -> HttpResponse:
    form = SearchForm(request.GET)
    columns = side_by_side(form.typed, form.modes, form.filters, form.limit) if form.is_valid() and form.typed else []
    shown = {
        "filter": {"form": form},
        "is_asked": bool(form.typed),
        "says_nothing": bool(form.typed) and not asked(form.typed),
        "is_filtered": form.is_valid() and bool(form.filters),
        "faults": faults_of(form),
        "columns": columns,
        "examples": EXAMPLES,
        "meant": columns[0].meant if columns else {},
        "waiting": columns[0].waiting if columns else 0,
        "told": {found.told for found in columns if found.told},
    }
    return render(request, "catalog/_found.html" if request.htmx else "catalog/search.html", shown)


@require_safe
@vary_on_headers("HX-Request")
@may_view
def search_proof(request: Request) -> HttpResponse:
    """The statement and the plan of each mode that is shown, and how much of the exact answer the index gives."""
    form = SearchForm(request.GET)
    proofs = explain(form.typed, form.modes, form.filters, form.limit) if form.is_valid() else []
    shown = {
        "proofs": [(proof, plan.read(proof.plan)) for proof in proofs],
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


def _state(made_by: Provider) -> dict[str, Any]:
    state = vectors.state(made_by.model)
    lacking = state.changed + state.not_searched
    is_begun = 0 < lacking <= EMBEDDED_UNASKED
    if is_begun:
        background.soon(every_vector=True)
    return {
        "state": state,
        "lacking": lacking,
        "is_begun": is_begun,
        "has_index": vectors.has_index(made_by),
    }
