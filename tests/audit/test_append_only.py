"""The trail only grows: for the site's role, which cannot touch it, and for its owner, who drops by one function."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import Error, ProgrammingError, transaction

from audit.models import AuditEntry
from catalog.models import Product
from tests.audit.conftest import AsOwner
from tests.shop import lamp, sql, value

FORGERY = "INSERT INTO ecommerce.audit_log (table_name, operation) VALUES ('products', 'DELETE')"
ATTEMPTS = [
    "UPDATE ecommerce.audit_log SET actor = 'nobody'",
    "DELETE FROM ecommerce.audit_log",
    "TRUNCATE ecommerce.audit_log",
    FORGERY,
    "DROP TABLE ecommerce.audit_log CASCADE",
    "ALTER TABLE ecommerce.audit_log ADD COLUMN forged text",
    "ALTER TABLE ecommerce.audit_log DISABLE TRIGGER ALL",
    "ALTER TABLE ecommerce.products DISABLE TRIGGER audit_update",
    "DROP TRIGGER audit_update ON ecommerce.products",
    "SET session_replication_role = replica",
    "SELECT set_config('session_replication_role', 'replica', false)",
    "CREATE OR REPLACE FUNCTION ecommerce.audit_record_change() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN NULL; END'",
    "ALTER FUNCTION ecommerce.audit_record_change() RENAME TO nothing",
    "DROP FUNCTION ecommerce.audit_record_change() CASCADE",
    "SELECT ecommerce.audit_drop_before(now() + '1 day')",
    "INSERT INTO ecommerce.audit_count_deltas VALUES ('products', 'DELETE', -1)",
    "UPDATE ecommerce.audit_counts SET entries = 0",
    "SELECT set_config('lakeshop.audit_retention', 'on', true); DELETE FROM ecommerce.audit_log",
]


@pytest.mark.django_db
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_site_cannot_touch_it_and_is_still_watched(attempt: str) -> None:
    product = lamp()
    log = list(AuditEntry.objects.values())
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
        sql(attempt)
    assert list(AuditEntry.objects.values()) == log
    Product.objects.update(price=1)
    assert AuditEntry.objects.of_record("products", product.pk).first().operation == "UPDATE"


@pytest.mark.django_db
@pytest.mark.parametrize("function", ["audit_record_change('product_id')", "audit_record_truncate()"])
def test_the_site_cannot_forge_through_a_table_of_the_same_name(function: str) -> None:
    event, rows = ("TRUNCATE", "") if "truncate" in function else ("INSERT", "REFERENCING NEW TABLE AS new_rows")
    sql("CREATE TEMP TABLE products (product_id bigint, price numeric)")
    when = "BEFORE" if event == "TRUNCATE" else "AFTER"
    sql(f"CREATE TRIGGER forge {when} {event} ON pg_temp.products {rows} EXECUTE FUNCTION ecommerce.{function}")
    write = "TRUNCATE pg_temp.products" if event == "TRUNCATE" else "INSERT INTO pg_temp.products VALUES (1, 0)"
    with pytest.raises(ProgrammingError, match="cannot be audited"), transaction.atomic():
        sql(write)
    assert not AuditEntry.objects.exists()


def test_owner_is_refused_too(as_owner: AsOwner) -> None:
    lamp()
    with as_owner():
        for attempt in ATTEMPTS[:3]:
            with pytest.raises(Error, match=r"the audit trail only grows[^$]*audit_drop_before\(moment\)"):
                sql(attempt)
    assert AuditEntry.objects.count() == 1


def test_owner_drops_what_is_old_and_the_log_says_so(as_owner: AsOwner) -> None:
    lamp()
    lamp()
    middle = value("SELECT clock_timestamp()")
    lamp()
    first, second, last = AuditEntry.objects.order_by("audit_id").values_list("audit_id", flat=True)
    with as_owner():
        dropped = "SELECT * FROM ecommerce.audit_drop_before(%s)"
        assert sql(dropped, [middle]) == [(2, first, second)]
        assert sql(dropped, [middle]) == [(0, None, None)]
        with pytest.raises(Error, match="the audit trail only grows"):
            sql("DELETE FROM ecommerce.audit_log")
    left, told = AuditEntry.objects.order_by("audit_id")
    assert left.audit_id == last
    assert (told.table_name, told.operation) == ("audit_log", "DELETE")
    assert (told.old_data["entries"], told.old_data["first_id"], told.old_data["last_id"]) == (2, first, second)


def test_flush_empties_the_shop_and_keeps_the_log(as_owner: AsOwner) -> None:
    lamp()
    with as_owner():
        call_command("flush", interactive=False, stdout=(said := StringIO()))
    assert "The audit trail is kept: " in said.getvalue()
    assert not Product.objects.exists()
    marks = AuditEntry.objects.of_operation("TRUNCATE")
    assert marks.in_table("products").get().old_data == {"rows": 1}
    assert AuditEntry.objects.of_operation("INSERT").count() == 1
