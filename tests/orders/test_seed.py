"""`manage.py seed` without numbers: the sample of the original, whole, once."""

from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, Sum

from audit.models import AuditEntry
from catalog.models import Product, ShopUser
from orders.models import Order, OrderItem
from tests.audit.conftest import AsOwner, as_owner  # noqa: F401  a fixture
from tests.shop import ann, order_of, sql

TABLES = ("users", "products", "orders", "order_items")


def seed(**options: Any) -> str:
    out = StringIO()
    call_command("seed", stdout=out, **options)
    return out.getvalue()


def everything() -> list[list[tuple[Any, ...]]]:
    return [sql(f"SELECT * FROM {table} ORDER BY 1") for table in TABLES]


@pytest.mark.django_db
def test_sample_is_planted() -> None:
    assert seed() == "Added 5 users, 10 products and 4 orders.\n"
    tiers = {user.username: user.metadata.get("tier") or user.metadata["role"] for user in ShopUser.objects.all()}
    assert tiers == {
        "johndoe": "gold",
        "janesmith": "silver",
        "admin": "admin",
        "bobwilson": "bronze",
        "alicejohnson": "vendor",
    }
    assert Product.objects.get(name="Laptop Pro 2024").price == Decimal("1999.99")
    assert {product.category for product in Product.objects.all()} == {"Electronics", "Accessories", "Books"}
    assert (Product.objects.count(), OrderItem.objects.count()) == (10, 8)


@pytest.mark.django_db
def test_totals_are_the_sums_of_the_items() -> None:
    seed()
    sums = Order.objects.annotate(lines=Sum("items__subtotal")).order_by("pk").values_list("total_amount", "lines")
    assert [total for total, _ in sums] == [Decimal(t) for t in ("2099.97", "189.98", "529.98", "149.97")]
    assert all(total == lines for total, lines in sums)
    assert not OrderItem.objects.exclude(category=F("product__category"), unit_price=F("product__price")).exists()


@pytest.mark.django_db
def test_second_time_changes_nothing() -> None:
    seed()
    before, entries = everything(), AuditEntry.objects.count()
    assert seed() == "The sample is there already: nothing was added or changed.\n"
    assert (everything(), AuditEntry.objects.count()) == (before, entries)


@pytest.mark.django_db
def test_what_is_missing_comes_back_and_what_was_changed_stays() -> None:
    seed()
    Product.objects.filter(sku="LAMP-DESK").delete()
    Product.objects.filter(sku="MOUSE-WL").update(price=1, name="Cheap mouse")
    OrderItem.objects.filter(order__user__username="bobwilson").delete()
    Order.objects.filter(user__username="bobwilson").delete()
    Order.objects.filter(user__username="johndoe").order_by("-pk")[0].delete()
    assert seed() == "Added 0 users, 1 product and 1 order.\n"
    assert Product.objects.get(sku="MOUSE-WL").name == "Cheap mouse"
    assert sorted(order.user.username for order in Order.objects.all()) == ["bobwilson", "janesmith", "johndoe"]


@pytest.mark.django_db
def test_other_rows_stay_as_they_are() -> None:
    order_of(ann())
    seed()
    assert (ShopUser.objects.count(), Order.objects.filter(user__username="ann").count()) == (6, 1)


@pytest.mark.django_db
def test_taken_name_is_told_and_nothing_added() -> None:
    ann(username="bobwilson")
    with pytest.raises(CommandError, match=r"Nothing was added: .*\(username\)=\(bobwilson\) already exists"):
        seed()
    assert (ShopUser.objects.count(), Product.objects.count()) == (1, 0)


@pytest.mark.django_db
def test_each_row_is_audited_as_the_commands_doing() -> None:
    seed()
    assert set(AuditEntry.objects.values_list("actor", "operation")) == {("command:seed", "INSERT")}
    assert AuditEntry.objects.count() == 5 + 10 + 4 + 8


def test_owner_plants_it_as_well(as_owner: AsOwner) -> None:  # noqa: F811
    with as_owner():
        assert seed() == "Added 5 users, 10 products and 4 orders.\n"
