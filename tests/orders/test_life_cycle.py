"""Orders go their way and no other, and a cancelled one gives its goods back once."""

import itertools

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from orders.checkout import Line, OrderRefused, cancel_order, move_order, place_order
from orders.models import Order, Status
from tests.orders.conftest import AtOnce
from tests.shop import ann, lamp, order_of, sql, value

STOCK = "SELECT string_agg(stock_quantity::text, ' ' ORDER BY product_id) FROM ecommerce.products"
MOVES = list(itertools.product(Status, Status))


def in_status(status: str) -> Order:
    return Order.objects.create(user=ann(), status=status)


def placed(*lines: tuple[Product, int]) -> Order:
    user = ann(email=f"{Order.objects.count()}@example.com", username=f"u{Order.objects.count()}")
    return place_order(customer_id=user.pk, lines=[Line(product.pk, quantity) for product, quantity in lines]).order


@pytest.mark.django_db
def test_model_and_database_know_the_same_life_cycle() -> None:
    for status in Status:
        assert value("SELECT order_status_following(%s)", [status]) == list(status.following)
    assert value("SELECT order_status_following('lost')") is None


@pytest.mark.django_db
@pytest.mark.parametrize(("was", "wanted"), MOVES)
def test_plain_update_goes_where_the_life_cycle_goes(was: Status, wanted: Status) -> None:
    order = in_status(was)
    update = "UPDATE ecommerce.orders SET status = %s WHERE order_id = %s RETURNING status"
    if wanted == was or wanted in was.following:
        assert value(update, [wanted, order.pk]) == wanted
    else:
        with pytest.raises(
            IntegrityError, match=f"Order {order.pk} is {was}[^$]*HINT:  Orders go from pending to paid"
        ):
            sql(update, [wanted, order.pk])


@pytest.mark.django_db
@pytest.mark.parametrize(("was", "wanted"), MOVES)
def test_move_is_one_query_and_refused_in_words(was: Status, wanted: Status) -> None:
    order = in_status(was)
    with CaptureQueriesContext(connection) as queries:
        if wanted in was.following:
            assert move_order(order.pk, wanted).status == wanted
        else:
            with pytest.raises(OrderRefused) as refused:
                move_order(order.pk, wanted)
            allowed = " or ".join(was.following)
            rest = f": it can become {allowed}, not {wanted}." if allowed else ", and stays so."
            assert str(refused.value) == f"Order {order.pk} is {was}{rest}"
            assert refused.value.refusals[0].reason == "move_forbidden"
    assert len(queries) == 1
    order.refresh_from_db()
    assert order.status == (wanted if wanted in was.following else was)


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", ["", "lost", "Paid"])
def test_unknown_status_and_unknown_order(wanted: str) -> None:
    order = in_status("pending")
    with pytest.raises(OrderRefused, match=f"it can become paid or cancelled, not {wanted}."):
        move_order(order.pk, wanted)
    for key in (0, order.pk + 1, 10**30):
        with pytest.raises(OrderRefused, match=f"There is no order {min(key, 2**63 - 1)}."):
            move_order(key, "paid")


@pytest.mark.django_db
def test_cancelled_order_gives_its_goods_back_once() -> None:
    light, chair = lamp(stock_quantity=9), lamp(name="Chair", stock_quantity=5)
    order = placed((light, 2), (chair, 1), (light, 3))
    assert value(STOCK) == "4 4"
    move_order(order.pk, "paid")
    order = cancel_order(order.pk)
    assert (order.status, order.stock_taken, value(STOCK)) == ("cancelled", False, "9 5")
    with pytest.raises(OrderRefused, match=f"Order {order.pk} is cancelled, and stays so."):
        cancel_order(order.pk)
    sql("UPDATE ecommerce.orders SET status = 'cancelled'")
    assert value(STOCK) == "9 5"


@pytest.mark.django_db
def test_one_plain_update_cancels_many() -> None:
    light, chair = lamp(stock_quantity=9), lamp(name="Chair", stock_quantity=5)
    for _ in range(3):
        placed((light, 2), (chair, 1))
    order_of(Order.objects.first().user, (light, 100))  # never took any
    move_order(placed((light, 1)).pk, "paid")
    shipped = move_order(move_order(placed((light, 1)).pk, "paid").pk, "shipped")
    assert value(STOCK) == "1 2"
    sql("UPDATE ecommerce.orders SET status = 'cancelled', stock_taken = true WHERE status IN ('pending', 'paid')")
    assert value(STOCK) == "8 5"
    assert list(Order.objects.filter(stock_taken=True)) == [shipped]


@pytest.mark.django_db
def test_upsert_and_saved_model_give_back_too() -> None:
    light = lamp(stock_quantity=9)
    first, second = placed((light, 1)), placed((light, 2))
    upsert = """INSERT INTO ecommerce.orders (order_id, user_id) VALUES (%s, %s)
        ON CONFLICT (order_id) DO UPDATE SET status = 'cancelled'"""
    sql(upsert, [first.pk, first.user_id])
    assert value(STOCK) == "7"
    second.status = Status.CANCELLED
    second.save()
    assert value(STOCK) == "9"


@pytest.mark.django_db
def test_refused_move_in_a_bulk_update_changes_nothing() -> None:
    light = lamp(stock_quantity=9)
    placed((light, 2))
    Order.objects.create(user=Order.objects.get().user, status="shipped")
    with (
        pytest.raises(IntegrityError, match="is shipped: it can become completed, not cancelled"),
        transaction.atomic(),
    ):
        sql("UPDATE ecommerce.orders SET status = 'cancelled'")
    assert value(STOCK) == "7"


@pytest.mark.django_db
def test_goods_that_no_stock_has_room_for_are_not_taken_back() -> None:
    light, chair = lamp(stock_quantity=5), lamp(name="Chair", stock_quantity=5)
    order = placed((light, 3), (chair, 2))
    Product.objects.filter(pk=light.pk).update(stock_quantity=2**31 - 3)
    told = (
        f"The stock of Lamp (product {light.pk}) is 2147483645, and with the 3 given back it would be over "
        "2147483647, the most there can be: lower it first."
    )
    with pytest.raises(OrderRefused) as refused:
        cancel_order(order.pk)
    assert str(refused.value) == told
    with pytest.raises(IntegrityError) as violated, transaction.atomic():
        sql("UPDATE ecommerce.orders SET status = 'cancelled'")
    assert told in str(violated.value)
    order.refresh_from_db()
    assert (order.status, value(STOCK)) == ("pending", "2147483645 3")
    Product.objects.filter(pk=light.pk).update(stock_quantity=2**31 - 4)
    assert cancel_order(order.pk).status == "cancelled"
    assert value(STOCK) == "2147483647 5"


def test_cancelled_by_many_at_once_gives_back_once(at_once: AtOnce) -> None:
    order = placed((lamp(stock_quantity=9), 2))
    answers = at_once(8, lambda _: cancel_order(order.pk))
    assert len([answer for answer in answers if isinstance(answer, Order)]) == 1
    assert len([answer for answer in answers if isinstance(answer, OrderRefused)]) == 7
    assert value(STOCK) == "9"


def test_order_is_cancelled_from_sql(db: None) -> None:
    order = order_of(ann(), (lamp(), 1))
    answer = "SELECT (moved).status, refusal FROM ecommerce.cancel_order(%s)"
    assert sql(answer, [order.pk]) == [("cancelled", None)]
    assert sql(answer, [order.pk]) == [("cancelled", f"Order {order.pk} is cancelled, and stays so.")]
