"""kill -9 of PostgreSQL amid orders: those acknowledged are there, whole, and nothing else is."""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.emulator import Emulator
from tests.local.sdk import Sdk
from tests.served_site import ENDPOINT, PROJECT, manage

ORDERS, CLIENTS, STOCK = 200, 4, 1000
SETTING = """
INSERT INTO users (user_id, email, username) VALUES (1, 'ann@example.com', 'ann');
INSERT INTO products (product_id, name, price, stock_quantity)
    SELECT n, 'Lamp ' || n, n, 1000 FROM generate_series(1, 5) AS n;
"""
PLACE = "SELECT order_id FROM place_order(1, %s::bigint[], %s::bigint[], idempotency_key => %s)"
MOVE = "UPDATE orders SET status = 'paid' WHERE order_id = %s AND status = 'pending'"
BROKEN = """
SELECT order_id, total_amount FROM orders LEFT JOIN order_items USING (order_id) GROUP BY order_id
HAVING count(product_id) <> 3 OR sum(subtotal) <> total_amount
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Sdk]:
    """An empty shop on an emulator of its own."""
    emulator = Emulator(tmp_path / "local")
    try:
        sdk = Sdk(emulator)
        sdk.make_project(PROJECT)
        manage("migrate", "--verbosity", "0", env=emulator.environment() | {"LAKEBASE_PROJECT_ID": PROJECT})
        yield sdk
    finally:
        emulator.destroy()


def connect(sdk: Sdk) -> psycopg.Connection[tuple[int, ...]]:
    return sdk.connect(ENDPOINT, options="-c search_path=ecommerce")


def order(sdk: Sdk, numbers: list[int], acknowledged: dict[int, int]) -> None:
    """Place these orders, each anew under its key until it is acknowledged."""
    left = list(numbers)
    while left:
        try:
            with connect(sdk) as session:
                while left:
                    products = random.Random(left[-1]).sample(range(1, 6), 3)
                    placed = session.execute(PLACE, [products, [1, 2, 1], f"order {left[-1]}"]).fetchone()
                    assert placed is not None
                    acknowledged[left.pop()] = placed[0]
                    session.execute(MOVE, [placed[0]])
        except psycopg.OperationalError:
            time.sleep(0.05)


def kill(sdk: Sdk) -> None:
    """The server with all its processes, as the end of the machine would."""
    server = psutil.Process(sdk.emulator.endpoint(ENDPOINT)["pid"])
    for process in [server, *server.children(recursive=True)]:
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


@pytest.mark.slow
def test_two_hundred_orders_and_a_server_killed_twice(shop: Sdk) -> None:
    with connect(shop) as session:
        session.execute(SETTING)
    acknowledged: dict[int, int] = {}
    threads = [
        threading.Thread(target=order, args=(shop, list(range(first, ORDERS, CLIENTS)), acknowledged))
        for first in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    for enough in (ORDERS // 4, ORDERS // 2):
        while len(acknowledged) < enough:
            time.sleep(0.005)
        kill(shop)
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    assert len(shop.emulator.events("server-died")) == 2
    with connect(shop) as session:
        found = {number for (number,) in session.execute("SELECT order_id FROM orders")}
        assert found == set(acknowledged.values())
        assert len(found) == ORDERS
        assert session.execute(BROKEN).fetchall() == []
        assert session.execute("SELECT sum(stock_quantity) FROM products").fetchone() == (5 * STOCK - 4 * ORDERS,)
        for _ in range(2):
            assert session.execute("SELECT * FROM figures_differences()").fetchall() == []
            session.execute("SELECT fold_figures()")
        audited = "SELECT count(*) FROM audit_log WHERE operation = 'INSERT' AND table_name = %s"
        assert session.execute(audited, ["orders"]).fetchone() == (ORDERS,)
        assert session.execute(audited, ["order_items"]).fetchone() == (3 * ORDERS,)
