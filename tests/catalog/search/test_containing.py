"""Products are found by a part of their name or SKU or by a tag: at once, and by an index once they are in it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from catalog.search import containing as search
from catalog.search import indexing
from pages.keyset import COUNTED
from tests.shop import lamp, sql, value

pytestmark = pytest.mark.django_db
WAITING = "SELECT count(*) FROM product_search_queue"
TRIGRAMS = "SELECT count(*) FROM pg_class WHERE relname = 'product_search_words'"


def found(words: str) -> list[Product]:
    return list(search.containing(Product.objects.all(), words).rows)


@pytest.mark.parametrize("is_indexed", [False, True])
@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("sk la", True), ("DESK", True), ("P-77", True), ("de", True), ("LM", True), ("esk", True), ("oak wood", True),
        ("tv", True), ("77", False), ("sk", False), ("oak", False), ("t", False), ("%", False), ("___", False),
        ("a_p", False), ("\\", False), ("desk\0lamp", False), ("zzz", False), ("💡", False), ("x" * 10_000, False),
        ("lamp 20417", True), ("20417", True), ("tree 20417", False), ("20417 l", False), ("30417", False),
    ],
)  # fmt: skip
def test_words_are_found_alike_before_and_after(words: str, is_found: bool, is_indexed: bool) -> None:
    product = lamp(name="Desk lamp 20417", sku="LMP-77", tags=["oak wood", "tv"])
    lamp(name="Chair 20418", sku="CHR-1")
    if is_indexed:
        indexing.work_off()
        assert value(WAITING) == 0
    assert found(words) == ([product] if is_found else [])


def test_what_is_changed_is_found_by_what_it_is_now() -> None:
    product = lamp(name="Desk lamp", sku="LMP-77")
    indexing.work_off()
    Product.objects.filter(pk=product.pk).update(name="Stool")
    assert (found("desk"), found("stool")) == ([], [product])
    indexing.work_off()
    assert (found("desk"), found("stool")) == ([], [product])
    product.delete()
    assert found("stool") == []
    indexing.work_off()
    assert value("SELECT count(*) FROM product_search") == 0


def test_a_change_of_stock_or_price_enters_nothing() -> None:
    product = lamp(stock_quantity=5)
    indexing.work_off()
    Product.objects.filter(pk=product.pk).update(stock_quantity=4, price="3.00", name=product.name)
    assert value(WAITING) == 0


def test_many_rows_at_once_wait_and_are_worked_off_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "BATCH", 7)
    sql("INSERT INTO products (name, price) SELECT 'Lamp ' || n, 1 FROM generate_series(1, 20) AS n")
    assert value(WAITING) == 20
    assert indexing.work_off() == 20
    assert value("SELECT count(*) FROM product_search") == 20
    assert indexing.work_off() == 0


def test_many_that_fit_are_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "COUNTED", 3)
    products = [lamp(name=f"Lamp {number}", sku=f"L{number}") for number in range(6)]
    assert len(found("lamp")) == 6
    assert found("lamp 4") == [products[4]]
    assert COUNTED > 3


def test_one_question_finds_them() -> None:
    lamp(name="Desk lamp")
    with CaptureQueriesContext(connection) as asked:
        found("desk")
    assert len(asked) == 2


def test_the_index_answers() -> None:
    sql("SET LOCAL enable_seqscan = off")
    plan = str(sql("EXPLAIN SELECT FROM product_search WHERE words ILIKE '%lamp%'"))
    assert ("product_search_words" in plan) == bool(value(TRIGRAMS))


def test_the_site_may_work_off_and_no_more() -> None:
    lamp()
    assert indexing.work_off() == 1
    assert value("SELECT has_table_privilege(current_user, 'product_search_queue', 'TRUNCATE')") is False
