"""Products and users as CSV files, and empty ones to fill in."""

from __future__ import annotations

from typing import NamedTuple

from django.core.exceptions import BadRequest
from django.db.models import Model
from django.http import Http404, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe
from django_filters.filterset import FilterSet

from pages.requests import Request
from pages.roles import may_view
from pages.tables import faults_of

from .csv_export import PRODUCTS, USERS, Export, download
from .filters import ProductFilter, UserFilter
from .importing import KINDS
from .importing.example import example
from .models import Product, ShopUser


class Listed(NamedTuple):
    """What is downloaded: the rows of a list as its filter chooses them."""

    export: Export
    model: type[Model]
    filters: type[FilterSet]


LISTS = {"products": Listed(PRODUCTS, Product, ProductFilter), "users": Listed(USERS, ShopUser, UserFilter)}


@require_safe
@may_view
def export(request: Request, kind: str) -> HttpResponseBase:
    """All rows or, asked as the list is, those that it shows."""
    listed = LISTS[kind]
    chosen = listed.filters(request.GET, queryset=listed.model._default_manager.all())
    if faults_of(chosen.form):
        raise BadRequest
    return download(listed.export, chosen.qs if request.GET else None)


@require_safe
@may_view
def csv_example(request: Request, kind: str) -> HttpResponse:
    if kind not in KINDS:
        raise Http404
    answer = HttpResponse(example(kind), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{kind}-example.csv"'
    return answer
