"""A request that is too large is refused by its stated length: nothing of it is read, written or put in memory."""

import io
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from catalog.models import LONGEST_DESCRIPTION, Product
from pages.roles import Role
from tests.people import unasked_visitor, visitor

FORM = 2_621_440  # what Django takes of a form by itself
LONG_FORM = 13 << 20
UPLOAD = 200 << 20
FILE = {"CONTENT_TYPE": "multipart/form-data; boundary=x"}
EVERYWHERE = ("/", "/sign-in", "/theme", "/products/add", "/orders/place", "/nowhere", "/admin/", "/healthz")
ADMIN_IMPORTS = ("/admin/catalog/product/import/", "/admin/catalog/shopuser/import/")


class Unread(io.RawIOBase):
    def read(self, *_: Any) -> bytes:
        raise AssertionError("The body is read.")


def sent(client: Client, path: str, length: int | str, **headers: Any) -> Any:
    """A request of which only the head is looked at."""
    return client.post(path, **{"wsgi.input": Unread(), "CONTENT_LENGTH": str(length)} | FILE | headers)


@pytest.mark.parametrize("path", [*EVERYWHERE, *ADMIN_IMPORTS])
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/csv"])
def test_a_strangers_body_is_not_read(client: Client, path: str, kind: str) -> None:
    """Without the mark `django_db`: the database is not asked either."""
    answer = sent(client, path, FORM + 1, CONTENT_TYPE=kind)
    page = answer.content.decode()
    assert answer.status_code == 413
    assert '<section class="refusal">' in page and "up to 2.5 MB" in page


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_of_those_signed_in_a_form_is_no_larger(role: Role) -> None:
    client = visitor(role)
    for path in ("/users/add", "/orders/place", "/audit/", "/admin/catalog/shopuser/add/"):
        assert sent(client, path, FORM + 1).status_code == 413


@pytest.mark.django_db
def test_the_longest_description_is_taken_of_those_signed_in() -> None:
    longest = "\U0001f4a1" * LONGEST_DESCRIPTION
    fields = {
        "name": "Lamp",
        "sku": "L-1",
        "price": "1",
        "stock_quantity": "1",
        "category": "x",
        "description": longest,
    }
    body, kind = urlencode(fields), "application/x-www-form-urlencoded"
    answer = visitor(Role.EDITOR).post("/products/add", body, content_type=kind)
    assert answer.status_code == 302 and Product.objects.get().description == longest
    admin = visitor(Role.ADMIN)
    for path in ("/products/add", "/products/1/edit", "/admin/catalog/product/add/"):
        assert sent(admin, path, LONG_FORM + 1).status_code == 413


@pytest.mark.django_db
@pytest.mark.parametrize("path", ADMIN_IMPORTS)
def test_the_admin_takes_files(path: str) -> None:
    client = visitor(Role.ADMIN)
    assert sent(client, path, UPLOAD + FORM + 1).status_code == 413
    small = io.BytesIO(b"name,price\nLamp,1\n" + b"x" * FORM)
    small.name = "lamps.csv"
    assert client.post(path, {"import_file": small, "format": "0"}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", ADMIN_IMPORTS)
def test_a_signature_opens_no_more_than_that(path: str) -> None:
    assert sent(unasked_visitor(), path, UPLOAD * 2).status_code == 413


def test_htmx_is_told_beside_what_was_typed(client: Client) -> None:
    answer = sent(client, "/products/add", FORM + 1, HTTP_HX_REQUEST="true")
    assert answer.status_code == 413 and answer["HX-Retarget"] == "#trouble"
    assert answer.content.decode().startswith('<section class="refusal refusal-alone"')


@pytest.mark.parametrize("length", ["", "-1", "x", "1e9", "0", "²"])
def test_a_length_that_is_none_is_no_body(client: Client, length: str) -> None:
    answer = client.post("/theme", **{"wsgi.input": io.BytesIO(b"theme=dark"), "CONTENT_LENGTH": length})
    assert answer.status_code == 400


def test_what_fits_is_taken(client: Client) -> None:
    body = b"theme=dark&x=" + b"x" * (FORM - 100)
    answer = client.post("/theme", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 302
