"""Every address of the site asks who it is, but for a short list."""

from collections.abc import Iterator

from django.contrib.admin import AdminSite
from django.urls import URLPattern, URLResolver, get_resolver

from lakeshop.admin_site import Site
from pages.roles import Role

PUBLIC = {"theme", "sign-in", "sign-in/learner", "sign-out", "healthz", "readyz"}
# Lead to one of the public ones, or to one that asks.
LEAD_ON = {"admin/login/", "admin/logout/", "admin/password_change/"}
# For whoever has signed in, whatever their role.
ANY_ROLE = {"connection", "account/password"}


def addresses(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, path)
        else:
            yield path, pattern


def admin_site_of(view: object) -> AdminSite | None:
    """The site whose admin_view() wraps the view, as the admin and its model admins leave it there."""
    site = getattr(view, "admin_site", None) or getattr(getattr(view, "model_admin", None), "admin_site", None)
    return site if isinstance(site, AdminSite) else None


def test_every_view_asks_for_a_role_or_is_public() -> None:
    found: dict[str, Role | None] = {}
    for path, pattern in addresses(get_resolver()):
        if admin_site_of(pattern.callback) is None:
            found.setdefault(path, getattr(pattern.callback, "needs", None))
    assert {path for path, role in found.items() if role is None} == PUBLIC | LEAD_ON
    assert {path for path, role in found.items() if role is Role.NOBODY} == ANY_ROLE
    assert found[""] is Role.VIEWER


def test_the_admin_site_is_ours() -> None:
    sites = {type(site) for _, pattern in addresses(get_resolver()) if (site := admin_site_of(pattern.callback))}
    assert sites == {Site}
