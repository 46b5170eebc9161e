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

from . import background, indexing, vectors
from .embeddings import Provider, provider
from .finding import Found, explain, recall, side_by_side
from .form import MOST, SearchForm
from .sql import COUNTED
from .statement import Mode

# More than this is begun by who runs the shop, with `manage.py embed`: a service may ask money for each.
EMBEDDED_UNASKED = 2 * indexing.BATCH  # a process that was ended leaves so many at most


@dataclass(frozen=True)
class Example:
    typed: str
    shows: str

    @property
    def query(self) -> str:
        return urlencode({"q": self.typed})


@dataclass(frozen=True)
class Column:
    """What a mode finds, and what the page says of it."""

    found: Found
    form: SearchForm

    @property
    def of(self) -> str:
        """How many products have any of the words, where these are more than are shown."""
        total, shown = self.found.total or 0, len(self.found.hits)
        return "" if total <= shown else f"{COUNTED:,}+" if total > COUNTED else f"{total:,}"

    @property
    def more(self) -> str:
        """The address of more hits, if there may be any."""
        limit = self.form.limit
        if len(self.found.hits) < limit or limit >= MOST:
            return ""
        is_alone = len(self.form.modes) == 1
        return self.form.query(mode=self.found.mode, most=MOST if is_alone else None)


# Of what the sample and the seed plant.
EXAMPLES = [
    Example("store my photos", "what it is for, in other words"),
    Example("keybord", "misspelt"),
    Example("usb-c -hub", "without what has a word"),
    Example('"clear picture" webcam', "a phrase, in the order of its words"),
    Example("MONITOR-4K", "the beginning of an SKU"),
]


# Seconds after which the page asks again for what waits to be indexed.
ASKED_AGAIN = (1, 1, 2, 3, 5, 8)


@require_safe
@vary_on_headers("HX-Request")
@may_view
def page(request: Request) -> HttpResponse:
    form = SearchForm(request.GET)
    is_asked = form.is_valid() and bool(form.typed)
    columns = side_by_side(form.typed, form.modes, form.filters, form.limit, counted=True) if is_asked else []
    shown = {
        "form": form,
        "faults": faults_of(form),
        "is_asked": bool(form.typed),
        "is_filtered": form.is_valid() and bool(form.filters),
        "examples": EXAMPLES,
        **(_shown(form, columns) if columns else {}),
    }
    return render(request, "catalog/_found.html" if request.htmx else "catalog/search.html", shown)


def _shown(form: SearchForm, columns: list[Found]) -> dict[str, Any]:
    question, waiting = columns[0].question, max(found.waiting for found in columns)
    again = form.cleaned_data["again"] or 0
    by_meaning = any(found.mode is not Mode.FULL_TEXT and found.is_asked and not found.told for found in columns)
    return {
        "columns": [Column(found, form) for found in columns],
        "question": question,
        "says_nothing": not question,
        "told": {found.told for found in columns if found.told},
        "milliseconds": columns[0].milliseconds,
        "waiting": waiting,
        "again_after": ASKED_AGAIN[again] if waiting and again < len(ASKED_AGAIN) else None,
        "again": form.query(again=again + 1, most=form.cleaned_data["most"]),
        "query": form.query(),
        "vectors": vectors.remembered_state() if by_meaning else None,
    }


@require_safe
@vary_on_headers("HX-Request")
@may_view
def proof(request: Request) -> HttpResponse:
    """The statement and the plan of each mode that is shown, and how much of the exact answer the index gives."""
    form = SearchForm(request.GET)
    proofs = explain(form.typed, form.modes, form.filters, form.limit) if form.is_valid() else []
    shown = {
        "proofs": [(proof, plan.read(proof.plan)) for proof in proofs],
        "recall": recall(form.typed, form.filters) if proofs else None,
        "has_index": bool(proofs) and (made_by := provider()) is not None and vectors.has_index(made_by),
        "by_index": any(proof.by_index for proof in proofs),
        "is_exact": any(proof.is_exact for proof in proofs),
        "typed": form.typed,
        "back": form.query(),
    }
    return render(request, "catalog/_search_proof.html" if request.htmx else "catalog/search_proof.html", shown)


@require_safe
@vary_on_headers("HX-Request")
@may_view
def vector_state(request: Request) -> HttpResponse:
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
