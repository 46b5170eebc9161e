"""Lists as CSV files, whole or as they are filtered, and examples that can be imported as they are."""

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.importing import KINDS
from catalog.importing.example import ROWS, example
from catalog.models import Product, ShopUser
from pages.roles import Role
from tests.catalog.importing.csv_files import imported
from tests.people import visitor
from tests.shop import ann, lamp, order_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer() -> Client:
    return visitor(Role.VIEWER)


def rows(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200 and answer["Content-Type"] == "text/csv; charset=utf-8"
    content = b"".join(answer) if answer.streaming else answer.content
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_all_products_are_streamed(viewer: Client) -> None:
    lamp(sku="A")
    lamp(sku="B", name="=1+1")
    answer = viewer.get("/export/products.csv")
    assert answer.streaming and 'attachment; filename="products-' in answer["Content-Disposition"]
    assert [(row["sku"], row["name"]) for row in rows(answer)] == [("A", "Lamp"), ("B", "'=1+1")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=desk", ["Desk"]),
        ("stock=out", ["Lamp"]),
        ("at=1&sort=name", ["Lamp", "Desk"]),
    ],
)
def test_products_are_downloaded_as_the_list_shows_them(viewer: Client, query: str, found: list[str]) -> None:
    lamp()
    lamp(name="Desk", stock_quantity=3)
    assert [row["name"] for row in rows(viewer.get(f"/export/products.csv?{query}"))] == found


def test_users_are_downloaded_as_the_list_shows_them(viewer: Client) -> None:
    ann(metadata={"role": "vendor"})
    ShopUser.objects.create(email="bob@example.com", username="bob")
    assert [row["username"] for row in rows(viewer.get("/export/users.csv"))] == ["ann", "bob"]
    assert [row["username"] for row in rows(viewer.get("/export/users.csv?role=vendor"))] == ["ann"]


def test_orders_are_downloaded_line_by_line(viewer: Client) -> None:
    order_of(ann(), (lamp(sku="A"), 2), (lamp(sku="B"), 1))
    found = rows(viewer.get("/export/orders.csv"))
    assert [(row["email"], row["sku"], row["quantity"]) for row in found] == [
        ("ann@example.com", "A", "2"),
        ("ann@example.com", "B", "1"),
    ]


@pytest.mark.parametrize("kind", ["products", "users"])
def test_the_list_leads_to_its_file(viewer: Client, kind: str) -> None:
    lamp()
    ann()
    page = viewer.get(f"/{kind}/?x=a%26b&y=%22").content.decode()
    assert f'href="/export/{kind}.csv?x=a%26b&amp;y=%22"' in page


@pytest.mark.parametrize(
    "address", ["/export/products.csv", "/export/users.csv", "/export/orders.csv", "/import/example/users.csv"]
)
def test_they_are_for_those_with_a_role(client: Client, address: str) -> None:
    assert client.get(address)["Location"] == f"/sign-in?next={address}"
    assert visitor(Role.NOBODY).get(address).status_code == 403


@pytest.mark.parametrize("kind", KINDS)
def test_an_example_has_every_column_and_can_be_imported_as_it_is(viewer: Client, kind: str) -> None:
    found = rows(viewer.get(f"/import/example/{kind}.csv"))
    assert tuple(found) == ROWS[kind] and list(found[0]) == [column.name for column in KINDS[kind].columns]
    report = imported(example(kind), kind)
    assert (report.inserted, report.rejected, report.ignored) == (2, 0, [])
    assert imported(example(kind), kind).unchanged == 2


def test_the_example_says_what_it_means(viewer: Client) -> None:
    imported(example("products"))
    imported(example("users"), "users")
    assert Product.objects.get(sku="MUG-BLUE-02").tags == ["mug", "blue, glazed"]
    assert ShopUser.objects.get(username="ada").metadata == {"tier": "gold", "role": "customer"}


@pytest.mark.parametrize("query", ["", "?q=50%25", "?category=%27Light%27"])
def test_with_debug_set_it_is_the_same(viewer: Client, query: str) -> None:
    lamp(name="50% off", category="'Light'")
    with CaptureQueriesContext(connection):  # with the cursors of DEBUG
        assert [row["name"] for row in rows(viewer.get(f"/export/products.csv{query}"))] == ["50% off"]
