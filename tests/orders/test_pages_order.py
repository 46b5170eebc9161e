"""One order on its page: what is in it, what became of it, moving it on, cancelling it."""

import re
from html import unescape
from textwrap import indent
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from audit.actor import acting_as
from audit.models import AuditEntry
from catalog.models import Product
from orders.checkout import Line, cancel_order, move_order, place_order
from orders.happened import Step, happened, timeline, writing
from orders.models import Order, Status
from pages.roles import Role
from tests.people import visitor
from tests.shop import ann, lamp, order_of, sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> Client:
    return visitor(Role.EDITOR)


@pytest.fixture
def order() -> Order:
    """Two of three lamps, placed by "shop" with a key."""
    address = {"street": "1 O'Hara St", "city": "Denver", "country": "US"}
    lines = [Line(lamp(stock_quantity=3).pk, 2), Line(lamp(name="Floor", price="80", stock_quantity=9).pk, 1)]
    with acting_as("shop"):
        return place_order(
            customer_id=ann(full_name="Ann Lee").pk, lines=lines, shipping_address=address, idempotency_key="key-1"
        ).order


def words(answer: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


def stock() -> list[int]:
    return list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True))


def test_the_page_says_what_was_bought_by_whom_and_where_it_goes(editor: Client, order: Order) -> None:
    said = words(editor.get(f"/orders/{order.pk}/"))
    for each in (f"Order {order.pk} pending", "Lamp", "$25.00", "$105.00", "Ann Lee", "1 O'Hara St", "Credit card"):
        assert each in said


def test_the_address_reads_in_the_order_of_writing(editor: Client, order: Order) -> None:
    page = words(editor.get(f"/orders/{order.pk}/"))
    assert page.index("street: 1 O'Hara St") < page.index("city: Denver") < page.index("country: US")


def test_the_panel_tells_the_call_the_row_and_the_transaction(editor: Client, order: Order) -> None:
    first, second = order.items.values_list("product_id", flat=True)
    answer = editor.get(f"/orders/{order.pk}/")
    said = words(answer)
    assert (
        f"SELECT * FROM place_order({order.user_id}, '{{{first},{second}}}'::bigint[], '{{2,1}}'::bigint[], "
        """'{"street": "1 O''Hara St", "city": "Denver", "country": "US"}', 'credit_card', 'key-1')"""
    ) in unescape(answer.content.decode())
    txid = order.placement.txid
    for each in (f"order_id {order.pk}", "total_amount 105.00", "stock_taken true", "again false", f"txid {txid}"):
        assert each in said
    for each in ("stock_quantity 3 → 1", "stock_quantity 9 → 8", f"INSERT Order {order.pk}", "By shop"):
        assert each in said
    assert said.count(f"INSERT Line of order {order.pk}") == 2


def test_the_call_that_is_shown_is_the_call(order: Order) -> None:
    told = happened(order.pk)
    assert told is not None
    assert sql(told.statement.replace("%", "%%"))[0][0] == order.pk  # the same fingerprint: asked again, answered again
    assert Order.objects.count() == 1


def test_the_panel_shows_the_statement_with_returning_as_the_database_has_it(editor: Client, order: Order) -> None:
    shown = unescape(editor.get(f"/orders/{order.pk}/").content.decode())
    ((body,),) = sql("SELECT prosrc FROM pg_proc WHERE proname = 'place_order'")
    assert writing() in shown and indent(writing(), "    ") in body
    assert writing().count("RETURNING") == 2 and writing().startswith("WITH ") and writing().endswith("FROM made;")


def test_the_row_it_returned_stays_what_it_was(editor: Client, order: Order) -> None:
    move_order(order.pk, Status.PAID)
    assert "status pending" in words(editor.get(f"/orders/{order.pk}/"))


