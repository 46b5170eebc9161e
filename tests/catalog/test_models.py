"""Users and products: completed and checked by the database, through the ORM and through plain SQL."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from catalog.models import Product, ShopUser
from tests.shop import PRODUCT, USER, ann, lamp, sql, value

pytestmark = pytest.mark.django_db


def test_plain_insert_is_completed() -> None:
    user = ShopUser.objects.get(pk=value(USER))
    assert (user.full_name, user.metadata, user.preferences, user.is_active) == ("", {}, {}, True)
    product = Product.objects.get(pk=value(PRODUCT))
    assert (product.description, product.stock_quantity, product.category, product.tags) == ("", 0, "Other", [])
    assert product.sku.startswith("LS-")
    assert product.created_at == product.updated_at


def test_defaults_come_back_to_the_orm() -> None:
    product = lamp()
    assert product.sku.startswith("LS-")
    assert product.tags == []
    assert lamp().sku != product.sku


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE ecommerce.products SET price = -0.01", "products_price_not_negative"),
        ("UPDATE ecommerce.products SET price = 'NaN'", "products_price_not_negative"),
        ("UPDATE ecommerce.products SET stock_quantity = -1", "products_stock_not_negative"),
        ("UPDATE ecommerce.products SET name = ''", "products_name_given"),
        ("UPDATE ecommerce.products SET sku = ''", "products_sku_given"),
        ("INSERT INTO ecommerce.products (name, price, sku) VALUES ('x', 1, 'LAMP')", "products_sku_key"),
        *(
            (f"UPDATE ecommerce.{table} SET created_at = '{time}'", f"{table}_times_readable")
            for table in ("products", "users")
            for time in ("infinity", "-infinity", "0044-03-15 BC", "9999-12-31 23:00:00+00")
        ),
        (
            "INSERT INTO ecommerce.users (email, username, updated_at) VALUES ('b@c.de', 'b', 'infinity')",
            "users_times_readable",
        ),
        ("UPDATE ecommerce.users SET username = ''", "users_username_given"),
        ("INSERT INTO ecommerce.users (email, username) VALUES ('ann@example.com', 'b')", "users_email_key"),
        ("INSERT INTO ecommerce.users (email, username) VALUES ('Ann@Example.com', 'b')", "users_email_key"),
        ("INSERT INTO ecommerce.users (email, username) VALUES ('b@example.com', 'ann')", "users_username_key"),
        *(
            (f"UPDATE ecommerce.users SET email = '{email}'", "users_email_shape")
            for email in ("not-an-email", "a@b", "a b@c.de", "a@b@c.de", "@c.de", "a@.de", "a@c.", "")
        ),
    ],
)
def test_database_refuses(statement: str, constraint: str) -> None:
    ann()
    lamp(sku="LAMP")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        sql(statement)


def test_form_validation_says_it_in_words() -> None:
    ann()
    with pytest.raises(ValidationError) as refusal:
        ShopUser(email="ANN@example.com", username="ann").full_clean()
    assert refusal.value.message_dict["email"] == ["This e-mail is another user's."]
    assert refusal.value.message_dict["__all__"] == ["This username is taken."]
    with pytest.raises(ValidationError, match=r"Give a stock of 0 or more\."):
        Product(name="Lamp", sku="L", price=Decimal(1), stock_quantity=-1).full_clean()


def test_questions() -> None:
    desk = lamp(name="Desk lamp", stock_quantity=3, category="Light", tags=["desk", "led"])
    floor = lamp(name="Floor lamp", stock_quantity=30, tags=["led"])
    gone = lamp(name="Old lamp")
    assert list(Product.objects.available().best_stocked()) == [floor, desk]
    assert list(Product.objects.low_on_stock()) == [gone, desk]
    assert list(Product.objects.in_category("Light")) == [desk]
    assert set(Product.objects.tagged("led")) == {desk, floor}
    assert list(Product.objects.tagged("led", "desk")) == [desk]
    assert list(Product.objects.newest_first()) == [gone, floor, desk]
    vendor = ann(metadata={"role": "vendor", "tier": "gold"})
    left = ann(email="b@example.com", username="b", is_active=False)
    assert list(ShopUser.objects.in_role("vendor")) == list(ShopUser.objects.active()) == [vendor]
    assert list(ShopUser.objects.newest_first()) == [left, vendor]


def test_no_index_repeats_another() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.indexrelid::regclass, b.indexrelid::regclass FROM pg_index a JOIN pg_index b USING (indrelid)"
            " WHERE a.indexrelid < b.indexrelid AND a.indkey::text = b.indkey::text"
            " AND pg_get_expr(a.indpred, indrelid) IS NOT DISTINCT FROM pg_get_expr(b.indpred, indrelid)"
            " AND indrelid IN ('users'::regclass, 'products'::regclass, 'orders'::regclass, 'order_items'::regclass)"
        )
        assert cursor.fetchall() == []
