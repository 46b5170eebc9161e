"""What orders and the dashboard's figures cost. For bench/data.py: Django is set up, the database migrated.

`owner` is a connection string of whoever owns the tables (or of a superuser), for filling and for switching triggers.
"""

import random
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from django.db import connections, transaction
from django.db.models import F

from bench.figures import Figures, median_ms
from catalog.models import Product, ShopUser
from orders import figures as shop_figures
from orders.checkout import Line, OrderRefused, place_order
from orders.models import Order, OrderItem

CLIENTS = 8
STOCK = 1_000_000
# Every row as a page likes it: names, tags, a role, an address.
FILL_GOODS = """
INSERT INTO users (email, username, full_name, metadata, created_at)
    SELECT n || '@bench.example', 'bench' || n, 'Person Number ' || n,
        jsonb_build_object('role', (ARRAY['customer', 'customer', 'vendor'])[1 + n %% 3], 'points', n),
        now() - n %% 730 * interval '1 day'
    FROM generate_series(1, %(users)s) n;
INSERT INTO products (name, description, price, stock_quantity, category, tags, created_at)
    SELECT 'Product ' || n, 'A thing of some use, number ' || n, n %% 500 + 0.99, 1000000, 'Category ' || n %% 12,
        ARRAY['tag' || n %% 50, 'shelf' || n %% 5, 'sale'], now() - n %% 730 * interval '1 day'
    FROM generate_series(1, %(products)s) n;
"""
# They come evenly over two years, few are pending; each user and each product has its share.
FILL_ORDERS = """
CREATE TEMP TABLE buyer AS SELECT user_id, row_number() OVER () AS n FROM users;
CREATE TEMP TABLE good AS SELECT product_id, price, category, row_number() OVER () AS n FROM products;
CREATE UNIQUE INDEX ON buyer (n);
CREATE UNIQUE INDEX ON good (n);
ANALYZE buyer, good;
CREATE TEMP TABLE cart AS
    SELECT o, product_id, 1 + (o + line) %% 3 AS quantity, price, category
    FROM generate_series(1, %(orders)s) AS o CROSS JOIN generate_series(1, 3) AS line
    JOIN good ON n = 1 + (hashint8extended(o * 3 + line, 0) & 9223372036854775807) %% (SELECT count(*) FROM good);
CREATE TEMP TABLE made AS SELECT o, sum(quantity * price) AS total FROM cart GROUP BY o;
CREATE TEMP TABLE first AS SELECT coalesce(max(order_id), 0) AS number FROM orders;
INSERT INTO orders (order_id, user_id, order_date, status, total_amount, shipping_address)
    SELECT number + o, user_id, now() - (%(orders)s - o) * (interval '730 days' / %(orders)s),
        CASE WHEN o %% 1000 = 7 THEN 'pending'
            ELSE (ARRAY['completed', 'completed', 'completed', 'shipped', 'cancelled'])[1 + o %% 5] END,
        total, jsonb_build_object('street', o || ' Lake Street', 'city', 'Denver', 'country', 'US')
    FROM made CROSS JOIN first JOIN buyer ON n = 1 + o %% (SELECT count(*) FROM buyer);
INSERT INTO order_items (order_id, product_id, quantity, unit_price, category)
    SELECT number + o, product_id, quantity, price, category FROM cart CROSS JOIN first;
SELECT setval(pg_get_serial_sequence('orders', 'order_id'), max(order_id)) FROM orders;
DROP TABLE cart, made, first, good, buyer;
"""
TABLES = ("users", "products", "orders", "order_items")


def fill(owner: str, *, users: int = 100_000, products: int = 100_000, orders: int = 1_000_000) -> float:
    """Rows without triggers, three lines an order, then the figures counted anew; the seconds that the count took.

    `owner` must be a superuser here: nobody else may switch the checks of references off.
    """
    _run(owner, FILL_GOODS, users=users, products=products)
    return fill_orders(owner, orders)


def fill_orders(owner: str, orders: int) -> float:
    """As `fill`, of the users and products that are there."""
    _run(owner, FILL_ORDERS, orders=orders)
    with psycopg.connect(owner, autocommit=True, options="-c search_path=ecommerce") as session:
        session.execute("VACUUM ANALYZE users, products, orders, order_items")
        began = time.perf_counter()
        session.execute("SELECT recount_figures()")
        taken = time.perf_counter() - began
        session.execute("VACUUM ANALYZE daily_deltas, sales_deltas, daily_figures, product_sales, product_days")
        return taken


def _run(owner: str, statements: str, **sizes: int) -> None:
    with psycopg.connect(owner, autocommit=True, options="-c search_path=ecommerce") as session:
        session.execute("SET session_replication_role = replica")
        for statement in statements.split(";")[:-1]:
            session.execute(statement.encode(), sizes)


def placing(figures: Figures, *, seconds: float = 3.0, turns: int = 7) -> None:
    """Orders of three out of five hot products, audited: one SQL function, and the ORM with sorted row locks."""
    users, products = _shop()
    ratios, rates = [], []
    for _ in range(turns):
        by_function = _rate(lambda chance: _by_function(chance, users, products), seconds)
        by_orm = _rate(lambda chance: _by_orm(chance, users, products), seconds)
        ratios.append(by_function / by_orm)
        rates.append((by_function, by_orm))
    fast, slow = (statistics.median(side) for side in zip(*rates, strict=True))
    ratio = statistics.median(ratios)
    value = f"{fast:.0f} / {slow:.0f} a second = {ratio:.1f}"
    figures.say("place_order / ORM, 8 threads, 5 hot products", value, "at least 4", holds=ratio >= 4)
    lost = _lost(products)
    figures.say("units lost by both", str(lost), "exactly 0", holds=lost == 0)


