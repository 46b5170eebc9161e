"""The dashboard's figures: exact at any moment, one query each."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.models import Product, ShopUser
from orders import figures
from orders.models import Order, OrderItem
from tests.audit.conftest import AsOwner
from tests.orders.conftest import AtOnce
from tests.orders.exact import assert_exact
from tests.shop import ann, lamp, sql, value

TODAY = datetime.now(UTC).date()
UNFOLDED = "SELECT (SELECT count(*) FROM daily_deltas) + (SELECT count(*) FROM sales_deltas)"
READINGS: list[Callable[[], Any]] = [
    figures.totals,
    figures.revenue_by_day,
    figures.revenue_by_category,
    figures.top_products,
    figures.top_products_this_week,
    figures.of_dashboard,
]


def sold(*lines: tuple[Product, int], days_ago: float = 0, status: str = "completed") -> Order:
    user = ShopUser.objects.first() or ann()
    total = sum((Decimal(product.price) * quantity for product, quantity in lines), Decimal(0))
    date = datetime.now(UTC) - timedelta(days=days_ago)
    order = Order.objects.create(user=user, status=status, total_amount=total, order_date=date)
    for product, quantity in lines:
        order.items.create(product=product, quantity=quantity, unit_price=product.price)
    return order


@pytest.fixture
def shop(db: None) -> tuple[Product, Product]:
    """Two products and five orders, three of them completed; the older of the users came ten days ago."""
    ann(created_at=datetime.now(UTC) - timedelta(days=10)), ann(email="b@example.com", username="b")
    light, chair = lamp(price="2.50", category="Light"), lamp(name="Chair", price=10, category="Seat")
    sold((light, 4), (chair, 1))
    sold((light, 1), (light, 1), days_ago=6)
    sold((chair, 5), days_ago=7)
    sold((chair, 100), status="shipped")
    sold((chair, 100), status="cancelled")
    return light, chair


def test_the_dashboard_is_told_the_same_at_once(shop: tuple[Product, Product], django_assert_num_queries: Any) -> None:
    apart = (figures.totals(), figures.revenue_by_day(), figures.revenue_by_category())
    with django_assert_num_queries(1):
        assert figures.of_dashboard() == apart
    assert str(figures.of_dashboard().totals.revenue.total) == "75.00"
    assert [type(each.revenue) for each in figures.of_dashboard().days] == [Decimal] * 30


def test_totals_and_their_change_in_seven_days(shop: tuple[Product, Product]) -> None:
    assert figures.totals() == (
        figures.Count(2, 1), figures.Count(2, 2), figures.Count(5, 4), figures.Money(Decimal("75.00"), Decimal("25.00"))
    )  # fmt: skip


def test_revenue_by_day(shop: tuple[Product, Product]) -> None:
    days = figures.revenue_by_day()
    assert [day.day for day in days] == [TODAY - timedelta(days=n) for n in range(29, -1, -1)]
    assert [day.revenue for day in days if day.revenue] == [50, 5, 20]
    assert figures.revenue_by_day(7) == days[-7:]
    assert figures.revenue_by_day(0) == []


def test_revenue_by_category_is_that_of_when_the_line_was_written(shop: tuple[Product, Product]) -> None:
    Product.objects.update(category="Other")
    assert figures.revenue_by_category() == [("Seat", 6, 60), ("Light", 6, 15)]


def test_top_products(shop: tuple[Product, Product]) -> None:
    light, chair = shop
    assert figures.top_products() == [
        (chair.pk, chair.sku, "Chair", "Seat", 6, 60), (light.pk, light.sku, "Lamp", "Light", 6, 15)
    ]  # fmt: skip
    assert [(one.name, one.units, one.revenue) for one in figures.top_products_this_week()] == [
        ("Lamp", 6, 15), ("Chair", 1, 10)
    ]  # fmt: skip
    assert [one.name for one in figures.top_products(1)] == ["Chair"]
    assert [one.name for one in figures.top_products_this_week(1)] == ["Lamp"]


def test_who_leads_is_exact_when_the_leaders_fall(shop: tuple[Product, Product]) -> None:
    figures.fold()
    third = lamp(name="Cup", price=1)
    sold((third, 1))
    figures.fold()
    OrderItem.objects.exclude(product=third).delete()
    assert [one.name for one in figures.top_products(1)] == ["Cup"]
    assert [one.name for one in figures.top_products_this_week(1)] == ["Cup"]


def test_nothing_sold(db: None) -> None:
    assert figures.totals() == ((0, 0), (0, 0), (0, 0), (0, 0))
    assert {day.revenue for day in figures.revenue_by_day()} == {0}
    assert figures.revenue_by_category() == figures.top_products() == figures.top_products_this_week() == []


@pytest.mark.parametrize("read", READINGS)
def test_one_query_each(shop: tuple[Product, Product], read: Callable[[], Any]) -> None:
    with CaptureQueriesContext(connection) as queries:
        read()
    assert len(queries) == 1


@pytest.mark.parametrize("read", READINGS)
def test_whoever_reads_many_deltas_folds_them(db: None, read: Callable[[], Any]) -> None:
    for number in range(250):
        sql("INSERT INTO products (name, price, sku) VALUES ('Lamp', 1, %s)", [str(number)])
    read()
    assert value(UNFOLDED) == 250
    assert_exact()
    lamp()
    read()
    assert value(UNFOLDED) == 0
    assert figures.totals().products == (251, 251)
    assert_exact()


def test_reading_where_nothing_may_be_written(as_owner: AsOwner) -> None:
    """Also when the week that is kept is not today's any more."""
    light, chair = lamp(price="2.50"), lamp(name="Chair", price=10)
    sold((light, 4))
    sold((light, 4), (chair, 1), days_ago=6)
    figures.fold()
    sold((chair, 2), days_ago=1)
    with as_owner():
        sql("UPDATE product_days SET day = day - 1")
        sql("UPDATE sales_deltas SET day = day - 1")
        sql("UPDATE figures_week SET last_day = last_day - 1")
        sql("INSERT INTO daily_deltas (day) SELECT '2000-01-01' FROM generate_series(1, 2000)")
    unfolded = value(UNFOLDED)
    with transaction.atomic():
        sql("SET TRANSACTION READ ONLY")
        for read in READINGS:
            read()
        assert [one[4:] for one in figures.top_products_this_week()] == [(4, 10), (2, 20)]
    with transaction.atomic():
        sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert [one[4:] for one in figures.top_products_this_week()] == [(4, 10), (2, 20)]
    assert value(UNFOLDED) == unfolded
    assert [one[4:] for one in figures.top_products_this_week()] == [(4, 10), (2, 20)]
    assert value(UNFOLDED) == 0


