"""The list of orders: statuses, search, days, sorting, pages; as a page and alone."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from catalog.models import ShopUser
from orders import filters
from orders.models import Order, Status
from pages.roles import Role
from tests.people import visitor
from tests.shop import ann

pytestmark = pytest.mark.django_db
LIST = "/orders/"
FOLLOWING = re.compile(r'id="pager_following"[^>]*href="([^"]+)"')
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def viewer() -> Client:
    return visitor(Role.VIEWER)


def order(user: ShopUser, day: int = 0, **fields: Any) -> Order:
    return Order.objects.create(user=user, order_date=NOON + timedelta(days=day), **fields)


def bob() -> ShopUser:
    return ann(username="bob", email="bob@example.org", full_name="Bob Lee")


def listed(client: Client, query: str = "") -> list[int]:
    page = client.get(LIST + query).content.decode()
    return [int(number) for number in re.findall(r'class="order-link"[^>]*>#(\d+)<', page)]


def test_it_says_whose_days_are_asked_for(viewer: Client) -> None:
    assert "Days begin and end in UTC" in viewer.get("/orders/").content.decode()


def test_the_newest_orders_come_first(viewer: Client) -> None:
    old, new = order(ann(), 1), order(bob(), 2)
    assert listed(viewer) == [new.pk, old.pk]


def test_a_line_says_who_what_and_how_much(viewer: Client) -> None:
    order(bob(), status=Status.SHIPPED, total_amount="1234.50", payment_method="bank_transfer")
    page = viewer.get(LIST).content.decode()
    for said in ("Bob Lee", "shipped", "$1,234.50", "Bank transfer", "10 Mar 2026"):
        assert said in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?status=paid", ["b"]),
        ("?status=completed", []),
        ("?status=nonsense", []),
        ("?status=", ["c", "b", "a"]),
        ("?q=bob", ["c", "b"]),
        ("?q=LEE&status=paid", ["b"]),
        ("?q=example.com", ["a"]),
        ("?q=nobody", []),
        ("?q=%25", []),
        ("?q=a%00b", []),
        ("?since=2026-03-11", ["c", "b"]),
        ("?until=2026-03-11", ["b", "a"]),
        ("?since=2026-03-11&until=2026-03-11", ["b"]),
        ("?since=0001-01-01&until=9999-12-31", ["c", "b", "a"]),
        ("?since=tomorrow", []),
        ("?sort=order_date", ["a", "b", "c"]),
        ("?sort=order_id", ["a", "b", "c"]),
        ("?sort=-order_id", ["c", "b", "a"]),
        *((f"?sort={bad}", ["c", "b", "a"]) for bad in ("total_amount", "user", "-", "user__email", "status", "x")),
        ("?at=nonsense", ["c", "b", "a"]),
    ],
)
def test_searching_filtering_and_sorting(viewer: Client, query: str, found: list[str]) -> None:
    someone = bob()
    made = {"a": order(ann(), 0), "b": order(someone, 1, status=Status.PAID), "c": order(someone, 2)}
    assert listed(viewer, query) == [made[name].pk for name in found]


@pytest.mark.parametrize("form", ["{}", "%23{}", " {} "])
def test_a_number_finds_the_order(viewer: Client, form: str) -> None:
    user = ann()
    wanted, _ = order(user), order(user)
    assert listed(viewer, "?q=" + form.format(wanted.pk)) == [wanted.pk]


@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 19, "9" * 40])
def test_a_number_of_no_order_finds_nothing(viewer: Client, number: str) -> None:
    order(ann())
    assert listed(viewer, f"?q={number}") == []


def test_when_too_many_customers_fit_it_is_said(viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "MOST_CUSTOMERS", 1)
    order(ann())
    order(bob())
    assert len(listed(viewer, "?q=example")) == 1
    assert "give more of the name" in viewer.get(LIST + "?q=example").content.decode()
    assert "give more of the name" not in viewer.get(LIST + "?q=bob").content.decode()


def test_the_tabs_count_up_to_a_thousand(viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "COUNTED", 2)
    user = ann()
    for status in (*[Status.PAID] * 2, *[Status.SHIPPED] * 3):
        order(user, status=status)
    page = viewer.get(LIST + "?status=paid&q=ann&at=x").content.decode()
    tabs = re.findall(r'id="tab_(\w+)"[^>]*>\w+(?: <span class="tab-count">([^<]+))?', page)
    assert tabs == [
        ("all", ""),
        ("pending", "0"),
        ("paid", "2"),
        ("shipped", "2+"),
        ("completed", "0"),
        ("cancelled", "0"),
    ]
    assert re.search(r'id="tab_paid"[^>]*aria-current', page)
    (kept,) = re.findall(r'id="tab_shipped"[^>]*href="([^"]+)"', page)
    assert "q=ann" in kept and "at=" not in kept


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?status=zzz", "Status: There is no “zzz” to choose."),
        ("?status=PAID&q=ann", "Status: There is no “PAID” to choose."),
        ("?since=tomorrow", "From: Write a day as 2026-11-25."),
        ("?since=2026-12-01&until=2026-01-01", "From: No day is from 2026-12-01 to 2026-01-01: exchange them."),
    ],
)
def test_what_cannot_be_asked_for_finds_nothing_and_is_told(viewer: Client, query: str, said: str) -> None:
    order(ann())
    page = viewer.get(LIST + query).content.decode()
    assert said in page and "list-faults" in page and "Nothing is searched until this is mended" in page
    assert listed(viewer, query) == [] and "Not searched" in page and "Nothing fits" not in page


def test_days_the_wrong_way_round_are_told_beside_their_field_as_they_are_typed(viewer: Client) -> None:
    wrong, said = {"since": "2026-03-11", "until": "2026-03-10"}, "No day is from 2026-03-11 to 2026-03-10"
    page = viewer.get(LIST, wrong).content.decode()
    assert f'<p id="id_since_error" class="filter-fault">{said}: exchange them.</p>' in page
    assert re.search(r'id="id_since"[^>]*aria-invalid="true"|aria-invalid="true"[^>]*id="id_since"', page)
    typed = viewer.get(LIST, wrong, headers={"HX-Request": "true"}).content.decode()
    assert f'<p id="id_since_error" class="filter-fault" hx-swap-oob="true">{said}' in typed
    mended = viewer.get(LIST, {"since": "2026-03-10", "until": "2026-03-10"}, headers={"HX-Request": "true"})
    assert '<p id="id_since_error" class="filter-fault" hx-swap-oob="true"></p>' in mended.content.decode()


def test_a_status_that_is_none_chooses_no_tab_and_leaves_with_the_next_search(viewer: Client) -> None:
    page = viewer.get(LIST + "?status=zzz").content.decode()
    assert not re.search(r'id="tab_\w+"[^>]*aria-current', page)
    assert 'name="status"' not in page


def test_pages_follow_one_another_also_within_one_moment(viewer: Client) -> None:
    user = ann()
    made = [order(user).pk for _ in range(60)][::-1]
    found, query = listed(viewer), ""
    while following := re.findall(
        r'id="pager_following"[^>]*href="([^"]+)"', viewer.get(LIST + query).content.decode()
    ):
        query = unescape(following[0])
        found += listed(viewer, query)
    assert found == made


def test_htmx_gets_the_list_alone(viewer: Client) -> None:
    answer = viewer.get(LIST, headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith('<section id="_order_list"')
    assert "HX-Request" in answer["Vary"]


def test_a_full_page_costs_few_queries_none_of_which_counts_everything(
    viewer: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = ann()
    for _ in range(30):
        order(user)
    with django_assert_num_queries(4), CaptureQueriesContext(connection) as asked:  # who, rows, count, tabs
        assert viewer.get(LIST).status_code == 200
    assert all("LIMIT" in each["sql"] for each in asked if "COUNT(" in each["sql"].upper())


def test_an_empty_list_says_what_to_do(viewer: Client) -> None:
    assert "An editor can create one" in viewer.get(LIST).content.decode()
    assert "Create the first one" in visitor(Role.EDITOR).get(LIST).content.decode()
    assert "Nothing fits" in viewer.get(LIST + "?q=x").content.decode()
    assert "No order is in this status" in viewer.get(LIST + "?status=paid").content.decode()


def test_only_editors_see_the_way_to_create_one(viewer: Client) -> None:
    assert "/orders/place" not in viewer.get(LIST).content.decode()
    assert "/orders/place" in visitor(Role.EDITOR).get(LIST).content.decode()


@pytest.mark.parametrize("address", [LIST, "/orders/1/"])
def test_without_a_role_one_sees_nothing(client: Client, address: str) -> None:
    assert client.get(address).status_code == 302
    assert visitor(Role.NOBODY).get(address).status_code == 403


def test_a_negative_number_has_its_page_too(viewer: Client) -> None:
    made = order(ann(), order_id=-7)
    assert f'href="/orders/{made.pk}/"' in viewer.get(LIST).content.decode()
    assert viewer.get(f"/orders/{made.pk}/").status_code == 200
