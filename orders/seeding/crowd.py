"""A believable shop of any size, written by COPY: as fast as the audit and the constraints let it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice
from random import Random
from typing import TypeVar

from django.db import connection, transaction

from orders.models import Status

from .baskets import Basket, Crowd
from .calendar import moments
from .copying import copy, line, moment, money, reserve
from .goods import goods
from .people import Population

AT_ONCE = 5_000
YEAR = timedelta(days=365)
USERS = "users (user_id, email, username, full_name, metadata, preferences, is_active, created_at, updated_at)"
PRODUCTS = (
    "products (product_id, sku, name, description, price, stock_quantity, category, tags, created_at, updated_at)"
)
ORDERS = "orders (order_id, user_id, order_date, status, total_amount, shipping_address, payment_method, stock_taken)"
ITEMS = "order_items (order_id, product_id, quantity, unit_price, category)"

Told = Callable[[str, int], None]
Made = TypeVar("Made")


@dataclass(frozen=True)
class Size:
    """How much is made: orders of `days` days up to `until`. The same sizes, `seed` and `until` give the same shop."""

    users: int
    products: int
    orders: int
    days: int
    seed: int
    until: datetime

    @property
    def since(self) -> datetime:
        return self.until - timedelta(days=self.days)

    def random(self, what: str) -> Random:
        """One for each purpose, so that more users do not make other products."""
        return Random(f"{self.seed}: {what}")


def populate(size: Size, told: Told = lambda kind, rows: None) -> None:
    """Add users, products and orders of theirs to what is there, all or nothing; tells `told("orders", 5000)`.

    The new users buy the new products, and nothing is taken from stock: it is what is left. E-mails, usernames and
    SKUs bear the primary key, hence are new. Raises IntegrityError when somebody has one of them all the same.
    """
    with transaction.atomic(), connection.wrap_database_errors:
        writer = Writer(size, told)
        writer.write_users()
        writer.write_products()
        writer.write_orders()


class Writer:
    """Writes AT_ONCE rows at a time: memory holds those, and a few numbers for each user and product."""

    def __init__(self, size: Size, told: Told) -> None:
        self._size, self._told = size, told
        self._population = Population(size.seed)
        self._users, self._products, self._prices = array("q"), array("q"), array("q")
        self._price_and_category: list[str] = []
        # Half of the users and most products are older than the first order.
        self._joined = self._times(size.users, new=size.users // 2)
        self._listed = self._times(size.products, new=size.products // 20)

    def write_users(self) -> None:
        people = zip(self._population.people(self._size.users), self._joined, strict=True)

        def rows(numbers: array[int]) -> str:
            self._users.extend(numbers)
            return "".join([
                line(number, f"{who.login}.{number}@example.com", f"{who.login}.{number}", who.full_name, who.metadata,
                     who.preferences, who.is_active, moment(joined), moment(joined))
                for number, (who, joined) in zip(numbers, people, strict=False)
            ])  # fmt: skip

        for lines in _ahead(rows, "users", "user_id", self._size.users, self._told):
            copy(USERS, lines)

    def write_products(self) -> None:
        products = zip(goods(self._size.products, self._size.random("products")), self._listed, strict=True)

        def rows(numbers: array[int]) -> str:
            some = list(islice(products, len(numbers)))
            self._products.extend(numbers)
            self._prices.extend(it.cents for it, _ in some)
            self._price_and_category.extend(f"{money(it.cents)}\t{it.category}" for it, _ in some)
            return "".join([
                line(number, f"{it.words}-{number}", it.name, it.description, money(it.cents), it.stock, it.category,
                     f"{{{','.join(it.tags)}}}", moment(listed), moment(listed))
                for number, (it, listed) in zip(numbers, some, strict=True)
            ])  # fmt: skip

        for lines in _ahead(rows, "products", "product_id", self._size.products, self._told):
            copy(PRODUCTS, lines)

    def write_orders(self) -> None:
        size, random = self._size, self._size.random("orders")
        crowd = Crowd(self._joined, self._listed, size.until.timestamp(), random)
        baskets = crowd.baskets(moments(size.orders, size.since, size.until, size.random("moments")))

        def rows(numbers: array[int]) -> tuple[str, str]:
            some = list(islice(baskets, len(numbers)))
            return "".join(map(self._order, numbers, some)), "".join(map(self._items, numbers, some))

        for orders, items in _ahead(rows, "orders", "order_id", size.orders, self._told):
            copy(ORDERS, orders)
            copy(ITEMS, items)

    def _order(self, number: int, basket: Basket) -> str:
        total = money(sum([self._prices[product] * quantity for product, quantity in basket.products.items()]))
        address, taken = self._population.address(basket.user), basket.status != Status.CANCELLED
        return (
            f"{number}\t{self._users[basket.user]}\t{moment(basket.moment)}\t{basket.status}\t{total}\t{address}\t"
            f"{basket.payment}\t{taken}\n"
        )

    def _items(self, number: int, basket: Basket) -> str:
        return "".join([
            f"{number}\t{self._products[product]}\t{quantity}\t{self._price_and_category[product]}\n"
            for product, quantity in basket.products.items()
        ])  # fmt: skip

    def _times(self, count: int, *, new: int) -> array[float]:
        """When each was made: the `new` last ones in the time of the orders, the others in the year before."""
        since, until = self._size.since, self._size.until
        return array("d", chain(_evenly(count - new, since - YEAR, since), _evenly(new, since, until)))


def _evenly(count: int, since: datetime, until: datetime) -> Iterator[float]:
    step = (until - since).total_seconds() / max(count, 1)
    return (since.timestamp() + step * place for place in range(count))


def _ahead(make: Callable[[array[int]], Made], table: str, key: str, count: int, told: Told) -> Iterator[Made]:
    """What `make` makes of AT_ONCE new keys at a time: the next is made while the database writes this, then told."""
    with ThreadPoolExecutor(1) as thread:
        sizes = (min(left, AT_ONCE) for left in range(count, 0, -AT_ONCE))
        begun = ((size, thread.submit(make, reserve(table, key, size))) for size in sizes)
        following = next(begun, None)
        while following:
            size, made = following[0], following[1].result()
            following = next(begun, None)
            yield made
            told(table, size)
