"""Deleting many at once: asked first, done whole, and what is needed is kept and told by name."""

import pytest
from django.test import Client

from audit.models import AuditEntry
from catalog.models import Product, ShopUser
from orders.models import Order
from pages import deleting
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


def test_the_chosen_are_deleted_in_the_name_of_who_does_it(editor: Client) -> None:
    keys = [lamp().pk, lamp().pk]
    left = lamp(name="Left")
    answer = editor.post("/products/delete", {"pk": keys})
    assert answer["Location"] == "/products/"
    assert list(Product.objects.all()) == [left]
    assert "2 products deleted." in editor.get("/products/").content.decode()
    gone = AuditEntry.objects.filter(operation="DELETE")
    assert {entry.actor for entry in gone} == {"editor"}
    assert {entry.record_id for entry in gone} == set(keys)


def test_what_is_needed_is_kept_and_named(editor: Client) -> None:
    sold, free, buyer, other = lamp(name="Sold"), lamp(name="Free"), ann(), ann(email="b@example.com", username="b")
    order_of(buyer, (sold, 1))
    page = editor.get("/products/delete", {"pk": [sold.pk, free.pk]}).content.decode()
    assert "needed by order items" in page and "Delete 1" in page
    editor.post("/products/delete", {"pk": [sold.pk, free.pk]})
    assert list(Product.objects.all()) == [sold]
    assert "Kept, since still needed by order items: Sold" in editor.get("/products/").content.decode()
    editor.post("/users/delete", {"pk": [buyer.pk, other.pk]})
    assert list(ShopUser.objects.all()) == [buyer]
    assert Order.objects.count() == 1


def test_what_becomes_needed_meanwhile_is_kept_whole() -> None:
    sold, free = lamp(), lamp()
    choice = deleting.choice_of(Product.objects.all(), [str(sold.pk), str(free.pk)])
    order_of(ann(), (sold, 1))
    assert not deleting.delete(choice.free)
    assert Product.objects.count() == 2


@pytest.mark.parametrize("keys", [[], ["x"], ["-1"], ["99999999999999999999"], ["١"], ["1 OR 1=1"], [""]])
def test_nothing_chosen_is_said(editor: Client, keys: list[str]) -> None:
    lamp()
    assert "Nothing is selected" in editor.get("/products/delete", {"pk": keys}).content.decode()
    editor.post("/products/delete", {"pk": keys})
    assert Product.objects.count() == 1
