"""Questions to the trail: the latest, one record's history, filters, pages, counts."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import MISSING, AuditEntry, Change
from catalog.models import Product
from tests.shop import ann, lamp, sql, value

pytestmark = pytest.mark.django_db


def test_history_of_one_record_field_by_field() -> None:
    product = lamp(sku="L")
    lamp()
    Product.objects.filter(pk=product.pk).update(price="9.99", tags=["led"])
    key = product.pk
    product.delete()
    gone, changed, made = AuditEntry.objects.of_record("products", key)
    assert {change.field: change[1:] for change in changed.changes() if change.field != "updated_at"} == {
        "price": (Decimal("12.50"), Decimal("9.99")),
        "tags": ([], ["led"]),
    }
    assert Change("sku", MISSING, "L") in list(made.changes())
    assert Change("sku", "L", MISSING) in list(gone.changes())


def test_change_within_a_json_object_is_told_by_its_path() -> None:
    user = ann(metadata={"role": "vendor", "tier": {"name": "gold", "since": 2024}, "gone": 1})
    user.metadata = {"role": "vendor", "tier": {"name": "silver", "since": 2024}, "new": None}
    user.save()
    changed = AuditEntry.objects.of_record("users", user.pk)[0].changes()
    assert {(change.field, change.before, change.after) for change in changed if change.field != "updated_at"} == {
        ("metadata.tier.name", "gold", "silver"),
        ("metadata.new", MISSING, None),
        ("metadata.gone", 1, MISSING),
    }


def test_money_keeps_its_digits() -> None:
    product = lamp(price="12.50")
    made = AuditEntry.objects.of_record("products", product.pk).get()
    assert str(made.new_data["price"]) == "12.50"


def test_pages_follow_each_other_without_gap_or_repetition() -> None:
    for number in range(7):
        lamp(name=f"Lamp {number}")
    seen: list[int] = []
    page = AuditEntry.objects.page(size=3)
    seen += [entry.audit_id for entry in page.entries]
    while page.following is not None:
        lamp()  # what comes meanwhile does not shift the pages
        page = AuditEntry.objects.page(before=page.following, size=3)
        seen += [entry.audit_id for entry in page.entries]
    assert len(seen) == len(set(seen)) == 7
    assert seen == sorted(seen, reverse=True)
    exact = AuditEntry.objects.in_table("products").page(size=AuditEntry.objects.count())
    assert exact.following is None


def test_counts_are_capped() -> None:
    for _ in range(3):
        lamp()
    assert str(AuditEntry.objects.counted()) == "3"
    assert str(AuditEntry.objects.counted(most=3)) == "3"
    assert str(AuditEntry.objects.counted(most=2)) == "2+"


def test_filters_by_table_operation_and_actor() -> None:
    lamp()
    ann().delete()
    log = AuditEntry.objects
    assert log.in_table("users").counted().counted == 2
    assert log.in_table("users").of_operation("DELETE").get().old_data["username"] == "ann"
    assert not log.by_actor("nobody").exists()
    assert [entry.table_name for entry in log.latest_first()] == ["users", "users", "products"]


def test_time_range_is_exact_at_both_ends() -> None:
    lamp()
    now, moment = value("SELECT now()"), timedelta(microseconds=1)
    log = AuditEntry.objects
    assert log.between().count() == log.between(since=now).count() == log.between(now, now + moment).count() == 1
    assert log.between(until=now).count() == log.between(since=now + moment).count() == 0
    assert len(log.between(now - moment, now + moment).in_table("products").page().entries) == 1


def test_time_range_holds_where_its_first_day_is_empty() -> None:
    lamp()
    now, days = value("SELECT now()"), timedelta(days=40)
    log = AuditEntry.objects
    assert log.between(since=now - days).count() == log.between(now - days, now + days).count() == 1
    assert log.between(until=now + days).count() == 1
    assert log.between(now + days, now + 2 * days).count() == log.between(now - 2 * days, now - days).count() == 0


def test_time_range_is_fenced_by_its_first_and_last_number() -> None:
    lamp()
    now, moment = value("SELECT now()"), timedelta(microseconds=1)
    number = AuditEntry.objects.get().audit_id
    with CaptureQueriesContext(connection) as asked:
        where = str(AuditEntry.objects.between(now, now + moment).query)
    assert f'"audit_id" >= {number}' in where and f'"audit_id" <= {number}' in where
    assert len(asked) == 1
    # The key would be walked to the first that fits, be it the last of millions.
    (query,) = asked.captured_queries
    sql("SET LOCAL enable_seqscan = off")
    plan = "\n".join(line for (line,) in sql("EXPLAIN " + query["sql"]))
    assert "audit_log_created_at" in plan and "audit_log_pkey" not in plan
