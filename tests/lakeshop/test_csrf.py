"""Whatever writes needs the form's token: without it every address answers with the same page, and nothing changes."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from pages.roles import Role
from tests.lakeshop.addresses import addresses, shop
from tests.people import PASSWORD, account, visitor
from tests.shop import sql

TABLES = ("users", "products", "orders", "order_items", "order_placements", "csv_imports", "audit_log")
TABLES += ("auth_user", "auth_group", "auth_user_groups")
# What some page or other would take; the token alone is missing.
FIELDS = {
    "name": "Forged",
    "price": "1",
    "category": "Other",
    "stock_quantity": "1",
    "sku": "",
    "tags": "",
    "email": "forged@example.com",
    "username": "admin",
    "password": PASSWORD,
    "is_active": "on",
    "theme": "dark",
    "next": "/",
    "do": "place",
    "status": "paid",
    "seen": "pending",
    "post": "yes",
    "old_password": PASSWORD,
    "new_password1": "another lake",
    "new_password2": "another lake",
}


def contents() -> dict[str, Any]:
    """Of each table how many rows there are, and whether any is another."""
    return {name: sql(f"SELECT count(*), sum(hashtext(t::text)) FROM ecommerce.{name} t") for name in TABLES}


@pytest.fixture
def records(db: None) -> dict[str, Any]:
    return shop()


@pytest.fixture
def admin(records: dict[str, Any]) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(account(Role.ADMIN))
    client.get("/sign-in")  # brings the cookie
    return client


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_without_the_token_every_address_refuses(admin: Client, records: dict[str, Any], method: str) -> None:
    before = contents()
    fields = FIELDS | records | {"pk": records["product_id"]}
    for address in addresses():
        if address.pattern == "import/" and method != "post":
            continue  # 405: reads no body, hence asks for no token
        answer = getattr(admin, method)(address.path(records), fields if method == "post" else urlencode(fields))
        page = answer.content.decode()
        assert answer.status_code == 403, address
        assert '<section class="refusal">' in page and "This form has grown too old" in page, address
    assert contents() == before


@pytest.mark.parametrize("token", ["", "x", "a" * 32, "é" * 64, "\x00", "a" * 64])
def test_a_token_that_is_none_is_refused(admin: Client, token: str) -> None:
    before = contents()
    for path in ("/products/add", "/reset", "/import/", "/sign-out", "/theme"):
        assert admin.post(path, FIELDS | {"csrfmiddlewaretoken": token}).status_code == 403
        assert admin.post(path, FIELDS, headers={"X-CSRFToken": token}).status_code == 403
    assert contents() == before


def test_a_fragment_is_told_beside_what_was_typed(admin: Client, records: dict[str, Any]) -> None:
    for address in addresses():
        answer = admin.post(address.path(records), FIELDS, headers={"HX-Request": "true"})
        assert (answer.status_code, answer["HX-Retarget"]) == (403, "#trouble"), address
        assert answer.content.decode().startswith('<section class="refusal refusal-alone"'), address


def test_a_form_of_another_site_is_refused_though_it_knows_the_token(admin: Client, records: dict[str, Any]) -> None:
    token = admin.cookies["csrftoken"].value
    fields = FIELDS | {"csrfmiddlewaretoken": token}
    before = contents()
    for origin in ("https://evil.example", "null", "http://testserver.evil.example"):
        answer = admin.post("/products/add", fields, headers={"Origin": origin})
        assert answer.status_code == 403
    assert contents() == before
    assert admin.post("/products/add", fields, headers={"Origin": "http://testserver"}).status_code == 302


@pytest.mark.django_db
def test_reading_writes_nothing() -> None:
    """A link needs no token: whatever it leads to, it changes no row."""
    records, admin = shop(), visitor(Role.ADMIN)
    User.objects.filter(username="admin").update(last_login=None)
    before = contents()
    for address in addresses():
        admin.get(address.path(records))
    assert contents() == before
    assert connection.in_atomic_block
