"""Adding a table to the audit is one line, and every migration goes back and forth with rows in the tables."""

import pytest
from django.core.management import call_command

from audit.models import AuditEntry
from audit.operations import AuditTable
from tests.audit.conftest import AsOwner
from tests.shop import ann, lamp, order_of, sql, value

OURS = "SELECT count(*) FROM pg_class WHERE relnamespace = 'ecommerce'::regnamespace AND relname ~ '{}'"
FUNCTIONS = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'ecommerce'::regnamespace"


def test_to_zero_and_back_with_rows(as_owner: AsOwner) -> None:
    order_of(ann(), (lamp(), 1))
    shop = OURS.format("^(users|products|orders|order_items|audit_log)")
    with as_owner():
        before, functions = value(shop), value(FUNCTIONS)
        for app in ("console", "orders", "catalog", "audit"):
            call_command("migrate", app, "zero", verbosity=0, interactive=False)
        assert (value(shop), value(FUNCTIONS)) == (0, 0)
        call_command("migrate", verbosity=0, interactive=False)
        assert (value(shop), value(FUNCTIONS)) == (before, functions)
        order_of(ann(), (lamp(), 1))
        assert AuditEntry.objects.count() == 4


def test_audit_is_taken_off_and_put_on_again_with_rows(as_owner: AsOwner) -> None:
    with as_owner():
        lamp()
        call_command("migrate", "catalog", "0002", verbosity=0, interactive=False)
        lamp()
        call_command("migrate", verbosity=0, interactive=False)
        lamp()
        assert AuditEntry.objects.count() == 2


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_nothing_lands_in_public() -> None:
    assert sql("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace") == []


def test_operation_writes_itself_and_refuses_what_is_no_name() -> None:
    assert AuditTable("products", key="product_id").deconstruct() == ("AuditTable", ["products"], {"key": "product_id"})
    with pytest.raises(ValueError, match="cannot be audited"):
        AuditTable("products; --", key="product_id")
