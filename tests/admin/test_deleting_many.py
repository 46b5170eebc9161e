"""Many rows of a list are deleted at once, up to a number whose confirmation can still be read and sent."""

import pytest

from audit.audited_admin import DELETED_AT_ONCE
from catalog.models import Product
from tests.admin.conftest import Visitor
from tests.shop import lamp, sql

pytestmark = pytest.mark.django_db

PRODUCTS = "/admin/catalog/product/"
ALL = {"action": "delete_selected", "select_across": "1", "index": "0"}


def some(number: int) -> None:
    sql("INSERT INTO products (name, price) SELECT 'Lamp', 1 FROM generate_series(1, %s)", [number])


def test_as_many_as_can_be_confirmed_are_deleted(visitor: Visitor) -> None:
    some(DELETED_AT_ONCE)
    first = Product.objects.earliest("pk").pk
    assert "Are you sure" in visitor.send(PRODUCTS, ALL | {"_selected_action": [first]})
    keys = list(Product.objects.values_list("pk", flat=True))
    page = visitor.send(PRODUCTS, {"action": "delete_selected", "post": "yes", "_selected_action": keys})
    assert f"Successfully deleted {DELETED_AT_ONCE} products." in page and not Product.objects.exists()


@pytest.mark.parametrize("sent", [{}, {"post": "yes"}])
def test_more_are_refused_before_they_are_listed(visitor: Visitor, sent: dict[str, str]) -> None:
    some(DELETED_AT_ONCE)
    page = visitor.send(PRODUCTS, ALL | sent | {"_selected_action": [lamp().pk]})
    assert "Nothing is deleted: at most 500 can be at once." in page and "Are you sure" not in page
    assert Product.objects.count() == DELETED_AT_ONCE + 1