def test_an_order_placed_by_plain_sql_has_no_panel(editor: Client) -> None:
    made = order_of(ann(), (lamp(), 1))
    page = words(editor.get(f"/orders/{made.pk}/"))
    assert "What happened in the database" not in page and "no address" in page


@pytest.mark.parametrize("address", [{}, {"items": [1], "a": {"b": None}}, {"</script>": "</script>"}])
def test_any_json_is_shown_as_an_address(editor: Client, address: Any) -> None:
    made = Order.objects.create(user=ann(), shipping_address=address)
    page = editor.get(f"/orders/{made.pk}/")
    assert page.status_code == 200 and "</script></" not in page.content.decode().partition('class="address"')[2][:60]


def test_the_timeline_tells_who_moved_it_when_and_what_is_ahead(order: Order) -> None:
    for actor, status in (("ada", Status.PAID), ("bob", Status.SHIPPED)):
        with acting_as(actor):
            moved = move_order(order.pk, status)
    Order.objects.filter(pk=order.pk).update(payment_method="paypal")
    steps = timeline(moved, AuditEntry.objects.of_record("orders", order.pk))
    assert [(step.status, step.by) for step in steps] == [
        *((Status.PENDING, "shop"), (Status.PAID, "ada"), (Status.SHIPPED, "bob")),
        (Status.COMPLETED, ""),
    ]
    assert [step.at is None for step in steps] == [False, False, False, True]


def test_without_a_trail_the_order_tells_where_it_is() -> None:
    made = Order.objects.create(user=ann(), status=Status.PAID)
    made.refresh_from_db()
    assert timeline(made, []) == [
        Step(Status.PAID, made.order_date),
        Step(Status.SHIPPED),
        Step(Status.COMPLETED),
    ]


def test_a_cancelled_order_has_nothing_ahead(order: Order) -> None:
    steps = timeline(cancel_order(order.pk), AuditEntry.objects.of_record("orders", order.pk))
    assert [step.status for step in steps] == [Status.PENDING, Status.CANCELLED]


def test_an_order_is_moved_on(editor: Client, order: Order) -> None:
    answer = editor.post(f"/orders/{order.pk}/move", {"status": "paid"}, follow=True)
    assert f"Order {order.pk} is paid now." in words(answer)
    assert "Mark as shipped" in words(answer) and "Mark as paid" not in words(answer)
    order.refresh_from_db()
    assert order.status == Status.PAID


def test_who_comes_too_late_is_told_and_sees_the_order_as_it_is(editor: Client, order: Order) -> None:
    move_order(order.pk, Status.PAID)
    move_order(order.pk, Status.SHIPPED)
    answer = editor.post(f"/orders/{order.pk}/move", {"status": "paid"})
    assert answer.status_code == 409
    assert f"Order {order.pk} is shipped: it can become completed, not paid." in words(answer)
    assert "Mark as completed" in words(answer)


def test_who_cancels_too_late_is_told(editor: Client, order: Order) -> None:
    move_order(order.pk, Status.PAID)
    move_order(order.pk, Status.SHIPPED)
    answer = editor.post(f"/orders/{order.pk}/cancel")
    assert answer.status_code == 409 and "it can become completed, not cancelled" in words(answer)
    assert stock() == [1, 8]
    asked = words(editor.get(f"/orders/{order.pk}/cancel"))
    assert "it can no longer be cancelled" in asked


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        ("pending", "it was <bdi>pending</bdi> when you looked at it"),
        ("", "has moved this order meanwhile: it is paid"),
        ("<b>", "it was <bdi>&lt;b&gt;</bdi> when"),
    ],
)
def test_who_cancels_what_was_moved_meanwhile_is_asked_again(
    editor: Client, order: Order, seen: str, told: str
) -> None:
    move_order(order.pk, Status.PAID)
    answer = editor.post(f"/orders/{order.pk}/cancel", {"seen": seen})
    assert answer.status_code == 409
    assert told in answer.content.decode()
    assert "it is paid now. Nothing is cancelled yet." in words(answer)
    assert stock() == [1, 8]
    assert 'name="seen" value="paid"' in answer.content.decode()
    editor.post(f"/orders/{order.pk}/cancel", {"seen": "paid"})
    assert stock() == [3, 9]


