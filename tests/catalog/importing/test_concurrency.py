"""Imports beside each other and beside orders: nothing is lost, doubled or stuck."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections, transaction

from audit.models import AuditEntry
from catalog.importing import FileRefused, staging
from catalog.models import CsvImport, Product
from tests.catalog.importing.csv_files import imported
from tests.shop import lamp, sql, value

COUNT = 300
TEXT = "sku,name,price,stock\n" + "".join(f"S{n},Lamp {n},{n},5\n" for n in range(COUNT))


@contextmanager
def beside(work: Callable[[], Any], after: threading.Event | None = None) -> Iterator[list[Any]]:
    """`work` in a thread with a connection of its own while the block runs, begun when the block sets `after`.

    Afterwards its outcome is in the list.
    """
    outcome: list[Any] = []

    def run() -> None:
        try:
            assert after is None or after.wait(60)
            outcome.append(work())
        except FileRefused as refusal:
            outcome.append(refusal)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    yield outcome
    thread.join(60)
    assert not thread.is_alive() and len(outcome) == 1


def wait_for_a_waiting_session() -> None:
    until = time.monotonic() + 60
    while not value("SELECT count(*) FROM pg_locks WHERE NOT granted"):
        assert time.monotonic() < until
        time.sleep(0.02)


def test_same_file_twice_at_once_is_imported_once(own_database: str) -> None:
    with beside(lambda: imported(TEXT)) as other:
        mine = imported(TEXT)
    assert sorted([mine.inserted, other[0].inserted]) == [0, COUNT]
    assert sorted([mine.unchanged, other[0].unchanged]) == [0, COUNT]
    assert Product.objects.count() == COUNT == AuditEntry.objects.count()
    assert CsvImport.objects.count() == 2


def test_keyless_file_sent_twice_is_imported_once(own_database: str) -> None:
    with beside(lambda: imported("name,price\nLamp,1\n")) as other:
        try:
            mine: Any = imported("name,price\nLamp,1\n")
        except FileRefused as refusal:
            mine = refusal
    assert {type(mine), type(other[0])} >= {FileRefused}
    assert Product.objects.count() == 1


def test_price_list_does_not_bring_back_stock_sold_meanwhile(own_database: str) -> None:
    """The import waits for an order that holds the row, and then sees the stock it left."""
    product = lamp(sku="L1", stock_quantity=10)
    sold = threading.Event()
    with beside(lambda: imported("sku,price,stock\nL1,99,\n"), after=sold) as other, transaction.atomic():
        sql("UPDATE products SET stock_quantity = 7 WHERE product_id = %s", [product.pk])
        sold.set()
        wait_for_a_waiting_session()
    product.refresh_from_db()
    assert other[0].updated == 1
    assert (product.price, product.stock_quantity) == (99, 7)


def test_row_that_somebody_makes_meanwhile_keeps_what_the_file_does_not_say(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = threading.Event()
    with beside(lambda: imported("sku,name,price\nL1,Floor lamp,99\n"), after=made) as other, transaction.atomic():
        lamp(sku="L1", stock_quantity=7, description="By hand")
        made.set()
        wait_for_a_waiting_session()
    product = Product.objects.get()
    assert other[0].updated == 1
    assert (product.name, product.price, product.stock_quantity) == ("Floor lamp", 99, 7)
    assert product.description == "By hand"


def test_orders_and_imports_never_deadlock(own_database: str) -> None:
    """Orders lock their products by key; the file has them in the opposite order."""
    keys = [lamp(sku=f"S{n}", stock_quantity=1000).pk for n in range(40)]
    stop, sold = threading.Event(), []

    def buy() -> int:
        while not stop.is_set():
            with transaction.atomic():
                sql("SELECT FROM products WHERE product_id = ANY (%s) ORDER BY product_id FOR NO KEY UPDATE", [keys])
                sql("UPDATE products SET stock_quantity = stock_quantity - 1 WHERE product_id = ANY (%s)", [keys])
            sold.append(1)
        return len(sold)

    with beside(buy) as bought:
        for turn in range(15):
            text = "sku,price\n" + "".join(f"S{n},{turn + 1}\n" for n in reversed(range(40)))
            assert imported(text).updated == 40
        stop.set()
    assert bought[0] > 0
    assert set(Product.objects.values_list("stock_quantity", "price")) == {(1000 - len(sold), 15)}


def test_an_import_leaves_no_table_behind_in_the_session(own_database: str) -> None:
    imported(TEXT)
    with transaction.atomic():
        imported(TEXT.replace("Lamp", "Table"))
        imported(TEXT)
    assert value("SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relname LIKE 'csv%%'") == 0
    assert staging.run("SELECT 1") == [(1,)]
    assert not connection.in_atomic_block
