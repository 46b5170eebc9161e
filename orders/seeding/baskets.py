"""What a crowd buys: few products sell most, some people come again and again, old orders are done."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from random import Random
from typing import NamedTuple

from orders.models import PaymentMethod, Status

DAY = 86_400
SIZES = range(1, 8)
SIZE_SHARES = tuple(accumulate((38, 27, 16, 9, 5, 3, 2)))
QUANTITIES = (1, 2, 3, 4, 6, 10)
QUANTITY_SHARES = tuple(accumulate((780, 150, 40, 15, 10, 5)))
PAYMENTS = (PaymentMethod.CREDIT_CARD.value, PaymentMethod.PAYPAL.value, PaymentMethod.BANK_TRANSFER.value)
PAYMENT_SHARES = (62, 90, 100)
# The share of a product with its place in the order of popularity: half of all sales in the first few in a hundred.
ZIPF = 0.9
# Above 1: those who came first come most often.
LOYALTY = 1.5
STATUSES = (
    Status.PENDING.value, Status.PAID.value, Status.SHIPPED.value, Status.COMPLETED.value, Status.CANCELLED.value,
)  # fmt: skip
# Up to this many days old, such shares of the statuses above.
STATUS_SHARES = (
    (1, tuple(accumulate((50, 44, 2, 0, 4)))),
    (3, tuple(accumulate((15, 50, 28, 2, 5)))),
    (7, tuple(accumulate((4, 18, 55, 17, 6)))),
    (14, tuple(accumulate((0, 3, 25, 65, 7)))),
    (float("inf"), tuple(accumulate((0, 0, 0, 93, 7)))),
)


class Basket(NamedTuple):
    """One order: the places of its user and products, how many of each, and the time as seconds since 1970."""

    moment: float
    user: int
    products: dict[int, int]
    status: str
    payment: str


class Crowd:
    """`joined` and `listed` are the moments, in order, from which each user buys and each product is sold."""

    def __init__(self, joined: Sequence[float], listed: Sequence[float], until: float, random: Random) -> None:
        self._joined, self._listed, self._until, self._random = joined, listed, until, random
        self._customers = 0
        # Popularity has nothing to do with age.
        self._products = random.sample(range(len(listed)), len(listed))
        self._shares = list(accumulate((rank + 3) ** -ZIPF for rank in range(len(listed))))

    def baskets(self, moments: Iterable[float]) -> Iterator[Basket]:
        """An order for each moment; these are in order of time."""
        for moment in moments:
            yield Basket(moment, self._user(moment), self._choice(moment), self._status(moment), self._payment())

    def _user(self, moment: float) -> int:
        while self._customers < len(self._joined) and self._joined[self._customers] <= moment:
            self._customers += 1
        return int(max(1, self._customers) * self._random.random() ** LOYALTY)

    def _choice(self, moment: float) -> dict[int, int]:
        random = self._random
        (size,) = random.choices(SIZES, cum_weights=SIZE_SHARES)
        chosen = random.choices(self._products, cum_weights=self._shares, k=size)
        quantities = random.choices(QUANTITIES, cum_weights=QUANTITY_SHARES, k=size)
        # Not sold yet: the oldest product is taken.
        return {
            product if self._listed[product] <= moment else 0: quantity
            for product, quantity in zip(chosen, quantities, strict=True)
        }

    def _status(self, moment: float) -> str:
        age = (self._until - moment) / DAY
        shares = next(shares for days, shares in STATUS_SHARES if age <= days)
        return self._random.choices(STATUSES, cum_weights=shares)[0]

    def _payment(self) -> str:
        return self._random.choices(PAYMENTS, cum_weights=PAYMENT_SHARES)[0]
