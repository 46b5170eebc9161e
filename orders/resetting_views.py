"""The sample from a page: planted in an empty shop, and a shop led back to it."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from pages.requests import Request
from pages.roles import may_administer, may_edit

from . import figures
from .seeding.reset import MANY, ShopIsBusy, reset_shop
from .seeding.sample import plant

TAKEN = "Somebody else plants it at this moment, or a user here has a name of the sample's, so nothing was added."


@require_POST
@may_edit
def plant_sample(request: Request) -> HttpResponse:
    """Adds what is missing of it, and changes nothing that is there: pressed twice, it is planted once."""
    try:
        with transaction.atomic():
            added = plant()
    except IntegrityError:
        messages.warning(request, TAKEN)
        return redirect("home")
    tell = messages.success if any(added) else messages.info
    tell(request, str(added))
    return redirect("home")


@require_http_methods(["GET", "POST"])
@may_administer
def reset(request: Request) -> HttpResponse:
    """Asks first. A large shop is emptied by its owner's command, at once; row by row it would take minutes."""
    totals = figures.totals()
    is_large = totals.users.total + totals.products.total + totals.orders.total > MANY
    if request.method == "POST" and not is_large:
        try:
            lost = reset_shop()
        except ShopIsBusy as busy:
            messages.error(request, str(busy))
            return redirect("reset")
        messages.success(request, f"Removed {lost}; the sample is planted anew.")
        return redirect("home")
    return render(request, "orders/reset.html", {"totals": totals, "is_large": is_large})
