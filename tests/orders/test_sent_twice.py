"""A submission that is sent again with its idempotency key gives the first order and places no second."""

from typing import Any

import pytest

from orders.checkout import Line, OrderRefused, Placed, cancel_order, place_order
from orders.models import Order, OrderPlacement
from tests.orders.conftest import AtOnce
from tests.shop import ann, lamp, sql


def order(customer: int, product: int, quantity: int = 1, **fields: Any) -> Placed:
    return cart(customer, (product, quantity), **fields)


def cart(customer: int, *lines: tuple[int, int], **fields: Any) -> Placed:
    asked = [Line(*line) for line in lines]
    return place_order(customer_id=customer, lines=asked, **{"idempotency_key": "k"} | fields)


@pytest.mark.django_db
def test_second_gives_the_first_also_when_the_goods_are_gone() -> None:
    user, product = ann().pk, lamp(stock_quantity=1).pk
    first = order(user, product, shipping_address={"a": 1, "b": 2})
    second = order(user, product, shipping_address={"b": 2, "a": 1})
    assert (first.again, second.again) == (False, True)
    assert (second.order, second.txid, second.order.stock_taken) == (first.order, first.txid, True)
    cancel_order(first.order.pk)
    assert order(user, product, shipping_address={"a": 1, "b": 2}).order.status == "cancelled"
    assert Order.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [{"quantity": 2}, {"payment_method": "paypal"}, {"shipping_address": {"city": "Oslo"}}, {"quantity": 0}],
)
def test_other_content_under_the_same_key_is_refused(change: dict[str, Any]) -> None:
    said = {"customer": ann().pk, "product": lamp(stock_quantity=9).pk}
    first = order(**said).order
    with pytest.raises(OrderRefused, match=rf"sent before with other content, as order {first.pk}\.") as refused:
        order(**said | change)
    assert [refusal.reason for refusal in refused.value.refusals] == ["key_reused"]


@pytest.mark.django_db
def test_lines_in_another_order_and_split_are_the_same_cart() -> None:
    user, light, chair = ann().pk, lamp(stock_quantity=9).pk, lamp(name="Chair", stock_quantity=9).pk
    first = cart(user, (light, 3), (chair, 1)).order
    for lines in ([(chair, 1), (light, 3)], [(light, 1), (chair, 1), (light, 2)]):
        again = cart(user, *lines)
        assert (again.again, again.order) == (True, first)
    # What adds up to the same by a quantity that no order has, is another cart; so is a line without a product.
    for lines in (
        [(light, 4), (light, -1), (chair, 1)],
        [(light, 3), (chair, 0)],
        [(light, 3)],
        [(light, 1), (chair, 3)],
    ):
        with pytest.raises(OrderRefused, match="sent before with other content"):
            cart(user, *lines)
    assert Order.objects.get().items.count() == 2


@pytest.mark.django_db
def test_key_is_its_customers_own() -> None:
    product, users = lamp(stock_quantity=9).pk, [ann().pk, ann(email="b@example.com", username="b").pk]
    placed = [order(user, product) for user in users]
    assert [one.again for one in placed] == [False, False]
    assert [order(user, product).order for user in users] == [one.order for one in placed]
    with pytest.raises(OrderRefused, match=rf"as order {placed[1].order.pk}\."):
        order(users[1], product, quantity=2)


@pytest.mark.django_db
def test_other_keys_and_none_place_other_orders() -> None:
    user, product = ann().pk, lamp(stock_quantity=9).pk
    made = {order(user, product, idempotency_key=key).order.pk for key in ("k", "K", "", "", "x" * 200)}
    assert len(made) == 5


@pytest.mark.django_db
def test_key_is_free_again_when_its_order_is_deleted() -> None:
    user, product = ann().pk, lamp(stock_quantity=9).pk
    order(user, product).order.delete()
    order(user, product)
    sql("DELETE FROM ecommerce.orders")
    assert not OrderPlacement.objects.exists()
    assert order(user, product, quantity=3).again is False


def test_eight_at_once_place_one(at_once: AtOnce) -> None:
    user, product = ann().pk, lamp(stock_quantity=20).pk
    placed = at_once(8, lambda _: order(user, product))
    assert sorted(one.again for one in placed) == [False] + [True] * 7
    assert len({(one.order.pk, one.txid) for one in placed}) == 1
    assert list(Order.objects.values_list("items__product__stock_quantity", flat=True)) == [19]
