"""Products: the list, one product with its history, adding, editing, deleting."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from audit.models import AuditEntry
from pages import deleting
from pages.adding import added_before, remember
from pages.editing import checked_field
from pages.requests import Request
from pages.roles import may_edit, may_view
from pages.soon import answered_soon
from pages.tables import listing
from pages.visible import isolated

from .filters import ProductFilter
from .forms import ProductForm
from .models import Product
from .search import background
from .tables import ProductTable

HISTORY = 20


@require_safe
@vary_on_headers("HX-Request")
@may_view
def product_list(request: Request) -> HttpResponse:
    shown = listing(request, Product.objects.all(), filters=ProductFilter, table=ProductTable, order="-created_at")
    return render(request, "catalog/_product_list.html" if request.htmx else "catalog/product_list.html", shown)


@require_safe
@may_view
def product(request: Request, product_id: int) -> HttpResponse:
    found = get_object_or_404(Product, pk=product_id)
    history = AuditEntry.objects.of_record("products", product_id).page(size=HISTORY)
    return render(request, "catalog/product.html", {"product": found, "history": history})


@require_http_methods(["GET", "POST"])
@may_edit
def product_add(request: Request) -> HttpResponse:
    form = ProductForm(request.POST or None, check_url=reverse("catalog:product_check"))
    if request.method == "POST" and not added_before(request, form) and form.is_valid() and form.write():
        remember(request, form.cleaned_data["key"], form.instance)
        transaction.on_commit(background.soon)
        messages.success(request, f"{isolated(form.instance.name)} is added.")
        return redirect("catalog:product", form.instance.pk)
    return render(request, "catalog/product_form.html", {"form": form})


@require_http_methods(["GET", "POST"])
@may_edit
def product_edit(request: Request, product_id: int) -> HttpResponse:
    found = _product(request, product_id)
    check_url = reverse("catalog:product_check_of", args=[product_id])
    form = ProductForm(request.POST or None, instance=found, check_url=check_url)
    if request.method == "POST" and form.is_valid() and form.write():
        transaction.on_commit(background.soon)
        messages.success(request, f"{isolated(found.name)} is saved.")
        return redirect("catalog:product", product_id)
    return render(request, "catalog/product_form.html", {"form": form, "product_id": product_id})


@transaction.non_atomic_requests
@require_POST
@answered_soon
@may_edit
def product_check(request: Request, product_id: int | None = None) -> HttpResponse:
    """The errors of one field, asked for as it is left."""
    found = None if product_id is None else _product(request, product_id)
    field = checked_field(ProductForm(request.POST, instance=found), request.GET.get("field", ""))
    if field is None:
        raise Http404
    return render(request, "forms/field_errors.html", {"field": field})


@require_http_methods(["GET", "POST"])
@may_edit
def product_delete(request: Request) -> HttpResponse:
    rows, template = Product.objects.all(), "catalog/product_delete.html"
    return deleting.page(request, rows, one="product", template=template, after="catalog:product_list")


def _product(request: Request, product_id: int) -> Product:
    """The product; for a form that was sent, one that is gone is there by its number, so that nothing typed is lost."""
    found = Product.objects.filter(pk=product_id).first()
    if found is None and request.method != "POST":
        raise Http404
    return found or Product(pk=product_id)
