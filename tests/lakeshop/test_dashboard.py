"""The dashboard: its figures and charts, what a tick brings, and how few questions that takes."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from catalog.models import Product, ShopUser
from lakeshop import dashboard
from orders.models import Order
from pages.roles import Role
from tests.people import visitor
from tests.shop import ann, lamp, sql

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
QUERIES = 5
PARTS = ("_cards", "_revenue", "_categories", "_inventory", "_orders", "_activity")


@pytest.fixture
def reader() -> Client:
    return visitor(Role.VIEWER)


@pytest.fixture
def shop() -> Order:
    """One order of two lamps at 12.50, completed, and a chair."""
    lamp(name="Chair", category="Seat", stock_quantity=3, created_at=datetime.now(UTC) - timedelta(days=9))
    return sold(ann(full_name="Ann Other"), lamp(category="Light", stock_quantity=70), quantity=2, total=25)


def sold(user: ShopUser, product: Product, *, quantity: int = 1, total: int = 1, status: str = "completed") -> Order:
    order = Order.objects.create(user=user, status=status, total_amount=total)
    order.items.create(product=product, quantity=quantity, unit_price=product.price)
    return order


def home(client: Client, query: str = "") -> str:
    return client.get(f"/{query}").content.decode()


def seen(html: str) -> dict[str, str]:
    """What a page sends with its tick."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([\w.]*)">', html.partition('id="dashboard"')[2]))


def news(client: Client, page: dict[str, str]) -> list[str]:
    """The parts that a tick draws anew."""
    answer = client.get("/news", page, headers=HTMX)
    html = answer.content.decode()
    assert answer.status_code == (200 if html else 204)
    found = re.findall(r'<section id="(\w+)"[^>]* hx-swap-oob="true"', html)
    assert found == re.findall(r'<section id="(\w+)"', html)
    return found


def words(html: str, part: str) -> str:
    section = html.partition(f'<section id="{part}"')[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", section).split())


def test_figures_charts_and_orders(reader: Client, shop: Order) -> None:
    page = home(reader)
    cards = words(page, "_cards")
    new = ("Users 1 1 new in 7 days", "Products 2 1 new in 7 days", "Orders 1 1 new in 7 days")
    for told in (*new, "Revenue $25.00 $25.00 of it in 7 days"):
        assert told in cards
    assert "Lamp (Light): 70" in words(page, "_inventory") and "Chair (Seat): 3" in words(page, "_inventory")
    assert f"{datetime.now(UTC):%-d %b %Y}: $25.00" in words(page, "_revenue")
    assert "Light: $25.00" in words(page, "_categories")
    assert f"Order {shop.pk} Ann Other completed $25.00" in words(page, "_orders")
    assert "INSERT" in words(page, "_activity")
    assert 'id="_start"' not in page and '<section id="_connection"' in page


def test_a_week_without_anything_new(reader: Client, shop: Order) -> None:
    sql("UPDATE ecommerce.users SET created_at = now() - interval '8 days'")
    assert "Users 1 None new in 7 days" in words(home(reader), "_cards")


def test_while_the_shop_is_empty_the_page_says_how_to_begin(reader: Client) -> None:
    assert "manage.py seed" in home(visitor(Role.EDITOR))
    page = home(reader)
    assert "The shop is still empty" in page and "What to do next" in page and "docs/setup.md" in page
    for part, told in (
        ("_orders", "No order yet"),
        ("_inventory", "There is no product yet"),
        ("_categories", "There are none yet"),
        ("_activity", "Nothing has happened yet"),
    ):
        assert told in words(page, part)
    assert news(reader, seen(page)) == []


def test_what_to_do_next_stays_on_the_page_of_the_connection(reader: Client, shop: Order) -> None:
    assert "What to do next" not in home(reader)
    assert "What to do next" in reader.get("/connection").content.decode()


def test_a_tick_brings_only_what_has_changed(reader: Client, shop: Order) -> None:
    page = home(reader)
    assert news(reader, seen(page)) == []
    Product.objects.filter(name="Chair").update(stock_quantity=99)
    assert news(reader, seen(page)) == ["_cards", "_inventory", "_activity"]
    order = sold(ann(username="bob", email="bob@example.com"), shop.items.get().product, status="pending")
    page = home(reader)
    Order.objects.filter(pk=order.pk).update(status="cancelled")
    assert news(reader, seen(page)) == ["_cards", "_revenue", "_categories", "_orders", "_activity"]


def test_a_new_day_is_news_for_what_tells_of_days(reader: Client, shop: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    page = seen(home(reader))

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) + timedelta(days=1)

    monkeypatch.setattr(dashboard, "datetime", Tomorrow)
    assert news(reader, page) == ["_cards", "_revenue", "_categories"]


def test_new_activity_is_marked(reader: Client, shop: Order) -> None:
    page = seen(home(reader))
    lamp(name="Tent")
    html = reader.get("/news", page, headers=HTMX).content.decode()
    assert re.findall(r'<li class="is-new">.*?<strong dir="auto">(\w+)<', html, re.S) == ["Tent"]
    assert '<div hx-swap-oob="innerHTML:#live_news">1 new change<' in html


def test_the_choice_of_inserts_is_one_of_the_dashboard_too(reader: Client, shop: Order) -> None:
    Product.objects.update(stock_quantity=2)
    assert "UPDATE" in words(home(reader), "_activity")
    assert "UPDATE" not in words(home(reader, "?show=inserts"), "_activity")
    page = home(reader)
    assert "UPDATE" not in words(page, "_activity")
    Product.objects.update(stock_quantity=1)
    assert "_activity" not in news(reader, seen(page))


@pytest.mark.parametrize("busy", [False, True])
def test_a_page_and_a_tick_take_five_queries(
    reader: Client, shop: Order, busy: bool, django_assert_max_num_queries: Any
) -> None:
    if busy:
        sql("INSERT INTO ecommerce.products (name, price) SELECT 'Lamp', 1 FROM generate_series(1, 200)")
    with django_assert_max_num_queries(QUERIES):
        page = seen(home(reader, "?show=inserts"))
    with django_assert_max_num_queries(QUERIES):
        assert len(news(reader, {})) == len(PARTS)
    with django_assert_max_num_queries(1):
        assert news(reader, page) == []


def test_a_tick_is_for_people_with_a_role(client: Client) -> None:
    assert client.get("/news", headers=HTMX).status_code == 401
    assert visitor(Role.NOBODY).get("/news", headers=HTMX).status_code == 403


def test_categories_beyond_the_chart_are_one_bar(reader: Client) -> None:
    user = ann()
    for number in range(dashboard.LONGEST_CHART + 2):
        sold(user, lamp(category=f"C{number:02}", price=number + 1))
    told = words(home(reader), "_categories")
    assert "3 others: $6.00" in told and "C11: $12.00" in told and "C02:" not in told


@pytest.mark.parametrize("name", ["</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "🚀 مصباح"])
def test_hostile_names_are_text(reader: Client, name: str) -> None:
    sold(ann(full_name=name), lamp(name=name, category=name, stock_quantity=9))
    page = home(reader)
    assert name not in page or "<" not in name
    assert reader.get("/news", headers=HTMX).status_code == 200


def test_the_card_says_whether_the_page_keeps_the_endpoint_awake(reader: Client) -> None:
    page = home(reader)
    assert "keeps the endpoint awake" in page and "lets the endpoint sleep" in page


def test_pages_travel_compressed(reader: Client, shop: Order) -> None:
    plain, packed = reader.get("/"), reader.get("/", headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed["Vary"]
    assert len(packed.content) * 3 < len(plain.content)
