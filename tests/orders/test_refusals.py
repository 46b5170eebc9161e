"""A refused order names every line that is wrong and says what would help."""

from decimal import Decimal
from typing import Any

import pytest

from catalog.models import HIGHEST_PRICE
from orders.checkout import Line, OrderRefused, Refusal, place_order
from orders.models import Order, PaymentMethod
from tests.shop import ann, lamp, sql

pytestmark = pytest.mark.django_db


def refusals(*lines: tuple[Any, Any], **fields: Any) -> list[Refusal]:
    """What place_order answers when ann orders these; nothing else may be changed by it."""
    buyer = fields.pop("customer_id", None) or ann().pk
    with pytest.raises(OrderRefused) as refused:
        place_order(customer_id=buyer, lines=[Line(*line) for line in lines], **fields)
    assert str(refused.value) == " ".join(refusal.message for refusal in refused.value.refusals)
    assert not Order.objects.exists()
    return refused.value.refusals


def messages(*lines: tuple[Any, Any], **fields: Any) -> list[str]:
    return [refusal.message for refusal in refusals(*lines, **fields)]


def test_too_little_stock_tells_what_is_left() -> None:
    light, chair, cup = (lamp(name=name, stock_quantity=n) for name, n in (("Lamp", 3), ("Chair", 1), ("Cup", 0)))
    answer = refusals((chair.pk, 1), (light.pk, 5), (chair.pk, 3), (cup.pk, 1), (chair.pk, 1))
    assert answer == [
        Refusal([1, 3, 5], "too_little_stock", "Only 1 Chair is left; lines 1, 3 and 5 ask for 5.", chair.pk, 1),
        Refusal([2], "too_little_stock", "Only 3 Lamp are left; line 2 asks for 5.", light.pk, 3),
        Refusal([4], "too_little_stock", "No Cup is left; line 4 asks for 1.", cup.pk, 0),
    ]


def test_every_fault_is_told_at_once() -> None:
    light = lamp(stock_quantity=3)
    answer = refusals(
        (0, 1), (light.pk, 0), (light.pk, 9), customer_id=9**9, payment_method="shells", shipping_address=[]
    )
    assert [(refusal.reason, refusal.lines) for refusal in answer] == [
        ("unknown_customer", []),
        ("address_no_object", []),
        ("unknown_payment_method", []),
        ("unknown_product", [1]),
        ("quantity_not_positive", [2]),
        ("too_little_stock", [2, 3]),
    ]


@pytest.mark.parametrize(
    ("quantity", "message"),
    [
        (0, "Line 1 asks for 0: give a quantity of 1 or more."),
        (-1, "Line 1 asks for -1: give a quantity of 1 or more."),
        (1.5, "Line 1 asks for 1.5: give a whole number."),
        (None, "Line 1 gives no quantity."),
        (-(10**30), f"Line 1 asks for -{2**63 - 1}: give a quantity of 1 or more."),
        (4, "Only 3 Lamp are left; line 1 asks for 4."),
        (2**31, "Only 3 Lamp are left; line 1 asks for 2147483648."),
        (10**30, f"Only 3 Lamp are left; line 1 asks for {2**63 - 1}."),
    ],
)
def test_impossible_quantity(quantity: int, message: str) -> None:
    assert messages((lamp(stock_quantity=3).pk, quantity)) == [message]


@pytest.mark.parametrize("quantity", [2**31 - 1, 2**62, 2**63 - 1])
def test_sum_of_the_lines_that_no_column_holds(quantity: int) -> None:
    light = lamp(price=HIGHEST_PRICE, stock_quantity=2**31 - 1)
    (refusal,) = refusals((light.pk, quantity), (light.pk, quantity))
    assert refusal.message == f"Only 2147483647 Lamp are left; lines 1 and 2 ask for {2 * quantity}."


@pytest.mark.parametrize("key", [0, -1, 10**12, 2**63, 10**30])
def test_unknown_product(key: int) -> None:
    (refusal,) = refusals((key, 1))
    assert (refusal.lines, refusal.reason) == ([1], "unknown_product")
    assert refusal.message == f"There is no product {min(key, 2**63 - 1)}, for which line 1 asks."


def test_empty_cart() -> None:
    assert messages() == ["The order is empty: give it at least one line."]


