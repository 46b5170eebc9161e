"""Many customers, cancellations and imports at once: nothing is sold twice, nothing is lost, nobody deadlocks."""

import random

from django.db import transaction

from catalog.models import Product
from orders.checkout import Line, OrderRefused, Placed, cancel_order, place_order
from orders.models import Order, OrderItem
from tests.orders.conftest import AtOnce
from tests.shop import ann, lamp, sql, value


def test_fifty_orders_on_a_stock_of_twenty(at_once: AtOnce) -> None:
    user, product = ann().pk, lamp(stock_quantity=20).pk
    answers = at_once(50, lambda _: place_order(customer_id=user, lines=[Line(product, 1)]))
    assert len([answer for answer in answers if isinstance(answer, Placed)]) == 20
    refused = [str(answer) for answer in answers if isinstance(answer, OrderRefused)]
    assert refused == ["No Lamp is left; line 1 asks for 1."] * 30
    assert value("SELECT stock_quantity FROM ecommerce.products") == 0
    assert Order.objects.count() == OrderItem.objects.count() == 20


def test_orders_cancellations_edits_and_merges_do_not_deadlock(at_once: AtOnce) -> None:
    stock, users = 10_000, [ann(email=f"{n}@example.com", username=f"u{n}").pk for n in range(3)]
    products = [lamp(name=f"Lamp {n}", stock_quantity=stock).pk for n in range(5)]

    def work(number: int) -> None:
        chance = random.Random(number)
        for _ in range(12):
            if number % 8 == 6:
                merge(products, chance)
            elif number % 8 == 7:
                sql("UPDATE ecommerce.users SET full_name = %s WHERE user_id = %s", ["x", chance.choice(users)])
                sql("UPDATE ecommerce.products SET price = price + 1 WHERE product_id = %s", [chance.choice(products)])
            else:
                lines = [Line(product, 1) for product in chance.sample(products, 3)]
                order = place_order(customer_id=chance.choice(users), lines=lines).order
                if number % 2:
                    cancel_order(order.pk)

    assert at_once(16, work) == [None] * 16
    sold = OrderItem.objects.exclude(order__status="cancelled").count()
    assert sold == 6 * 12 * 3
    assert sum(Product.objects.values_list("stock_quantity", flat=True)) == 5 * stock - sold


def merge(products: list[int], chance: random.Random) -> None:
    """As an import does: the rows locked by their keys' order, then written."""
    with transaction.atomic():
        keys = chance.sample(products, 4)
        list(Product.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True))
        Product.objects.filter(pk__in=keys).update(description=str(chance.random()))


def test_bulk_cancellation_beside_single_ones_and_new_orders(at_once: AtOnce) -> None:
    user, products = ann().pk, [lamp(name=f"Lamp {n}", stock_quantity=1000).pk for n in range(4)]
    made = [place_order(customer_id=user, lines=[Line(p, 1) for p in products]).order.pk for _ in range(20)]

    def work(number: int) -> None:
        if number == 0:
            sql(
                "UPDATE ecommerce.orders SET status = 'cancelled' WHERE order_id IN "
                "(SELECT order_id FROM ecommerce.orders WHERE order_id = ANY(%s) ORDER BY order_id FOR UPDATE)",
                [made],
            )
            return
        for order in made[number::7]:
            try:
                cancel_order(order)
            except OrderRefused as refused:
                assert "and stays so" in str(refused)
            place_order(customer_id=user, lines=[Line(p, 1) for p in reversed(products)])

    assert at_once(7, work) == [None] * 7
    kept = Order.objects.filter(status="pending").count()
    assert list(Product.objects.values_list("stock_quantity", flat=True)) == [1000 - kept] * 4