def test_the_week_moves_on(as_owner: AsOwner) -> None:
    light, chair = lamp(price=1), lamp(name="Chair", price=1)
    for days_ago in range(9):
        sold((light, 10**days_ago), (chair, 1), days_ago=days_ago)
    sold((chair, 1000), days_ago=-2)
    expected = [1111111, 1111111 - 10**6, 1111111 - 10**6 - 10**5]
    with as_owner():
        for day, units in enumerate(expected):
            sql("SELECT move_figures_week(%s)", [TODAY + timedelta(days=day)])
            if day:
                figures.fold()
            assert_exact()
            (top, second) = figures.top_products_this_week()
            assert (top.units, second.units) == (units, 7 - day + 1000 * (day == 2))
        sql("SELECT move_figures_week(%s)", [TODAY + timedelta(days=100)])
        assert figures.top_products_this_week() == []
        assert value("SELECT count(*) FROM product_days") == 0
        assert_exact()


@pytest.mark.parametrize("date", ["0002-01-01", "9998-12-31"])
def test_the_first_and_the_last_dates(shop: tuple[Product, Product], date: str) -> None:
    before = figures.totals()
    sql("UPDATE orders SET order_date = %s WHERE status = 'completed'", [date])
    sql("UPDATE users SET created_at = %s", [date])
    for _ in range(2):
        assert (figures.totals().orders.total, figures.totals().revenue) == (5, (before.revenue.total, 0))
        assert figures.top_products_this_week() == []
        assert_exact()
        figures.fold()


