"""Creating an order: the page, and the parts of it that htmx asks for while somebody types."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from audit.paging import whole_number
from catalog.models import Product, ShopUser
from pages.fragments import part_of
from pages.requests import Request
from pages.roles import may_edit
from pages.soon import answered_soon

from .checkout import Placed
from .drafts import Draft
from .picking import Pick, matching_customers, matching_products, one_line


@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
@may_edit
def order_place(request: Request) -> HttpResponse:
    draft = _draft(request)
    if request.POST.get("do") == "place" and (placed := draft.place()):
        return _lead_to(request, placed)
    draft.search()
    draft.reckon()
    template = "orders/_order_form.html" if request.htmx else "orders/order_place.html"
    return render(request, template, {"draft": draft})


@transaction.non_atomic_requests
@require_POST
@answered_soon
@may_edit
def reckoning(request: Request) -> HttpResponse:
    """What the order comes to by now, and what is left of each product."""
    draft = Draft.sent(request.POST)
    draft.reckon()
    own = request.htmx.target == "_reckoning"  # else a line asked, that goes
    return render(request, "orders/_reckoning.html", {"draft": draft, "beside": True, "aside": not own})


@transaction.non_atomic_requests
@require_POST
@answered_soon
@may_edit
def line(request: Request) -> HttpResponse:
    """An empty line for the end of the list."""
    draft = Draft.sent(request.POST, do="")
    if not draft.may_grow:
        raise Http404
    added = draft.add()
    added.pick.focus = True
    return render(request, "orders/_line.html", {"line": added})


@require_safe
@answered_soon
@may_edit
@part_of("orders:order_place")
def customers(request: Request) -> HttpResponse:
    pick: Pick[ShopUser] = Pick(name="customer", words=one_line(request.GET.get("customer_words", "")))
    pick.search(matching_customers)
    return render(request, "orders/_options.html", {"pick": pick})


@require_safe
@answered_soon
@may_edit
@part_of("orders:order_place")
def products(request: Request) -> HttpResponse:
    number = whole_number(request.GET.get("line", ""))
    pick: Pick[Product] = Pick(name=str(number or 1), words=one_line(request.GET.get("words", "")))
    pick.search(matching_products)
    return render(request, "orders/_options.html", {"pick": pick})


def _draft(request: Request) -> Draft:
    if request.method != "POST":
        return Draft.begun(request.GET)
    return Draft.returned_to(request.POST) if request.POST.get("do") == "return" else Draft.sent(request.POST)


def _lead_to(request: Request, placed: Placed) -> HttpResponse:
    number = placed.order.pk
    if placed.again:
        messages.info(request, f"Order {number} had been placed from this form already: nothing was ordered twice.")
    else:
        messages.success(request, f"Order {number} is placed.")
    page = resolve_url("orders:order", number)
    return HttpResponseClientRedirect(page) if request.htmx else redirect(page)