@pytest.mark.parametrize("key", [0, 10**12, 10**30])
def test_unknown_customer(key: int) -> None:
    line = (lamp(stock_quantity=1).pk, 1)
    assert messages(line, customer_id=key or -1) == [f"There is no user {min(key, 2**63 - 1) or -1}."]


def test_inactive_customer() -> None:
    line = (lamp(stock_quantity=1).pk, 1)
    buyer = ann(is_active=False).pk
    assert messages(line, customer_id=buyer) == ["User ann is not active and cannot order."]


@pytest.mark.parametrize("method", ["", " "])
def test_no_payment_method(method: str) -> None:
    (message,) = messages((lamp(stock_quantity=1).pk, 1), payment_method=method)
    assert message == "Choose a payment method: credit_card, paypal or bank_transfer."


@pytest.mark.parametrize("method", ["shells", "CREDIT_CARD", "credit_card "])
def test_unknown_payment_method(method: str) -> None:
    (message,) = messages((lamp(stock_quantity=1).pk, 1), payment_method=method)
    assert message == f"There is no payment method {method}: choose credit_card, paypal or bank_transfer."


def test_every_payment_method_of_the_model_is_known() -> None:
    buyer, light = ann(), lamp(stock_quantity=9)
    for method in PaymentMethod.values:
        place_order(customer_id=buyer.pk, lines=[Line(light.pk, 1)], payment_method=method)
    assert sorted(Order.objects.values_list("payment_method", flat=True)) == sorted(PaymentMethod.values)


@pytest.mark.parametrize("address", [[], "Berlin", 1, None, True])
def test_address_that_is_no_object(address: Any) -> None:
    (message,) = messages((lamp(stock_quantity=1).pk, 1), shipping_address=address)
    assert message == 'The shipping address is no JSON object: write it as {"city": "Berlin"}.'


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "\\\0", float("nan"), float("inf")])
def test_address_that_postgresql_cannot_hold(text: Any) -> None:
    (refusal,) = refusals((lamp(stock_quantity=1).pk, 1), shipping_address={"city": text})
    assert refusal.reason == "address_not_storable"


def test_total_that_no_column_holds() -> None:
    most = 2**31 - 1
    lines = [(lamp(price=HIGHEST_PRICE, stock_quantity=most).pk, most) for _ in range(5)]
    assert most * HIGHEST_PRICE * 5 > Decimal("999999999999999999.99")
    assert messages(*lines) == ["The total is over 999999999999999999.99: order less at once."]


def test_key_that_is_too_long() -> None:
    light = lamp(stock_quantity=1)
    told = "The idempotency key is longer than 200 characters: give a shorter one."
    assert messages((light.pk, 1), idempotency_key="k" * 201) == [told]
    answer = refusals((light.pk, 2), customer_id=9**9, payment_method="", idempotency_key="k" * 201)
    assert [one.reason for one in answer] == [
        "unknown_customer",
        "unknown_payment_method",
        "key_too_long",
        "too_little_stock",
    ]


@pytest.mark.parametrize(
    ("arguments", "reasons"),
    [
        ("NULL, NULL, NULL", ["unknown_customer", "no_lines"]),
        ("NULL, '{}', '{}'", ["unknown_customer", "no_lines"]),
        ("1, '{1}', '{}'", ["unknown_customer", "no_quantity", "unknown_product"]),
        ("1, '{}', '{1}'", ["unknown_customer", "no_product"]),
        ("1, '{1,2}', '{1}'", ["unknown_customer", "unknown_product", "no_quantity", "unknown_product"]),
        ("1, '{NULL}', '{NULL}'", ["unknown_customer", "no_product", "no_quantity"]),
        ("1, '{{1},{2}}', '{{1},{1}}'", ["unknown_customer", "unknown_product", "unknown_product"]),
        (
            "1, '{1}', '{1}', NULL, NULL, NULL",
            ["unknown_customer", "address_no_object", "unknown_payment_method", "unknown_product"],
        ),
    ],
)
def test_odd_arguments_of_plain_sql(arguments: str, reasons: list[str]) -> None:
    query = f"SELECT refusal ->> 'reason' FROM place_order({arguments}), jsonb_array_elements(refusals) AS refusal"
    assert [reason for (reason,) in sql(query)] == reasons


def test_a_key_that_cannot_be_stored_is_refused() -> None:
    (answer,) = refusals((lamp(stock_quantity=3).pk, 1), idempotency_key="a\x00b")
    assert answer.reason == "key_not_storable" and "leave that out" in answer.message
