"""Orders: the list, one order with what became of it, moving it on, cancelling it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from audit.models import AuditEntry
from pages.requests import Request
from pages.roles import Role, may_edit, may_view, role_of
from pages.tables import listing

from .checkout import OrderRefused, cancel_order, move_order
from .filters import OrderFilter, tabs
from .forms import as_written
from .happened import HISTORY, happened, timeline
from .models import Order, OrderQuerySet, Status
from .tables import OrderTable

CONFLICT = 409


@require_safe
@vary_on_headers("HX-Request")
@may_view
def order_list(request: Request) -> HttpResponse:
    rows = Order.objects.select_related("user")
    shown = listing(request, rows, filters=OrderFilter, table=OrderTable, order="-order_date")
    # None where it is no status: then no tab is the chosen one.
    context = shown | {"tabs": tabs(), "status": shown["filter"].form.cleaned_data.get("status")}
    return render(request, "orders/_order_list.html" if request.htmx else "orders/order_list.html", context)


@require_safe
@may_view
def order(request: Request, order_id: int) -> HttpResponse:
    return render(request, "orders/order.html", _page(request, order_id))


@require_POST
@may_edit
def order_move(request: Request, order_id: int) -> HttpResponse:
    wanted = request.POST.get("status", "")
    if wanted not in Status.values or wanted == Status.CANCELLED:
        raise BadRequest
    try:
        moved = move_order(order_id, wanted)
    except OrderRefused as refused:
        return _refused(request, order_id, refused)
    messages.success(request, f"Order {order_id} is {moved.status} now.")
    return redirect("orders:order", order_id)


@require_http_methods(["GET", "POST"])
@may_edit
def order_cancel(request: Request, order_id: int) -> HttpResponse:
    """Asks first, telling what goes back to stock; and again where the order was moved after that."""
    found = get_object_or_404(_to_be_cancelled(request), pk=order_id)
    asked = _asked(found)
    if request.method != "POST":
        return render(request, "orders/order_cancel.html", asked)
    seen = request.POST.get("seen", "")
    if seen != found.status and asked["may_cancel"]:
        return render(request, "orders/order_cancel.html", asked | {"seen": seen}, status=CONFLICT)
    try:
        cancel_order(order_id)
    except OrderRefused as refused:
        return _refused(request, order_id, refused)
    messages.success(request, f"Order {order_id} is cancelled. {_given_back(asked['back'])}")
    return redirect("orders:order", order_id)


def _to_be_cancelled(request: Request) -> OrderQuerySet:
    """Locked before it is cancelled, so that it is still what it was held against."""
    orders = Order.objects.select_related("user")
    return orders.select_for_update(of=("self",)) if request.method == "POST" else orders


def _asked(order: Order) -> dict[str, Any]:
    return {
        "order": order,
        "back": order.items.aggregate(units=Sum("quantity"))["units"] if order.stock_taken else 0,
        "may_cancel": order.may_be(Status.CANCELLED),
        "items": order.items.select_related("product"),
    }


def _refused(request: Request, order_id: int, refused: OrderRefused) -> HttpResponse:
    """The order as it is now, and why not: most often somebody else was quicker."""
    page = _page(request, order_id) | {"refusal": str(refused)}
    return render(request, "orders/order.html", page, status=CONFLICT)


def _page(request: Request, order_id: int) -> dict[str, Any]:
    found = get_object_or_404(Order.objects.select_related("user"), pk=order_id)
    history = AuditEntry.objects.of_record("orders", order_id).page(size=HISTORY)
    return {
        "order": found,
        "items": found.items.select_related("product"),
        "address": as_written(found.shipping_address),
        "following": [each for each in Status(found.status).following if each != Status.CANCELLED],
        "may_cancel": found.may_be(Status.CANCELLED),
        "steps": timeline(found, history.entries),
        "history": history,
        "happened": happened(order_id),
        "may_edit": role_of(request.user) >= Role.EDITOR,
    }


def _given_back(units: int | None) -> str:
    if not units:
        return "It had taken nothing from stock."
    return f"{units:,} {'piece' if units == 1 else 'pieces'} went back to stock."