def test_emptied_by_flush(as_owner: AsOwner) -> None:
    sold((lamp(), 1))
    figures.fold()
    sold((lamp(), 1))
    with as_owner():
        call_command("flush", interactive=False, verbosity=0)
    assert figures.totals() == ((0, 0), (0, 0), (0, 0), (0, 0))
    assert_exact()
    sold((lamp(), 1))
    assert_exact()


def test_deleted_orders_are_forgotten_by_the_next_fold(own_database: str) -> None:
    sold((lamp(), 1)).delete()
    sold((lamp(), 2))
    sql("DELETE FROM orders")
    assert value("SELECT count(*) FROM deleted_orders") == 2
    assert_exact()
    figures.fold()
    assert value("SELECT count(*) FROM deleted_orders") == 0
    assert_exact()


@pytest.mark.parametrize("status", ["completed", "pending"])
def test_key_of_a_deleted_order_comes_back(db: None, status: str) -> None:
    order = sold((lamp(price=1), 2))
    sql("DELETE FROM orders")
    again = Order.objects.create(order_id=order.pk, user=order.user, status=status, order_date=order.order_date)
    again.items.create(product=lamp(), quantity=5, unit_price=1)
    assert_exact()
    OrderItem.objects.update(quantity=6)
    assert_exact()
    sql("DELETE FROM orders")
    assert_exact()


def test_lines_and_completion_at_once(at_once: AtOnce) -> None:
    product = lamp(price=1)
    made = [sold((product, 1), status="shipped").pk for _ in range(30)]

    def work(number: int) -> None:
        for order in made:
            if number == 0:
                sql("UPDATE orders SET status = 'completed' WHERE order_id = %s", [order])
            elif number == 1 and order % 5:  # a line and its whole order at once may deadlock: docs/orders.md
                OrderItem.objects.filter(order=order).update(quantity=5)
            elif number == 2:
                sql("DELETE FROM orders WHERE order_id = %s AND order_id %% 5 = 0", [order])
            elif number > 2 and order % 5:
                OrderItem.objects.create(order_id=order, product=product, quantity=number, unit_price=1)

    assert at_once(6, work) == [None] * 6
    assert_exact()
    figures.fold()
    assert_exact()


def test_reading_while_others_write_and_fold(at_once: AtOnce) -> None:
    """Nothing is missed and nothing is counted twice in any moment of a fold."""

    def work(number: int) -> None:
        for n in range(40):
            if number % 2:
                ann(email=f"{number}.{n}@example.com", username=f"{number}.{n}")
                continue
            before = ShopUser.objects.count()
            read = figures.totals().users.total
            assert before <= read <= ShopUser.objects.count()
            figures.fold()

    assert at_once(8, work) == [None] * 8
    assert figures.totals().users == (160, 160)


def test_plan_of_a_small_table_does_not_read_a_large_one_whole(shop: tuple[Product, Product]) -> None:
    # The trigger's plans are kept by the session: made for five orders, they once read all completed ones each time.
    sql("ANALYZE orders")
    light, _ = shop
    user = ShopUser.objects.first()
    many = Order.objects.bulk_create(Order(user=user, status="completed", total_amount=5) for _ in range(200))
    scans = "SELECT pg_stat_get_xact_numscans(%s::regclass)"
    before = value(scans, ["orders_status"])
    OrderItem.objects.bulk_create(OrderItem(order=it, product=light, quantity=1, unit_price=5) for it in many)
    assert value(scans, ["orders_status"]) == before
    assert_exact()