def reading(figures: Figures, *, times: int = 30) -> None:
    """Each figure of the dashboard in milliseconds: all folded, and beside nearly as many deltas as are ever left."""
    readers: Sequence[Callable[[], Any]] = (
        shop_figures.totals,
        shop_figures.revenue_by_day,
        shop_figures.revenue_by_category,
        shop_figures.top_products,
        shop_figures.top_products_this_week,
    )
    shop_figures.fold()
    folded = [median_ms(read, times) for read in readers]
    _complete(225)
    beside = [median_ms(read, times) for read in readers]
    for read, alone, many in zip(readers, folded, beside, strict=True):
        value = f"{alone:.2f}, beside deltas {many:.2f} ms"
        figures.say(f"figure {read.__name__}", value, "under 5 ms", holds=max(alone, many) < 5)


def writing(figures: Figures, owner: str, *, seconds: float = 2.0, turns: int = 7) -> None:
    """Orders placed, paid, shipped and completed by eight writers, with the figures' triggers and without."""
    users, products = _shop(hot=200)
    rates: dict[str, list[float]] = {"ENABLE": [], "DISABLE": []}
    try:
        for turn in range(turns):
            for how in ("ENABLE", "DISABLE") if turn % 2 else ("DISABLE", "ENABLE"):
                _switch(owner, how)
                rates[how].append(_rate(lambda chance: _whole_life(chance, users, products), seconds))
    finally:
        _switch(owner, "ENABLE")
    ratios = [kept / without for kept, without in zip(rates["ENABLE"], rates["DISABLE"], strict=True)]
    with psycopg.connect(owner, options="-c search_path=ecommerce") as session:
        session.execute("SELECT recount_figures()")
    ratio = statistics.median(ratios)
    figures.say("orders to completion, figures kept / not", f"{ratio:.2f}", "at least 0.75", holds=ratio >= 0.75)


def _by_function(chance: random.Random, users: list[int], products: list[int]) -> None:
    lines = [Line(product, 1) for product in chance.sample(products, 3)]
    place_order(customer_id=chance.choice(users), lines=lines)


@transaction.atomic
def _by_orm(chance: random.Random, users: list[int], products: list[int]) -> None:
    buyer = ShopUser.objects.active().get(pk=chance.choice(users))
    wanted = dict.fromkeys(chance.sample(products, 3), 1)
    goods = list(Product.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True))
    for product in goods:
        if product.stock_quantity < wanted[product.pk]:
            raise OrderRefused([])
        Product.objects.filter(pk=product.pk).update(stock_quantity=F("stock_quantity") - wanted[product.pk])
    total = sum(product.price * wanted[product.pk] for product in goods)
    order = Order.objects.create(user=buyer, total_amount=total, stock_taken=True)
    items = [
        OrderItem(order=order, product=product, quantity=wanted[product.pk], unit_price=product.price)
        for product in goods
    ]
    OrderItem.objects.bulk_create(items)


def _whole_life(chance: random.Random, users: list[int], products: list[int]) -> None:
    lines = [Line(product, 1) for product in chance.sample(products, 3)]
    order = place_order(customer_id=chance.choice(users), lines=lines).order
    for status in ("paid", "shipped", "completed"):
        Order.objects.filter(pk=order.pk).update(status=status)


def _shop(hot: int = 5) -> tuple[list[int], list[int]]:
    """Buyers, and fresh products with a stock that lasts."""
    mark = time.time_ns()
    users = [
        ShopUser.objects.create(email=f"{mark}.{n}@bench.example", username=f"{mark}.{n}").pk
        for n in range(CLIENTS * 4)
    ]
    products = [Product.objects.create(name="Hot", price="9.99", stock_quantity=STOCK).pk for _ in range(hot)]
    return users, products


def _lost(products: list[int]) -> int:
    """Units that left the stock of these without being in an order, or the other way round."""
    left = sum(Product.objects.filter(pk__in=products).values_list("stock_quantity", flat=True))
    sold = sum(OrderItem.objects.filter(product__in=products).values_list("quantity", flat=True))
    return abs(STOCK * len(products) - left - sold)


def _rate(work: Callable[[random.Random], None], seconds: float) -> float:
    """Times a second that CLIENTS threads do it. Whatever goes wrong in one, a deadlock say, is raised."""
    done, start = [0] * CLIENTS, threading.Barrier(CLIENTS)

    def client(number: int) -> None:
        chance = random.Random(number)
        try:
            work(chance)
            start.wait(60)
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                work(chance)
                done[number] += 1
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(CLIENTS) as threads:
        futures = [threads.submit(client, number) for number in range(CLIENTS)]
    for future in futures:
        future.result()
    return sum(done) / seconds


def _complete(deltas: int) -> None:
    """Complete orders of three lines one by one, until there are about so many deltas of sales."""
    shipped = Order.objects.in_status("shipped").order_by("pk").values_list("pk", flat=True)[: deltas // 3]
    for order in list(shipped):
        Order.objects.filter(pk=order).update(status="completed")


def _switch(owner: str, how: str) -> None:
    triggers = [(table, event) for table in TABLES for event in ("insert", "update", "delete")]
    with psycopg.connect(owner, options="-c search_path=ecommerce") as session:
        for table, event in triggers:
            session.execute(f"ALTER TABLE {table} {how} TRIGGER figures_{event}".encode())
