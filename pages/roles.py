"""What a signed-in person may do: three roles, which are Django groups, checked on every view and fragment."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from functools import cache, wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, Group, User
from django.contrib.auth.views import redirect_to_login
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render, resolve_url
from django_htmx.middleware import HtmxDetails

from .posted import posted
from .requests import Request

View = Callable[..., HttpResponseBase]
UNAUTHORIZED = 401
GO_ON = "go_on"  # asks the sign-in to say, once somebody is in, that their page waits in another tab
LOST = (
    "You had been signed out, and nothing of what you sent was saved. Your browser's Back button may show it once more:"
    " copy it from there."
)


class Role(IntEnum):
    """Each may do what those before it may. The groups bear these names in lower case."""

    NOBODY = 0
    VIEWER = 1
    EDITOR = 2
    ADMIN = 3

    @property
    def group(self) -> str:
        return self.name.lower()


ROLES = (Role.VIEWER, Role.EDITOR, Role.ADMIN)
# What else is asked with each question who the person is, by the name of the attribute that it becomes: an answer that
# pages need so often that it shall cost no round trip of its own. Apps add theirs when they are ready.
ASKED_ALONG: dict[str, RawSQL] = {}
_BY_GROUP = {role.group: role for role in ROLES}


def role_of(user: User | AnonymousUser) -> Role:
    """The highest of the person's groups; a superuser is an admin."""
    if not user.is_authenticated or not user.is_active:
        return Role.NOBODY
    if user.is_superuser:
        return Role.ADMIN
    names = user.group_names if hasattr(user, "group_names") else user.groups.values_list("name", flat=True)
    return max((_BY_GROUP.get(name, Role.NOBODY) for name in names), default=Role.NOBODY)


class Accounts(ModelBackend):
    """Django's accounts: the person comes with the names of their groups, and an admin may do everything."""

    def get_user(self, user_id: Any) -> User | None:
        user = next(iter(User.objects.raw(_person(), [user_id])), None)
        return user if user is not None and self.user_can_authenticate(user) else None

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return role_of(user_obj) is Role.ADMIN or super().has_perm(user_obj, perm, obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return role_of(user_obj) is Role.ADMIN or super().has_module_perms(user_obj, app_label)


@cache
def _person() -> str:
    """SQL that tells of an id who it is and in which groups. Every page and tick asks it, so it is compiled once."""
    groups = Group.objects.filter(user=OuterRef("pk")).values("name")
    asked = User.objects.annotate(group_names=ArraySubquery(groups), **ASKED_ALONG).filter(pk=0)
    sql, params = asked.query.sql_with_params()
    if params != (0,):
        raise ValueError(f"The id must be the only parameter: {sql} takes {params}.")
    return sql


def needs(role: Role) -> Callable[[View], View]:
    """Decorator: the view is for this role and those above. It bears `needs`, by which a test finds forgotten views."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return sign_in_first(request)
            if role_of(request.user) < role:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        checked.needs = role  # type: ignore[attr-defined]
        return checked

    return decorate


may_view, may_edit, may_administer = needs(Role.VIEWER), needs(Role.EDITOR), needs(Role.ADMIN)


def has_signed_in(view: View) -> View:
    """Decorator: for whoever bears our signature, believed without asking the database, so that nothing is woken."""

    @wraps(view)
    def checked(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if SESSION_KEY not in request.session:
            return sign_in_first(request)
        return view(request, *args, **kwargs)

    checked.needs = Role.NOBODY  # type: ignore[attr-defined]
    return checked


def sign_in_first(request: Request) -> HttpResponse:
    """A page leads to the sign-in and back. A fragment leaves the page that asked alone, with what is typed there."""
    if not request.htmx:
        return _whole_page(request)
    if request.htmx.boosted and request.method == "GET":  # somebody follows a link
        answer = HttpResponse(status=UNAUTHORIZED)
        answer["HX-Redirect"] = redirect_to_login(request.get_full_path()).url
        return answer
    is_filter = request.method == "GET" and _here(request) == request.path
    told = {
        "sign_in": redirect_to_login(request.get_full_path()).url if is_filter else _beside(),
        "is_filter": is_filter,
    }
    answer = render(request, "shell/_signed_out.html", told, status=UNAUTHORIZED)
    answer["HX-Retarget"], answer["HX-Reswap"] = "#trouble", "innerHTML"
    return answer


def _whole_page(request: Request) -> HttpResponse:
    """What was sent waits on a page for its sender to be back."""
    if (kept := posted(request)) is not None:
        return render(request, "signed_out.html", {"sign_in": _beside(), "posted": kept}, status=UNAUTHORIZED)
    if request.method == "POST":
        messages.warning(request, LOST, fail_silently=True)
    return redirect_to_login(request.get_full_path())


def _beside() -> str:
    """The address of a sign-in in another tab, which then leads back to this one."""
    return redirect_to_login(f"{resolve_url(settings.LOGIN_URL)}?{GO_ON}=").url


def _here(request: Request) -> str:
    """The path of the page that asks: what asks for that itself, such as a filter, will be the page's new address."""
    return (request.htmx.current_url_abs_path or "").partition("?")[0]


def is_refused_alone(request: HttpRequest) -> bool:
    """Whether a refusal shall be a fragment: htmx asked for one, not for a page."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)  # none yet where middleware refuses
    return htmx is not None and bool(htmx)
