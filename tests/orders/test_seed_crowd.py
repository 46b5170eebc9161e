"""`manage.py seed` with numbers: a believable shop of that size, whole, again and again the same."""

from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, F, Sum

from audit.models import AuditEntry
from catalog.models import Product, ShopUser
from orders.models import Order, OrderItem
from orders.seeding import crowd
from orders.seeding.crowd import Size, populate
from tests.shop import ann, sql, value

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
SMALL = {"users": 40, "products": 50, "orders": 300}


def seed(**options: Any) -> str:
    out = StringIO()
    call_command("seed", stdout=out, **options)
    return out.getvalue()


def size(**numbers: Any) -> Size:
    return Size(**{**SMALL, "days": 90, "seed": 7, "until": NOON} | numbers)


def shop_without_numbers() -> list[list[tuple[Any, ...]]]:
    return [
        sql("SELECT full_name, metadata::text, preferences::text, is_active, created_at FROM users ORDER BY user_id"),
        sql("SELECT name, description, price, stock_quantity, category, tags FROM products ORDER BY product_id"),
        sql("SELECT order_date, status, total_amount, shipping_address::text, full_name FROM orders JOIN users"
            " USING (user_id) ORDER BY order_id"),
        sql("SELECT name, quantity, unit_price FROM order_items JOIN products USING (product_id)"
            " ORDER BY order_item_id"),
    ]  # fmt: skip


@pytest.mark.django_db
def test_shop_of_that_size_is_added() -> None:
    ann()
    assert seed(**SMALL) == "Added 40 users, 50 products and 300 orders.\n"
    assert (ShopUser.objects.count(), Product.objects.count(), Order.objects.count()) == (41, 50, 300)
    assert not Order.objects.filter(items=None).exists()


@pytest.mark.django_db
def test_totals_prices_and_categories_are_right() -> None:
    populate(size())
    assert not Order.objects.annotate(lines=Sum("items__subtotal")).exclude(total_amount=F("lines")).exists()
    assert not OrderItem.objects.exclude(unit_price=F("product__price"), category=F("product__category")).exists()
    assert not Order.objects.exclude(stock_taken=True).exclude(status="cancelled").exists()


@pytest.mark.django_db
def test_nothing_is_older_than_what_it_is_about() -> None:
    populate(size())
    assert (
        not Order.objects.filter(order_date__lt=F("user__created_at")).exclude(user=ShopUser.objects.first()).exists()
    )
    assert not OrderItem.objects.filter(order__order_date__lt=F("product__created_at")).exists()
    dates = list(Order.objects.values_list("order_date", flat=True))
    assert dates == sorted(dates) and dates[-1] <= NOON and (NOON - dates[0]).days <= 90


@pytest.mark.django_db
def test_it_is_a_believable_shop() -> None:
    populate(size(users=200, products=300, orders=3000))
    sold = [count for (count,) in sql("SELECT count(*) FROM order_items GROUP BY product_id ORDER BY 1 DESC")]
    assert sum(sold[:30]) > sum(sold) / 3, "a tenth of the products make a third of the sales"
    assert len(sold) > 150, "and the long tail sells as well"
    assert Product.objects.filter(stock_quantity=0).exists() and Product.objects.available().count() > 250
    assert ShopUser.objects.annotate(orders_placed=Count("orders")).filter(orders_placed__gt=20).exists()
    statuses = dict(sql("SELECT status, count(*) FROM orders GROUP BY status"))
    assert set(statuses) == {"pending", "paid", "shipped", "completed", "cancelled"}
    assert max(statuses, key=lambda status: statuses[status]) == "completed"
    assert not Order.objects.filter(order_date__lt=datetime(2026, 2, 1, tzinfo=UTC), status="pending").exists()


@pytest.mark.django_db
def test_same_seed_gives_the_same_shop_and_another_seed_another() -> None:
    shops = []
    for number in (7, 7, 8):
        for table in ("order_items", "orders", "products", "users"):
            sql(f"DELETE FROM {table}")
        populate(size(seed=number))
        shops.append(shop_without_numbers())
    assert shops[0] == shops[1]
    assert all(one != other for one, other in zip(shops[0], shops[2], strict=True))


@pytest.mark.django_db
def test_numbers_go_on_when_it_is_added_twice() -> None:
    populate(size())
    populate(size())
    assert (ShopUser.objects.count(), Order.objects.count()) == (80, 600)
    populate(size(orders=1))
    assert value("INSERT INTO orders (user_id) SELECT max(user_id) FROM users RETURNING order_id") > 601


@pytest.mark.django_db
@pytest.mark.parametrize(("users", "products", "orders"), [(1, 1, 1), (1, 1, 0), (2, 1, 50)])
def test_smallest_shops(users: int, products: int, orders: int) -> None:
    populate(size(users=users, products=products, orders=orders, days=1))
    assert (ShopUser.objects.count(), Order.objects.count()) == (users, orders)


@pytest.mark.django_db
def test_each_row_is_audited_as_the_commands_doing() -> None:
    seed(**SMALL)
    rows = sum(model.objects.count() for model in (ShopUser, Product, Order, OrderItem))
    assert AuditEntry.objects.by_actor("command:seed").count() == rows


@pytest.mark.django_db
def test_rows_come_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "AT_ONCE", 128)
    told: list[tuple[str, int]] = []
    populate(size(), lambda kind, rows: told.append((kind, rows)))
    assert told == [("users", 40), ("products", 50), ("orders", 128), ("orders", 128), ("orders", 44)]


def test_all_or_nothing(own_database: str) -> None:
    number = value("SELECT nextval(pg_get_serial_sequence('orders', 'order_id'))")
    ann()
    sql("INSERT INTO orders (order_id, user_id) SELECT %s, user_id FROM users", [number + 250])
    with pytest.raises(CommandError, match="Nothing was added: duplicate key"):
        seed(**SMALL)
    assert (ShopUser.objects.count(), Product.objects.count(), Order.objects.count()) == (1, 0, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"users": 0}, "--users 0: give a number from 1 to 10,000,000."),
        ({"users": -5}, "--users -5: give a number from 1 to 10,000,000."),
        ({"products": 0}, "--products 0: give a number from 1 to 1,000,000."),
        ({"orders": -1}, "--orders -1: give a number from 0 to 10,000,000."),
        ({"orders": 10**12}, "--orders 1000000000000: give a number from 0 to 10,000,000."),
        ({"days": 0}, "--days 0: give a number from 1 to 3,650."),
        ({"seed": -1}, "--seed -1: give a number from 0 to"),
        ({"until": "yesterday"}, "--until yesterday: write a day or a time, as in 2026-01-31"),
        ({"until": "2999-01-01"}, "--until 2999-01-01: give a time from the year 2000 on that has passed."),
        ({"until": "0001-01-01"}, "--until 0001-01-01: give a time from the year 2000 on that has passed."),
    ],
)
def test_nonsense_is_refused_in_a_sentence(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CommandError) as refusal:
        seed(**options)
    assert str(refusal.value).startswith(sentence)
    assert not ShopUser.objects.exists()
