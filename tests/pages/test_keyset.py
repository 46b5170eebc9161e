"""Pages of a long list: every row once, in order, forwards and backwards, whatever equal values there are."""

import pytest
from django.db.models import Q
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from catalog.models import Product
from pages.keyset import count_of, few_first, slice_of
from tests.shop import lamp

pytestmark = pytest.mark.django_db
ALL = Product.objects.all()
ORDERS = ["name", "-name", "price", "-price", "stock_quantity", "-stock_quantity", "created_at", "-created_at"]


@pytest.fixture
def seven() -> None:
    for name, price, stock in [
        ("b", 2, 1),
        ("a~>", 1, 0),
        ("b", 2, 1),
        ("c", "1.50", 1),
        ("b", 0, 5),
        ("é", 9, 0),
        ("b", 2, 1),
    ]:
        lamp(name=name, price=price, stock_quantity=stock)


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
@pytest.mark.parametrize("order", ORDERS)
def test_forwards_and_back_again_each_row_is_seen_once(order: str, size: int) -> None:
    key = "-pk" if order.startswith("-") else "pk"
    expected = list(ALL.order_by(order, key))
    page = slice_of(ALL, order, size=size)
    pages = [page.rows]
    assert page.previous == ""
    while page.following:
        page = slice_of(ALL, order, page.following, size)
        pages.append(page.rows)
    assert [row for rows in pages for row in rows] == expected
    back = [page.rows]
    while page.previous:
        page = slice_of(ALL, order, page.previous, size)
        back.append(page.rows)
    assert [row for rows in reversed(back) for row in rows] == expected


@pytest.mark.usefixtures("seven")
def test_a_page_is_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        page = slice_of(ALL, "name", size=3)
    with django_assert_num_queries(1):
        slice_of(ALL, "name", page.following, 3)


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize(
    "at",
    ["x", ">", "<", "~", ">~", ">a~", ">~1", ">a~x", "=a~1", ">a\x00~1", ">NaN~1", ">sNaN~1", ">Infinity~1"],
)
@pytest.mark.parametrize("order", ["price", "-stock_quantity", "created_at"])
def test_what_is_no_place_is_the_first_page(order: str, at: str) -> None:
    assert slice_of(ALL, order, at, 3) == slice_of(ALL, order, "", 3)


@pytest.mark.fuzz
@settings(deadline=None)
@given(
    at=st.text(max_size=60) | st.builds("{}{}~{}".format, st.sampled_from("<>"), st.text(max_size=30), st.integers())
)
@pytest.mark.parametrize("order", ORDERS)
def test_no_place_is_an_error(order: str, at: str) -> None:
    assert slice_of(ALL, order, at, 2).rows == []


def test_beyond_the_last_number_is_nothing() -> None:
    lamp()
    assert slice_of(ALL, "stock_quantity", ">99999999999999999999~1").rows == []
    assert slice_of(ALL, "name", f">zz~{10**30}").rows == []


def test_counting_stops() -> None:
    for _ in range(3):
        lamp()
    assert (count_of(ALL), count_of(ALL, 3), count_of(ALL, 2)) == ("3", "3", "2+")
    assert count_of(ALL.none()) == "0"


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize("most", [0, 2, 3, 4])
def test_few_are_found_first_and_many_by_the_way(most: int) -> None:
    cheap = ALL.filter(price__lte=2)
    fitting, are_many = few_first(cheap, Q(name="b"), most=most)
    assert are_many == (most < 4)
    assert set(fitting) == set(cheap.filter(name="b"))
    assert ("price" in str(fitting.query.where)) and ("name" in str(fitting.query.where)) == (most < 4)
