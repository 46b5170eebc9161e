"""Every write is recorded whole, whoever makes it and however."""

from decimal import Decimal

import pytest
from django.db import connection, transaction

from audit.actor import acting_as
from audit.models import AuditEntry
from catalog.models import Product
from orders.models import Order
from tests.audit.conftest import AsOwner
from tests.shop import PRODUCT, ann, lamp, order_of, sql, value

LOG = AuditEntry.objects.order_by("audit_id")


@pytest.mark.django_db
def test_insert_update_and_delete_with_full_images(app_principal: dict[str, str]) -> None:
    key = value(PRODUCT)
    Product.objects.filter(pk=key).update(price="9.99", tags=["led"])
    sql("DELETE FROM ecommerce.products")
    made, changed, gone = LOG.all()
    assert [entry.operation for entry in (made, changed, gone)] == ["INSERT", "UPDATE", "DELETE"]
    assert {(entry.table_name, entry.record_id) for entry in (made, changed, gone)} == {("products", key)}
    assert made.old_data is None and made.new_data["name"] == "Lamp" and made.new_data["product_id"] == key
    assert changed.old_data == made.new_data
    assert changed.new_data == gone.old_data == made.new_data | {
        "price": Decimal("9.99"), "tags": ["led"], "updated_at": changed.new_data["updated_at"]
    }  # fmt: skip
    assert changed.new_data["updated_at"] > made.new_data["updated_at"]
    assert gone.new_data is None
    assert {entry.created_by for entry in (made, changed, gone)} == {app_principal["client_id"]}
    assert {entry.txid for entry in (made, changed, gone)} == {value("SELECT txid_current()")}
    assert made.actor is None and made.request_id is None


@pytest.mark.django_db
def test_all_four_tables() -> None:
    order_of(ann(), (lamp(), 2))
    recorded = list(LOG.values_list("table_name", flat=True))
    assert recorded == ["users", "products", "orders", "order_items"]
    assert LOG.last().new_data["subtotal"] == 25


@pytest.mark.django_db
def test_changed_keys_keep_their_rows_paired() -> None:
    sql("INSERT INTO ecommerce.products (name, price) SELECT 'Lamp ' || n, n FROM generate_series(1, 200) AS n")
    sql("UPDATE ecommerce.products SET product_id = product_id + 1000000")
    changed = LOG.of_operation("UPDATE")
    assert changed.count() == 200
    for entry in changed:
        assert entry.record_id == entry.new_data["product_id"] == entry.old_data["product_id"] + 1000000
        assert entry.old_data["name"] == entry.new_data["name"]


@pytest.mark.django_db
def test_upsert_is_recorded_as_what_it_did() -> None:
    old = [lamp(sku=f"S{n}", name=f"Lamp {n}") for n in range(20)]
    sql(
        "INSERT INTO ecommerce.products (sku, name, price) SELECT 'S' || n, 'New ' || n, 1"
        " FROM generate_series(0, 29) AS n"
        " ON CONFLICT (sku) DO UPDATE SET name = excluded.name"
    )
    changed = LOG.of_operation("UPDATE")
    assert {entry.record_id for entry in changed} == {product.pk for product in old}
    for entry in changed:
        assert entry.old_data["sku"] == entry.new_data["sku"]
        assert entry.new_data["name"] == entry.old_data["name"].replace("Lamp", "New")
    assert LOG.of_operation("INSERT").count() == 30


@pytest.mark.django_db
def test_merge_records_each_of_its_actions() -> None:
    lamp(sku="A", name="A")
    lamp(sku="B", name="B")
    before = LOG.last().audit_id
    sql(
        "MERGE INTO ecommerce.products p USING (VALUES ('A'), ('B'), ('C')) AS v(sku) ON p.sku = v.sku"
        " WHEN MATCHED AND v.sku = 'A' THEN DELETE WHEN MATCHED THEN UPDATE SET price = 1"
        " WHEN NOT MATCHED THEN INSERT (sku, name, price) VALUES (v.sku, v.sku, 1)"
    )
    said = {(e.operation, (e.new_data or e.old_data)["sku"]) for e in LOG.filter(audit_id__gt=before)}
    assert said == {("DELETE", "A"), ("UPDATE", "B"), ("INSERT", "C")}


@pytest.mark.django_db
def test_items_deleted_with_their_orders_are_recorded() -> None:
    user, product = ann(), lamp()
    for _ in range(3):
        order_of(user, (product, 1), (product, 2))
    sql("DELETE FROM ecommerce.orders")
    gone = LOG.of_operation("DELETE")
    assert gone.in_table("orders").count() == 3
    assert (
        gone.in_table("order_items").values("record_id").distinct().count() == 6 == gone.in_table("order_items").count()
    )


@pytest.mark.django_db
def test_large_update_after_small_ones_is_fast() -> None:
    """The join's plan is kept, and the small ones would choose a nested loop."""
    sql("INSERT INTO ecommerce.products (name, price) SELECT 'Lamp', 1 FROM generate_series(1, 10000)")
    first = Product.objects.earliest("product_id")
    for price in range(7):
        Product.objects.filter(pk=first.pk).update(price=price)
    sql("SET LOCAL statement_timeout = '40s'")  # the loop took over a minute
    Product.objects.update(price=99)
    assert LOG.of_operation("UPDATE").count() == 10007


@pytest.mark.django_db
def test_refused_write_leaves_no_entry() -> None:
    product = lamp()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        product.delete()
        1 / 0  # noqa: B018
    assert LOG.count() == 1


def test_truncate_leaves_one_entry_with_the_number_of_rows(as_owner: AsOwner) -> None:
    order_of(ann(), (lamp(), 1), (lamp(), 2))
    with as_owner():
        sql("TRUNCATE ecommerce.orders CASCADE")
    marks = {entry.table_name: entry.old_data for entry in LOG.of_operation("TRUNCATE")}
    assert marks == {"orders": {"rows": 1}, "order_items": {"rows": 2}}
    assert Order.objects.count() == 0


def test_who_logged_in_is_recorded_and_cannot_be_feigned(as_owner: AsOwner, app_principal: dict[str, str]) -> None:
    with acting_as("owner"):
        lamp()
    with as_owner():
        owner = value("SELECT session_user")
        lamp()
    assert list(LOG.values_list("created_by", "actor")) == [(app_principal["client_id"], "owner"), (owner, None)]


def test_new_column_is_in_the_images_of_a_session_already_writing(as_owner: AsOwner) -> None:
    with as_owner():
        product = lamp()
        Product.objects.update(price=1)
        sql("ALTER TABLE ecommerce.products ADD COLUMN colour text NOT NULL DEFAULT 'red'")
        Product.objects.update(price=2)
        product.delete()
    assert [(entry.old_data or {}).get("colour") for entry in LOG.all()] == [None, None, "red", "red"]
    assert connection.settings_dict["NAME"].startswith("own_")
