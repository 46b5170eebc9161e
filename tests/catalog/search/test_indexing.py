"""The tables that products are found by: emptied with them, taken back and made again, kept by one at a time."""

from django.core.management import call_command
from django.db import connection

from catalog.models import Product
from catalog.search import containing as search
from catalog.search import indexing
from tests.audit.conftest import AsOwner, as_owner  # noqa: F401  a fixture
from tests.shop import lamp, sql, value

WAITING = "SELECT count(*) FROM product_search_queue"
TRIGRAMS = "SELECT count(*) FROM pg_class WHERE relname = 'product_search_words'"
TO_BE_HAD = "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'"


def test_emptied_tables_leave_nothing(as_owner: AsOwner) -> None:  # noqa: F811
    lamp()
    indexing.work_off()
    lamp(sku="L2")
    with as_owner():
        sql("TRUNCATE products CASCADE")
        assert (value(WAITING), value("SELECT count(*) FROM product_search")) == (0, 0)


def test_back_and_forth_with_products(as_owner: AsOwner) -> None:  # noqa: F811
    with as_owner():
        product = lamp(name="Desk lamp")
        call_command("migrate", "catalog", "0005", verbosity=0, interactive=False)
        assert value("SELECT to_regclass('product_search')") is None
        call_command("migrate", verbosity=0, interactive=False)
        assert value(WAITING) == 1 and list(search.containing(Product.objects.all(), "desk").rows) == [product]
        assert bool(value(TRIGRAMS)) == bool(value(TO_BE_HAD))


def test_another_at_it_is_left_alone(own_database: str) -> None:
    lamp()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [indexing.LOCK])
            assert indexing.work_off() == 0
            cursor.execute("SELECT pg_advisory_unlock_all()")
    finally:
        other.close()
    assert indexing.work_off() == 1
