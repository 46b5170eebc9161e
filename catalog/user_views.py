"""Users of the shop: the list, one user with its history, adding, editing, deleting."""

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

from .filters import UserFilter
from .forms import UserForm
from .models import ShopUser
from .tables import UserTable

HISTORY = 20


@require_safe
@vary_on_headers("HX-Request")
@may_view
def user_list(request: Request) -> HttpResponse:
    shown = listing(request, ShopUser.objects.all(), filters=UserFilter, table=UserTable, order="-created_at")
    return render(request, "catalog/_user_list.html" if request.htmx else "catalog/user_list.html", shown)


@require_safe
@may_view
def user(request: Request, user_id: int) -> HttpResponse:
    found = get_object_or_404(ShopUser, pk=user_id)
    history = AuditEntry.objects.of_record("users", user_id).page(size=HISTORY)
    return render(request, "catalog/user.html", {"shop_user": found, "history": history})


@require_http_methods(["GET", "POST"])
@may_edit
def user_add(request: Request) -> HttpResponse:
    form = UserForm(request.POST or None, check_url=reverse("catalog:user_check"))
    if request.method == "POST" and not added_before(request, form) and form.is_valid() and form.write():
        remember(request, form.cleaned_data["key"], form.instance)
        messages.success(request, f"{isolated(form.instance.username)} is added.")
        return redirect("catalog:user", form.instance.pk)
    return render(request, "catalog/user_form.html", {"form": form})


@require_http_methods(["GET", "POST"])
@may_edit
def user_edit(request: Request, user_id: int) -> HttpResponse:
    found = _user(request, user_id)
    check_url = reverse("catalog:user_check_of", args=[user_id])
    form = UserForm(request.POST or None, instance=found, check_url=check_url)
    if request.method == "POST" and form.is_valid() and form.write():
        messages.success(request, f"{isolated(found.username)} is saved.")
        return redirect("catalog:user", user_id)
    return render(request, "catalog/user_form.html", {"form": form, "user_id": user_id})


@transaction.non_atomic_requests
@require_POST
@answered_soon
@may_edit
def user_check(request: Request, user_id: int | None = None) -> HttpResponse:
    """The errors of one field, asked for as it is left."""
    found = None if user_id is None else _user(request, user_id)
    field = checked_field(UserForm(request.POST, instance=found), request.GET.get("field", ""))
    if field is None:
        raise Http404
    return render(request, "forms/field_errors.html", {"field": field})


@require_http_methods(["GET", "POST"])
@may_edit
def user_delete(request: Request) -> HttpResponse:
    rows, template = ShopUser.objects.all(), "catalog/user_delete.html"
    return deleting.page(request, rows, one="user", template=template, after="catalog:user_list")


def _user(request: Request, user_id: int) -> ShopUser:
    """The user; for a form that was sent, one that is gone is there by its number, so that nothing typed is lost."""
    found = ShopUser.objects.filter(pk=user_id).first()
    if found is None and request.method != "POST":
        raise Http404
    return found or ShopUser(pk=user_id)
