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
from .models import Order, Status
from .tables import OrderTable

CONFLICT = 409


@require_safe
@vary_on_headers("HX-Request")
@may_view
def order_list(request: Request) -> HttpResponse:
    status = request.GET.get("status", "")
    rows = Order.objects.select_related("user")
    if status in Status.values:
        rows = rows.in_status(status)
    shown = listing(request, rows, filters=OrderFilter, table=OrderTable, order="-order_date")
    context = shown | {"tabs": tabs(), "status": status if status in Status.values else ""}
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
    """Asks first, telling what goes back to stock."""
    found = get_object_or_404(Order.objects.select_related("user"), pk=order_id)
    back = found.items.aggregate(units=Sum("quantity"))["units"] if found.stock_taken else 0
    if request.method != "POST":
        asked = {"order": found, "back": back, "may_cancel": Status.CANCELLED in Status(found.status).following}
        items = found.items.select_related("product")
        return render(request, "orders/order_cancel.html", asked | {"items": items})
    try:
        cancel_order(order_id)
    except OrderRefused as refused:
        return _refused(request, order_id, refused)
    messages.success(request, f"Order {order_id} is cancelled. {_given_back(back)}")
    return redirect("orders:order", order_id)


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
        "may_cancel": Status.CANCELLED in Status(found.status).following,
        "steps": timeline(found, history.entries),
        "history": history,
        "happened": happened(order_id),
        "may_edit": role_of(request.user) >= Role.EDITOR,
    }


def _given_back(units: int | None) -> str:
    if not units:
        return "It had taken nothing from stock."
    return f"{units:,} {'piece' if units == 1 else 'pieces'} went back to stock."
