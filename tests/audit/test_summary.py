"""How many entries there are is known without counting them."""

import pytest
from django.db import connection, transaction

from audit import models
from audit.models import AuditEntry, AuditSummary
from catalog.models import Product
from tests.audit.conftest import AsOwner
from tests.shop import ann, lamp, order_of, sql, value

EXACT = (
    "SELECT table_name, operation, count(*) FROM ecommerce.audit_log GROUP BY table_name, operation"
    " ORDER BY table_name, operation"
)
WAITING = "SELECT count(*) FROM ecommerce.audit_count_deltas"


def summary() -> list[tuple[str, str, int]]:
    return [(each.table_name, each.operation, each.entries) for each in AuditSummary.objects.current()]


def write() -> None:
    order_of(ann(), (lamp(), 1), (lamp(), 2))
    Product.objects.update(price=3)
    sql("DELETE FROM ecommerce.orders")
    sql("UPDATE ecommerce.products SET price = 4 WHERE false")


@pytest.mark.django_db
def test_it_equals_the_count() -> None:
    write()
    assert summary() == sql(EXACT)
    assert ("products", "UPDATE", 2) in summary()


@pytest.mark.django_db
def test_it_stays_equal_when_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "FOLDED_ABOVE", 3)
    write()
    assert value(WAITING) > 3
    assert summary() == sql(EXACT)
    assert value(WAITING) == 0
    assert summary() == sql(EXACT)
    lamp()
    assert summary() == sql(EXACT)
    assert value(WAITING) == 1


@pytest.mark.django_db
def test_what_was_undone_is_not_counted() -> None:
    with transaction.atomic():
        lamp()
        transaction.set_rollback(True)
    assert summary() == []


def test_reading_does_not_fold_where_nothing_may_be_written(own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "FOLDED_ABOVE", 0)
    lamp()
    with transaction.atomic():
        sql("SET TRANSACTION READ ONLY")
        assert summary() == [("products", "INSERT", 1)]
    assert value(WAITING) == 1


def test_only_one_folds_and_the_others_read_on(own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "FOLDED_ABOVE", 0)
    lamp()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.callproc("audit_fold_counts")
            with transaction.atomic():
                sql("SET LOCAL statement_timeout = '5s'")
                assert summary() == summary() == [("products", "INSERT", 1)]
            cursor.execute("COMMIT")
    finally:
        other.close()
    assert value(WAITING) == 0
    assert summary() == [("products", "INSERT", 1)]


def test_dropped_and_truncated_entries_are_counted_too(as_owner: AsOwner) -> None:
    write()
    with as_owner():
        sql("TRUNCATE ecommerce.orders CASCADE")
        assert summary() == sql(EXACT)
        sql("SELECT ecommerce.audit_drop_before(now())")
        assert summary() == sql(EXACT) == [("audit_log", "DELETE", 1)]


@pytest.mark.django_db
def test_everything_of_one_transaction_is_found_by_its_number() -> None:
    write()
    entries = AuditEntry.objects.of_transaction(value("SELECT pg_current_xact_id()::text::bigint"))
    assert entries.count() == AuditEntry.objects.count() > 0
    assert "audit_log_txid" in sql("SELECT indexdef FROM pg_indexes WHERE indexname = 'audit_log_txid'")[0][0]
