"""An order while it is written: what its page has sent, what that comes to, and what stands against it.

Nothing is kept between two requests: the form brings all of it along, so that nothing typed is ever lost and two
orders may be written side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from itertools import zip_longest

from django.http import QueryDict

from audit.paging import whole_number
from catalog.models import Product, ShopUser
from pages.keys import key_of

from .checkout import Line, OrderRefused, Placed, Refusal, place_order
from .draft_lines import DraftLine
from .forms import OrderForm
from .models import Order
from .picking import Pick, Row, matching_customers, matching_products, one_line

MOST_LINES = 200
SEARCHED_AT_ONCE = 5
OF_THE_CUSTOMER = frozenset({"unknown_customer", "inactive_customer"})


class Draft:
    def __init__(self, form: OrderForm) -> None:
        self.form = form
        self.customer: Pick[ShopUser] = Pick(name="customer")
        self.lines: list[DraftLine] = []
        self.errors: list[str] = []
        self.is_refused = False
        self.earlier: Order | None = None

    @classmethod
    def begun(cls, asked: QueryDict) -> Draft:
        """A new one, for the ?customer= and with the ?product= that a page links to."""
        draft = cls(OrderForm())
        draft.add()
        draft.pick("customer", asked.get("customer", ""))
        draft.pick("1", asked.get("product", ""))
        return draft

    @classmethod
    def sent(cls, sent: QueryDict, do: str | None = None) -> Draft:
        """What was typed, and `do`ne to it what the button asks for that has sent it."""
        draft = cls(OrderForm(sent) if sent.get("do") == "place" else OrderForm(typed=sent))
        draft.customer.words = one_line(sent.get("customer_words", ""))
        draft.customer.keep(_rows(ShopUser, [sent.get("customer", "")]).get(sent.get("customer", "")))
        columns = (sent.getlist(name) for name in ("line", "product", "words", "quantity"))
        rows = list(zip_longest(*columns, fillvalue=""))[:MOST_LINES]
        products = _rows(Product, (key for _, key, _, _ in rows))
        for number, key, words, quantity in rows:
            draft.add(number, words, quantity).pick.keep(products.get(key))
        match (sent.get("do", "") if do is None else do).split():
            case ["add"] if draft.may_grow:
                draft.add()
            case ["remove", number]:
                draft.lines = [line for line in draft.lines if str(line.number) != number]
            case ["pick", name, key]:
                draft.pick(name, key)
        return draft

    @classmethod
    def returned_to(cls, sent: QueryDict) -> Draft:
        """What the way back leads to: all of it as it was or, once it is placed, a new one that knows of that order."""
        draft = cls.sent(sent)
        earlier = draft._placed_under(one_line(sent.get("key", "")))
        if earlier:
            draft = cls.begun(QueryDict())
            draft.earlier = earlier
        return draft

    def add(self, number: str = "", words: str = "", quantity: str = "1") -> DraftLine:
        taken = {line.number for line in self.lines}
        own = whole_number(number) or 0
        if not own or own in taken:
            own = max(taken, default=0) + 1
        self.lines.append(DraftLine(number=own, pick=Pick(name=str(own), words=one_line(words)), typed=quantity))
        return self.lines[-1]

    def pick(self, name: str, key: str) -> None:
        if name == self.customer.name and (user := _rows(ShopUser, [key]).get(key)):
            self.customer.pick(user)
        for line in self.lines:
            if name == line.pick.name and (product := _rows(Product, [key]).get(key)):
                line.pick.pick(product)

    def search(self) -> None:
        """Look for what was typed and not picked."""
        if self.customer.is_open:
            self.customer.search(matching_customers)
        for line in [line for line in self.lines if line.pick.is_open][:SEARCHED_AT_ONCE]:
            line.pick.search(matching_products)

    def reckon(self) -> None:
        """Let each line know what all of them ask for of its product."""
        asked: Counter[int] = Counter()
        for line in self.lines:
            if line.pick.row:
                asked[line.pick.row.pk] += line.quantity or 0
        for line in self.lines:
            line.together = asked[line.pick.row.pk] if line.pick.row else 0

    @property
    def total(self) -> Decimal:
        return sum((line.subtotal or Decimal(0) for line in self.lines), Decimal(0))

    @property
    def units(self) -> int:
        return sum(line.quantity or 0 for line in self.lines if line.pick.row)

    @property
    def filled(self) -> int:
        return sum(1 for line in self.lines if line.subtotal is not None)

    @property
    def has_problem(self) -> bool:
        return any(line.problem for line in self.lines)

    @property
    def may_grow(self) -> bool:
        return len(self.lines) < MOST_LINES

    def place(self) -> Placed | None:
        """Place the order; None when something stands against it, which then stands beside what it is about."""
        self.lines = [line for line in self.lines if not line.is_empty] or self.lines[:1]
        placed = self._place() if self._is_complete() else None
        if placed is None:
            self.is_refused = True
            self._focus_on_the_first_trouble()
        return placed

    def _place(self) -> Placed | None:
        assert self.customer.row is not None
        try:
            return place_order(
                customer_id=self.customer.row.pk,
                lines=[Line(line.pick.row.pk, line.quantity) for line in self.lines if line.pick.row and line.quantity],
                shipping_address=self.form.address,
                payment_method=self.form.cleaned_data["payment_method"],
                idempotency_key=str(self.form.cleaned_data["key"] or ""),
            )
        except OrderRefused as refused:
            self._tell(refused.refusals)
            return None

    def _is_complete(self) -> bool:
        if self.customer.row is None:
            self.customer.errors.append("Choose one of those found." if self.customer.words else "Choose who orders.")
        for line in self.lines:
            if line.pick.row is None:
                line.pick.errors.append("Choose one of those found." if line.pick.words else "Choose a product.")
        picked = self.customer.row and all(line.pick.row and line.quantity for line in self.lines)
        return self.form.is_valid() and bool(picked)

    def _focus_on_the_first_trouble(self) -> None:
        if self.customer.errors:
            self.customer.focus = True
            return
        for line in self.lines:
            if line.pick.errors or line.errors or line.problem:
                line.pick.focus, line.focus = bool(line.pick.errors), not line.pick.errors
                return
        for name in list(self.form.errors)[:1]:
            self.form.fields[name].widget.attrs["data-focus"] = True

    def _tell(self, refusals: Iterable[Refusal]) -> None:
        for refusal in refusals:
            for place in refusal.lines:
                self.lines[place - 1].errors.append(refusal.message)
            if refusal.reason in OF_THE_CUSTOMER:
                self.customer.errors.append(refusal.message)
            elif not refusal.lines:
                self.errors.append(refusal.message)
            if refusal.reason == "key_reused":
                self._part_from_the_earlier()

    def _part_from_the_earlier(self) -> None:
        self.earlier = self._placed_under(str(self.form.cleaned_data["key"]))
        self.form.renew_key()

    def _placed_under(self, key: str) -> Order | None:
        if self.customer.row is None:
            return None
        return Order.objects.filter(placement__user=self.customer.row, placement__idempotency_key=key).first()


def _rows(model: type[Row], keys: Iterable[str]) -> dict[str, Row]:
    """The rows by their keys as sent."""
    numbers = {key: number for key in keys if (number := key_of(key)) is not None}
    found = model._default_manager.in_bulk(set(numbers.values())) if numbers else {}
    return {key: found[number] for key, number in numbers.items() if number in found}
