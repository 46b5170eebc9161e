"""Deleting many at once: asked first, done whole, and what is needed is kept and told by name."""

import re

import pytest
from django.db.models.functions import Now
from django.test import Client

from audit.models import AuditEntry
from catalog.models import Product, ShopUser
from orders.models import Order
from pages.roles import Role
from tests.people import visitor
from tests.shop import ann, lamp, order_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> Client:
    return visitor(Role.EDITOR)


def test_it_is_asked_first(editor: Client) -> None:
    keys = [lamp(name="Desk").pk, lamp(name="Floor").pk]
    page = editor.get("/products/delete", {"pk": keys}).content.decode()
    assert "Desk" in page and "Floor" in page and "Delete 2" in page
    assert Product.objects.count() == 2


def confirmed(editor: Client, path: str, *rows: Product | ShopUser) -> dict[str, list[str]]:
    """What the page that asks sends when its button is pressed."""
    page = editor.get(path, {"pk": [row.pk for row in rows]}).content.decode()
    return {name: re.findall(f'name="{name}" value="([^"]+)"', page) for name in ("pk", "seen")}


def test_the_chosen_are_deleted_in_the_name_of_who_does_it(editor: Client) -> None:
    rows = [lamp(), lamp()]
    left = lamp(name="Left")
    answer = editor.post("/products/delete", confirmed(editor, "/products/delete", *rows))
    assert answer["Location"] == "/products/"
    assert list(Product.objects.all()) == [left]
    assert "2 products deleted." in editor.get("/products/").content.decode()
    gone = AuditEntry.objects.filter(operation="DELETE")
    assert {entry.actor for entry in gone} == {"editor"}
    assert {entry.record_id for entry in gone} == {row.pk for row in rows}


def test_what_is_needed_is_kept_and_named(editor: Client) -> None:
    sold, free, buyer, other = lamp(name="Sold"), lamp(name="Free"), ann(), ann(email="b@example.com", username="b")
    order_of(buyer, (sold, 1))
    page = editor.get("/products/delete", {"pk": [sold.pk, free.pk]}).content.decode()
    assert "needed by order items" in page and "Delete 1" in page
    editor.post("/products/delete", confirmed(editor, "/products/delete", sold, free) | {"pk": [sold.pk, free.pk]})
    assert list(Product.objects.all()) == [sold]
    assert "Kept, since still needed by order items: Sold" in editor.get("/products/").content.decode()
    editor.post("/users/delete", confirmed(editor, "/users/delete", buyer, other) | {"pk": [buyer.pk, other.pk]})
    assert list(ShopUser.objects.all()) == [buyer]
    assert Order.objects.count() == 1


def test_what_becomes_needed_meanwhile_is_kept_whole(editor: Client) -> None:
    sold, free = lamp(name="Sold"), lamp(name="Free")
    form = confirmed(editor, "/products/delete", sold, free)
    order_of(ann(), (sold, 1))
    editor.post("/products/delete", form)
    assert list(Product.objects.all()) == [sold]


@pytest.mark.parametrize("path", ["/products/delete", "/users/delete"])
def test_what_was_changed_meanwhile_is_looked_at_again(editor: Client, path: str) -> None:
    rows = [lamp(name="Edited"), lamp(name="Other")] if path.startswith("/products") else [ann(full_name="Edited")]
    form = confirmed(editor, path, *rows)
    rows[0]._meta.model._default_manager.filter(pk=rows[0].pk).update(updated_at=Now())
    answer = editor.post(path, form)
    page = answer.content.decode()
    assert answer.status_code == 200 and "Nothing is deleted yet" in page
    assert page.count("changed just now") == 1
    assert f'href="/audit/?table={rows[0]._meta.db_table}&amp;record={rows[0].pk}">See what changed</a>' in page
    assert rows[0]._meta.model._default_manager.count() == len(rows)
    editor.post(path, confirmed(editor, path, *rows))
    assert not rows[0]._meta.model._default_manager.exists()


@pytest.mark.parametrize("seen", [[], [""], ["1"], ["x\x00"], ["1 2020-01-01T00:00:00+00:00"]])
def test_a_form_that_has_seen_nothing_deletes_nothing(editor: Client, seen: list[str]) -> None:
    assert (
        "Nothing is deleted yet" in editor.post("/products/delete", {"pk": [lamp().pk], "seen": seen}).content.decode()
    )
    assert Product.objects.count() == 1


def test_what_another_has_deleted_is_told(editor: Client) -> None:
    mine, gone = lamp(name="Mine"), lamp(name="Gone")
    both, one = confirmed(editor, "/products/delete", mine, gone), confirmed(editor, "/products/delete", gone)
    key = gone.pk
    gone.delete()
    assert "1 of what you chose is gone" in editor.get("/products/delete", {"pk": [key]}).content.decode()
    editor.post("/products/delete", one)
    assert "Somebody else had deleted 1 product of these already." in editor.get("/products/").content.decode()
    editor.post("/products/delete", both)
    page = editor.get("/products/").content.decode()
    assert "1 product deleted." in page and "Somebody else had deleted 1 product" in page
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    "keys", [[], ["x"], ["--1"], ["-9999999999999999999"], ["99999999999999999999"], ["١"], ["1 OR 1=1"], [""]]
)
def test_nothing_chosen_is_said(editor: Client, keys: list[str]) -> None:
    lamp()
    assert "Nothing is selected" in editor.get("/products/delete", {"pk": keys}).content.decode()
    editor.post("/products/delete", {"pk": keys})
    assert Product.objects.count() == 1


@pytest.mark.parametrize("key", [-7, 2**63 - 1])
def test_whatever_key_a_row_has_it_can_be_deleted(editor: Client, key: int) -> None:
    editor.post("/products/delete", confirmed(editor, "/products/delete", lamp(product_id=key)))
    assert not Product.objects.exists()
