"""Signing in and out: with Django's own views in our dress, and without being asked on the learner's own machine."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, SESSION_KEY, login, logout
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse_lazy
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from pages.requests import Request
from pages.roles import GO_ON, Accounts, has_signed_in

from .refusing import FORBIDDEN

BACKEND = "pages.roles.Accounts"
SIGNED_OUT = "signed_out"
ARRIVED = "arrived"


def is_at_this_machine(request: HttpRequest) -> bool:
    """Whether the browser runs here and speaks to us directly: no proxy stands between, and no foreign name does."""
    try:
        here = ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    proxied = any(name.lower().startswith(("x-forwarded", "forwarded", "x-real-ip")) for name in request.headers)
    return here and not proxied and split_domain_port(request.get_host())[0] in settings.THIS_MACHINE


def may_be_learner(request: HttpRequest) -> bool:
    return bool(settings.SIGN_IN_AS) and is_at_this_machine(request)


class LetsLearnerGoOn:
    """Middleware, before whatever asks for the user: a learner whose session is gone is answered all the same.

    What is sent, or asked for beside somebody's typing, would be lost on the way by the sign-in. Plain pages take it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        beside = request.method == "POST" or (request.htmx and not request.htmx.boosted)
        alone = SESSION_KEY not in request.session and not request.session.get(SIGNED_OUT)
        if beside and alone and may_be_learner(request) and _asks_who(request) and (person := learner()) is not None:
            _let_in_here(request, person)
        return self.get_response(request)


def _asks_who(request: HttpRequest) -> bool:
    try:
        return hasattr(resolve(request.path_info).func, "needs")
    except Resolver404:
        return False


def _let_in_here(request: Request, person: User) -> None:
    """The token stays: the page that asks has this one, and nobody else was signed in meanwhile."""
    token = request.META.get("CSRF_COOKIE")
    login(request, person, backend=BACKEND)
    request.user = Accounts().get_user(person.pk) or person  # with what every page needs to know of them
    if token is not None:
        request.META["CSRF_COOKIE"] = token
        request.META["CSRF_COOKIE_NEEDS_UPDATE"] = False


def learner() -> User | None:
    """The account that `manage.py up` has made; None when an administrator has switched it off."""
    return User.objects.filter(username=settings.SIGN_IN_AS, is_active=True).first()


class SignIn(LoginView):
    """Asks for name and password, unless this is the learner's own machine, where nobody is asked once."""

    template_name = "registration/sign_in.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        back = ARRIVED in request.GET
        if back and request.user.is_authenticated:
            return HttpResponseRedirect(self.get_success_url())
        unasked = request.user.is_anonymous and may_be_learner(request) and not request.session.get(SIGNED_OUT)
        if unasked and (person := learner()) is not None:
            return _no_cookies(request) if back else self._let_in(request, person)
        return super().get(request, *args, **kwargs)

    def _let_in(self, request: HttpRequest, person: User) -> HttpResponse:
        """By way of this page: a browser that keeps no cookies would go round in circles, and is told here instead."""
        login(request, person, backend=BACKEND)
        again = {ARRIVED: "", REDIRECT_FIELD_NAME: self.get_success_url()}
        return HttpResponseRedirect(f"{request.path}?{urlencode(again)}")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        known = self.request.user.is_authenticated
        told = {"learner": may_be_learner(self.request) and settings.SIGN_IN_AS}
        return super().get_context_data(**kwargs) | told | {"go_on": known and GO_ON in self.request.GET}


def _no_cookies(request: HttpRequest) -> HttpResponse:
    return render(request, "registration/no_cookies.html", status=FORBIDDEN)


sign_in = SignIn.as_view()


@require_POST
@never_cache
def sign_in_as_learner(request: HttpRequest) -> HttpResponse:
    person = learner() if may_be_learner(request) else None
    if person is None:
        raise PermissionDenied
    login(request, person, backend=BACKEND)
    form = SignIn()
    form.setup(request)
    return HttpResponseRedirect(form.get_success_url())


@transaction.non_atomic_requests
@require_POST
@never_cache
def sign_out(request: HttpRequest) -> HttpResponse:
    """Whoever signs out on purpose stays so, that other accounts can be tried."""
    logout(request)
    request.session[SIGNED_OUT] = True
    return redirect("sign_in")


class ChangePassword(PasswordChangeView):
    template_name = "registration/change_password.html"
    success_url = reverse_lazy("home")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "Your password is changed.")
        return super().form_valid(form)


change_password = has_signed_in(ChangePassword.as_view())
