"""Orders and items: subtotals, states and references are the database's, through the ORM and through plain SQL."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from orders.models import Order, OrderItem
from tests.shop import ann, lamp, order_of, sql, value

pytestmark = pytest.mark.django_db


def test_plain_insert_is_completed() -> None:
    user, product = ann(), lamp()
    order_id = value("INSERT INTO ecommerce.orders (user_id) VALUES (%s) RETURNING order_id", [user.pk])
    order = Order.objects.get(pk=order_id)
    assert (order.status, order.total_amount, order.shipping_address) == ("pending", 0, {})
    line = "INSERT INTO ecommerce.order_items (order_id, product_id, quantity, unit_price) VALUES (%s, %s, 3, 0.10)"
    sql(line, [order_id, product.pk])
    assert order.items.get().subtotal == Decimal("0.30")


def test_subtotal_follows_the_line() -> None:
    item = order_of(ann(), (lamp(), 2)).items.get()
    assert item.subtotal == Decimal("25.00")
    OrderItem.objects.update(quantity=2147483647, unit_price="99999999.99")
    item.refresh_from_db()
    assert item.subtotal == 2147483647 * Decimal("99999999.99")


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE ecommerce.orders SET status = 'lost'", "orders_status_known"),
        ("UPDATE ecommerce.orders SET payment_method = 'shells'", "orders_payment_method_known"),
        ("UPDATE ecommerce.orders SET total_amount = -1", "orders_total_not_negative"),
        ("UPDATE ecommerce.orders SET total_amount = 'NaN'", "orders_total_not_negative"),
        ("UPDATE ecommerce.orders SET order_date = 'infinity'", "orders_date_readable"),
        ("UPDATE ecommerce.orders SET order_date = '0001-12-31'", "orders_date_readable"),
        ("UPDATE ecommerce.orders SET shipping_address = '[]'", "orders_shipping_address_object"),
        ("UPDATE ecommerce.orders SET shipping_address = 'null'", "orders_shipping_address_object"),
        ("UPDATE ecommerce.orders SET shipping_address = '\"text\"'", "orders_shipping_address_object"),
        ("UPDATE ecommerce.orders SET shipping_address = '5'", "orders_shipping_address_object"),
        ("UPDATE ecommerce.orders SET user_id = 0", "orders_user_id_fkey"),
        ("UPDATE ecommerce.order_items SET quantity = 0", "order_items_quantity_positive"),
        ("UPDATE ecommerce.order_items SET unit_price = -1", "order_items_price_not_negative"),
        ("UPDATE ecommerce.order_items SET unit_price = 'NaN'", "order_items_price_not_negative"),
        ("UPDATE ecommerce.order_items SET order_id = 0", "order_items_order_id_fkey"),
        ("UPDATE ecommerce.order_items SET product_id = 0", "order_items_product_id_fkey"),
        ("DELETE FROM ecommerce.users", "orders_user_id_fkey"),
        ("DELETE FROM ecommerce.products", "order_items_product_id_fkey"),
    ],
)
def test_database_refuses(statement: str, constraint: str) -> None:
    order_of(ann(), (lamp(), 1))
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        sql(statement)


def test_deleted_order_takes_its_items_with_it() -> None:
    user, product = ann(), lamp()
    kept = order_of(user, (product, 1))
    sql("DELETE FROM ecommerce.orders WHERE order_id = %s", [order_of(user, (product, 2), (product, 3)).pk])
    order_of(user, (product, 4)).delete()
    assert [item.order_id for item in OrderItem.objects.all()] == [kept.pk]
    with pytest.raises(ProtectedError):
        product.delete()


def test_questions() -> None:
    user, other = ann(), ann(email="b@example.com", username="b")
    first, second = Order.objects.create(user=user, status="completed"), order_of(other)
    assert list(Order.objects.newest_first()) == [second, first]
    assert list(Order.objects.completed()) == list(Order.objects.placed_by(user)) == [first]
    assert list(Order.objects.in_status("pending")) == [second]


def test_nothing_lands_in_public() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        assert cursor.fetchall() == []