def test_goods_that_no_stock_has_room_for_are_told(editor: Client, order: Order) -> None:
    Product.objects.filter(name="Floor").update(stock_quantity=2**31 - 1)
    answer = editor.post(f"/orders/{order.pk}/cancel", {"seen": order.status})
    assert answer.status_code == 409
    assert "with the 1 given back it would be over 2147483647, the most there can be: lower it" in words(answer)


def test_cancelling_asks_first_and_gives_back(editor: Client, order: Order) -> None:
    asked = words(editor.get(f"/orders/{order.pk}/cancel"))
    assert "Goes back to stock: 3 pieces" in asked and "2 of Lamp" in asked
    assert stock() == [1, 8]
    answer = editor.post(f"/orders/{order.pk}/cancel", {"seen": "pending"}, follow=True)
    assert f"Order {order.pk} is cancelled. 3 pieces went back to stock." in words(answer)
    assert stock() == [3, 9]
    assert "Mark as" not in words(answer)


def test_an_order_that_took_nothing_gives_nothing_back(editor: Client) -> None:
    made = order_of(ann(), (lamp(stock_quantity=1), 1))
    assert "never took anything" in words(editor.get(f"/orders/{made.pk}/cancel"))
    assert "had taken nothing" in words(editor.post(f"/orders/{made.pk}/cancel", {"seen": "pending"}, follow=True))
    assert stock() == [1]


@pytest.mark.parametrize("status", ["", "cancelled", "lost", "PAID", "pa\x00id", "paid "])
def test_what_is_no_move_is_a_bad_request(editor: Client, order: Order, status: str) -> None:
    assert editor.post(f"/orders/{order.pk}/move", {"status": status}).status_code == 400


@pytest.mark.parametrize("number", ["0", "999", "9" * 18, "9" * 30])
def test_there_is_no_such_order(editor: Client, number: str) -> None:
    for address in (f"/orders/{number}/", f"/orders/{number}/cancel"):
        assert editor.get(address).status_code == 404
    assert editor.post(f"/orders/{number}/move", {"status": "paid"}).status_code == 404
    assert editor.post(f"/orders/{number}/cancel").status_code == 404


def test_a_viewer_sees_and_changes_nothing(order: Order) -> None:
    viewer = visitor(Role.VIEWER)
    page = words(viewer.get(f"/orders/{order.pk}/"))
    assert "Mark as" not in page and "Cancel" not in page
    assert viewer.post(f"/orders/{order.pk}/move", {"status": "paid"}).status_code == 403
    assert viewer.get(f"/orders/{order.pk}/cancel").status_code == 403
    assert viewer.post(f"/orders/{order.pk}/cancel").status_code == 403
    order.refresh_from_db()
    assert order.status == Status.PENDING


@pytest.mark.parametrize("address", ["move", "cancel"])
def test_a_form_of_another_site_is_refused(order: Order, address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = visitor(Role.EDITOR).cookies
    assert client.post(f"/orders/{order.pk}/{address}", {"status": "paid"}).status_code == 403


def test_the_page_costs_few_queries(
    editor: Client, order: Order, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(6):  # who it is, the order, its lines, its history, its placement and what that did
        assert editor.get(f"/orders/{order.pk}/").status_code == 200


def test_what_has_a_negative_key_can_be_ordered() -> None:
    editor = visitor(Role.EDITOR)
    lamp(product_id=-7, name="Early lamp")
    ann(user_id=-8, username="early")
    page = editor.get("/orders/place?product=-7&customer=-8").content.decode()
    assert 'name="product" value="-7"' in page and 'name="customer" value="-8"' in page
