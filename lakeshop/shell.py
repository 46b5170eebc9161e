"""What stands around every page: who looks at it, where they can go, how the database's endpoint is."""

from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString

from lakebase.connection_status import ACTIVE, ConnectionStatus, status
from pages.roles import Role, role_of

IDLE = "IDLE"


@dataclass(frozen=True, kw_only=True)
class Place:
    """An entry of the sidebar; current on every page whose name begins with one of `pages`."""

    title: str
    icon: str
    url: str
    pages: tuple[str, ...]
    role: Role = Role.VIEWER
    group: str = ""

    def current(self, view_name: str) -> str:
        """The value of aria-current: this very page, one of its section, or neither."""
        if view_name == self.url:
            return "page"
        return "true" if view_name.startswith(self.pages) else ""


PLACES = (
    Place(title="Dashboard", icon="layout-dashboard", url="home", pages=("home",)),
    Place(title="Orders", icon="shopping-cart", url="orders:order_list", pages=("orders:",), group="Shop"),
    Place(title="Products", icon="package", url="catalog:product_list", pages=("catalog:product",), group="Shop"),
    Place(title="Search", icon="search", url="catalog:search", pages=("catalog:search",), group="Shop"),
    Place(title="Users", icon="users", url="catalog:user_list", pages=("catalog:user",), group="Shop"),
    Place(title="Bulk import", icon="file-up", url="catalog:bulk_import", pages=("catalog:bulk_",), group="Shop"),
    Place(title="Query builder", icon="square-terminal", url="console:query", pages=("console:",), group="Database"),
    Place(title="Audit trail", icon="scroll-text", url="audit:trail", pages=("audit:",), group="Database"),
    Place(title="Admin", icon="shield", url="admin:index", pages=("admin:",), role=Role.ADMIN, group="Site"),
    Place(title="Reset the shop", icon="rotate-ccw", url="reset", pages=("reset",), role=Role.ADMIN, group="Site"),
)


@dataclass(frozen=True, kw_only=True)
class Person:
    name: str
    role: Role
    has_password: bool


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Everything is worked out when a template asks: fragments do not, nor does the 503 page."""
    return {
        "person": SimpleLazyObject(partial(_person, request)),
        "places": partial(_places, request),
        "connected": SimpleLazyObject(lambda: awake(status(patience=0))),
    }


def awake(told: ConnectionStatus) -> ConnectionStatus:
    """As told, but on a page that has just asked the database who looks at it: no endpoint sleeps then."""
    return replace(told, state=ACTIVE) if told.state == IDLE else told


def _person(request: HttpRequest) -> Person | None:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    return Person(name=user.get_username(), role=role_of(user), has_password=user.has_usable_password())


def _places(request: HttpRequest) -> SafeString:
    """The entries that this person may open, one marked as the current."""
    match = request.resolver_match
    return _listed(role_of(request.user), match.view_name if match else "", get_script_prefix())


@lru_cache(maxsize=512)
def _listed(role: Role, here: str, prefix: str) -> SafeString:
    """Drawn once for each role on each page; their addresses begin with `prefix`."""
    entries = [{"place": place, "current": place.current(here)} for place in PLACES if place.role <= role]
    return render_to_string("shell/_places.html", {"places": entries})
