"""Placing, moving and cancelling orders: each one SQL function and one round trip, done whole or refused whole.

A refusal is an answer of the database and no error of it: the transaction around lives on, and nothing was changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from orders.models import Order, Status
from pages.exact_json import written

PLACE = "SELECT * FROM place_order(%s, %s::bigint[], %s::bigint[], %s, %s, %s)"
MOVE = "SELECT (moved).*, refusal FROM move_order(%s, %s)"
# The database's largest number: no product has such a key, and of none are there so many.
MOST = 2**63 - 1


class Line(NamedTuple):
    """So many of a product."""

    product_id: int
    quantity: int | None


class Refusal(NamedTuple):
    """One reason why an order was refused: the lines it is about (from 1; none: all of it), a code, a sentence.

    `left` is how many there are of the product when there are too few.
    """

    lines: list[int]
    reason: str
    message: str
    product_id: int | None = None
    left: int | None = None


class OrderRefused(Exception):
    """Nothing was changed; `refusals` tells every reason, the text their sentences."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = list(refusals)
        super().__init__(" ".join(refusal.message for refusal in refusals))


class Placed(NamedTuple):
    """The order; whether it had been placed before under the same key; the transaction that placed it."""

    order: Order
    again: bool
    txid: int


def place_order(
    *,
    customer_id: int,
    lines: Sequence[Line],
    shipping_address: Mapping[str, Any] = {},
    payment_method: str = "credit_card",
    idempotency_key: str = "",
) -> Placed:
    """Take the goods from stock and record the order at today's prices, or raise OrderRefused with every reason.

    A quantity is a whole number, or None, which the answer tells as missing. With an idempotency key, a second call
    that says the same for this customer, in whatever order its lines stand, gives the first one's order.
    """
    if refusals := [*_fractions(lines), *_unstorable_key(idempotency_key)]:
        raise OrderRefused(refusals)
    ids, quantities = ([_number(line[side]) for line in lines] for side in (0, 1))
    parameters = [_number(customer_id), ids, quantities, _json(shipping_address), payment_method, idempotency_key]
    answer: Any = Order.objects.raw(PLACE, parameters)[0]
    if answer.refusals is not None:
        raise OrderRefused([Refusal(**refusal) for refusal in json.loads(answer.refusals)])
    return Placed(answer, answer.again, answer.txid)


def cancel_order(order_id: int) -> Order:
    """Give back what the order took from stock. Raises OrderRefused when it is shipped, over, or unknown."""
    return move_order(order_id, Status.CANCELLED)


def move_order(order_id: int, status: str) -> Order:
    """The order in its new status. Raises OrderRefused for an unknown one and when its life cycle forbids it."""
    answer: Any = Order.objects.raw(MOVE, [_number(order_id), status])[0]
    if answer.refusal is not None:
        reason = "unknown_order" if answer.order_id is None else "move_forbidden"
        raise OrderRefused([Refusal([], reason, answer.refusal)])
    order: Order = answer
    return order


def _number(given: int | None) -> int | None:
    return None if given is None else max(-MOST, min(given, MOST))


def _fractions(lines: Sequence[Line]) -> list[Refusal]:
    """PostgreSQL would round them."""
    return [
        Refusal([place], "quantity_not_whole", f"Line {place} asks for {quantity}: give a whole number.", product)
        for place, (product, quantity) in enumerate(lines, 1)
        if not isinstance(quantity, int | None)
    ]


def _unstorable_key(key: str) -> list[Refusal]:
    told = "The idempotency key holds a NUL character, which PostgreSQL cannot store: leave that out."
    return [Refusal([], "key_not_storable", told)] if "\0" in key else []


def _json(address: Mapping[str, Any]) -> str:
    """The address as PostgreSQL's jsonb takes it: no NUL, no half of a character, no NaN. Else raises OrderRefused."""
    try:
        text = written(address, allow_nan=False)
        text.encode()
    except ValueError as error:
        raise OrderRefused([Refusal([], "address_not_storable", _unstorable(error))]) from error
    if "\\u0000" in text.replace("\\\\", ""):
        raise OrderRefused([Refusal([], "address_not_storable", _unstorable("a NUL character"))])
    return text


def _unstorable(what: object) -> str:
    return f"The shipping address holds what JSON text in PostgreSQL cannot ({what}): leave that out."
