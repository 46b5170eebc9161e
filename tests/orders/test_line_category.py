"""A line keeps the category that its product had when the line was written."""

import pytest

from catalog.models import Product
from orders.models import OrderItem
from tests.shop import ann, lamp, order_of, sql, value

pytestmark = pytest.mark.django_db
CATEGORY = "SELECT category FROM ecommerce.order_items"


def test_it_is_the_products_then() -> None:
    item = order_of(ann(), (lamp(category="Light"), 1)).items.get()
    Product.objects.update(category="Dark")
    item.refresh_from_db()
    item.save()
    sql("UPDATE ecommerce.order_items SET quantity = 2, product_id = product_id")
    assert value(CATEGORY) == "Light"


def test_plain_insert_may_give_it() -> None:
    order, product = order_of(ann()), lamp(category="Light")
    line = "INSERT INTO ecommerce.order_items (order_id, product_id, quantity, unit_price, category)"
    sql(f"{line} VALUES (%s, %s, 1, 1, 'Gift')", [order.pk, product.pk])
    sql(f"{line} VALUES (%s, %s, 1, 1, '')", [order.pk, product.pk])
    assert list(OrderItem.objects.values_list("category", flat=True)) == ["Gift", "Light"]


def test_another_product_brings_its_own() -> None:
    item = order_of(ann(), (lamp(category="Light"), 1)).items.get()
    item.product = chair = lamp(name="Chair", category="Seat")
    item.save()
    assert value(CATEGORY) == "Seat"
    sql("UPDATE ecommerce.order_items SET product_id = %s, category = 'Gift'", [lamp().pk])
    assert value(CATEGORY) == "Gift"
    sql("UPDATE ecommerce.order_items SET product_id = %s, category = ''", [chair.pk])
    assert value(CATEGORY) == "Seat"
