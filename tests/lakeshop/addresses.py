"""Every address of the site, walked from the resolver, with a record of each kind behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from django.contrib.admin import AdminSite
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.urls import URLPattern, URLResolver, get_resolver

from audit.models import AuditEntry
from catalog.models import CsvImport
from pages.roles import Role
from tests.shop import ann, lamp, order_of

PLACE = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
SHA256 = "a" * 64


class Address(NamedTuple):
    """A pattern as written, and the view behind it."""

    pattern: str
    view: Any

    def __str__(self) -> str:
        return self.pattern

    @property
    def admin_site(self) -> AdminSite | None:
        """The site whose admin_view() wraps the view, as the admin and its model admins leave it there."""
        model_admin = getattr(self.view, "model_admin", None)
        site = getattr(self.view, "admin_site", None) or getattr(model_admin, "admin_site", None)
        return site if isinstance(site, AdminSite) else None

    @property
    def needs(self) -> Role | None:
        """The role that the view asks for; None when it asks for none."""
        return Role.ADMIN if self.admin_site else getattr(self.view, "needs", None)

    def path(self, records: dict[str, Any]) -> str:
        """KeyError names what `shop` below must make for a new kind of page."""
        filled = PLACE.sub(lambda found: str(records[found[1] or found[2]]), self.pattern)
        return "/" + filled.replace("^", "").replace("$", "").replace("\\.", ".").replace("\\Z", "")


@cache
def addresses() -> tuple[Address, ...]:
    """Each pattern once: the first one answers."""
    return tuple({each.pattern: each for each in reversed(tuple(_walk(get_resolver())))}.values())


def _walk(resolver: URLResolver, prefix: str = "") -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, path)
        else:
            assert isinstance(pattern, URLPattern)
            yield Address(path, pattern.callback)


def shop() -> dict[str, Any]:
    """A record of each kind; their numbers, by the names that patterns have for them."""
    product, user = lamp(stock_quantity=3), ann()
    order = order_of(user, (product, 1))
    zeros = dict.fromkeys(("lines", "inserted", "updated", "unchanged", "rejected", "txid"), 0)
    done = CsvImport.objects.create(kind="products", file_name="a.csv", sha256=SHA256, seconds=0, **zeros)
    of_catalog = {"product_id": product.pk, "user_id": user.pk, "kind": "products", "sha256": SHA256}
    of_admin = {
        "object_id": Group.objects.get(name="viewer").pk,
        "id": 1,
        "app_label": "catalog",
        "content_type_id": ContentType.objects.get_for_model(Group).pk,
        "url": "nowhere",
    }
    entry = AuditEntry.objects.latest("audit_id")
    return of_catalog | of_admin | {"query_id": 1, "order_id": order.pk, "import_id": done.pk, "audit_id": entry.pk}
