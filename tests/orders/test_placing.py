"""An order takes its goods from stock and is recorded whole, in one round trip."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.actor import acting_as
from audit.models import AuditEntry
from catalog.models import Product
from orders.checkout import Line, OrderRefused, place_order
from orders.models import Order, PaymentMethod
from tests.shop import ann, lamp, sql, value

pytestmark = pytest.mark.django_db


def test_order_is_recorded_whole_and_takes_the_goods() -> None:
    user, light, chair = ann(), lamp(stock_quantity=5, category="Light"), lamp(name="Chair", price=99, stock_quantity=1)
    lines = [Line(chair.pk, 1), Line(light.pk, 2)]
    address = {"city": "Ålesund", "street": "O'Hara \\u0000 1", "lines": [1, None]}
    with CaptureQueriesContext(
        connection,
    ) as queries:
        order, again, txid = place_order(
            customer_id=user.pk, lines=lines, shipping_address=address, payment_method=PaymentMethod.PAYPAL
        )
    assert len(queries) == 1
    assert (again, txid) == (False, value("SELECT txid_current()"))
    assert order == Order.objects.get()
    for placed in (order, Order.objects.get()):
        assert (placed.user, placed.status, placed.total_amount) == (user, "pending", Decimal("124.00"))
        assert (placed.shipping_address, placed.payment_method, placed.stock_taken) == (address, "paypal", True)
    items = order.items.values_list("product", "quantity", "unit_price", "subtotal", "category")
    assert list(items) == [(chair.pk, 1, 99, 99, "Other"), (light.pk, 2, Decimal("12.50"), 25, "Light")]
    assert list(Product.objects.values_list("stock_quantity", flat=True)) == [3, 0]


def test_order_is_paid_by_card_and_sent_nowhere_unless_told() -> None:
    order = place_order(customer_id=ann().pk, lines=[Line(lamp(stock_quantity=1).pk, 1)]).order
    assert (order.shipping_address, order.payment_method) == ({}, "credit_card")


def test_same_product_twice_is_added_up() -> None:
    user, light, chair = ann(), lamp(stock_quantity=5), lamp(name="Chair", stock_quantity=5)
    order = place_order(customer_id=user.pk, lines=[Line(light.pk, 2), Line(chair.pk, 1), Line(light.pk, 3)]).order
    assert list(order.items.values_list("product", "quantity")) == [(light.pk, 5), (chair.pk, 1)]
    assert order.total_amount == Decimal("75.00")


def test_hundreds_of_lines() -> None:
    user = ann()
    products = [lamp(name=f"Lamp {n}", price=n, stock_quantity=n) for n in range(1, 301)]
    order = place_order(customer_id=user.pk, lines=[Line(p.pk, p.stock_quantity) for p in products]).order
    assert order.items.count() == 300
    assert order.total_amount == sum(n * n for n in range(1, 301))
    assert not Product.objects.available().exists()


def test_plain_sql_places_orders_too() -> None:
    user, light = ann(), lamp(stock_quantity=2)
    placed = "SELECT status, total_amount, again, refusals FROM place_order(%s, ARRAY[%s], ARRAY[2])"
    assert sql(placed, [user.pk, light.pk]) == [("pending", 25, False, None)]
    ((status, total, again, refusals),) = sql(placed, [user.pk, light.pk])
    assert (status, total, again) == (None, None, False)
    assert "No Lamp is left; line 1 asks for 2." in refusals


def test_every_change_is_audited_in_the_actors_name() -> None:
    user, light = ann(), lamp(stock_quantity=2)
    with acting_as("ann", "r1"):
        _, _, txid = place_order(customer_id=user.pk, lines=[Line(light.pk, 1)])
    entries = AuditEntry.objects.filter(txid=txid, actor="ann", request_id="r1").order_by("audit_id")
    changes = [(entry.operation, entry.table_name) for entry in entries]
    assert changes == [("UPDATE", "products"), ("INSERT", "orders"), ("INSERT", "order_items")]


def test_refused_order_leaves_nothing_and_the_transaction_goes_on() -> None:
    user, light = ann(), lamp(stock_quantity=2)
    entries = AuditEntry.objects.count()
    with pytest.raises(OrderRefused):
        place_order(customer_id=user.pk, lines=[Line(light.pk, 1), Line(light.pk, 2)], idempotency_key="k")
    assert not Order.objects.exists()
    assert AuditEntry.objects.count() == entries
    assert value("SELECT count(*) FROM order_placements") == 0
    assert place_order(customer_id=user.pk, lines=[Line(light.pk, 2)], idempotency_key="k").again is False
