"""The lists of products and users: search, filters, sorting, pages; as a page and alone."""

import re
from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Product
from pages.roles import Role
from tests.people import visitor
from tests.shop import ann, lamp

pytestmark = pytest.mark.django_db
HOSTILE = "</script><script>alert(1)</script> ' \" & \u202e مرحبا 👋"


@pytest.fixture
def viewer() -> Client:
    cache.clear()
    return visitor(Role.VIEWER)


def names(client: Client, address: str) -> list[str]:
    """What the rows of a list link to, in their order."""
    page = client.get(address).content.decode()
    return [unescape(name) for name in re.findall(r'class="row-link"[^>]*>([^<]*)<', page)]


def test_the_newest_products_come_first(viewer: Client) -> None:
    lamp(name="Old")
    lamp(name="New")
    assert names(viewer, "/products/") == ["New", "Old"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=desk", ["Desk"]),
        ("q=DES", ["Desk"]),
        ("q=sku-f", ["Floor"]),
        ("q=led", ["Floor", "Desk"]),
        ("category=Home", ["Floor"]),
        ("stock=in", ["Floor", "Desk"]),
        ("stock=low", ["Desk"]),
        ("stock=out", ["Gone"]),
        ("q=led&stock=low", ["Desk"]),
        ("q=nothing+like+it", []),
        ("category=unknown", []),
        ("category=a%00b", []),
        ("q=a%00b", []),
        ("q=%25", []),
    ],
)
def test_products_are_searched_and_filtered(viewer: Client, query: str, found: list[str]) -> None:
    lamp(name="Desk", stock_quantity=3, category="Light", tags=["led"])
    lamp(name="Floor", stock_quantity=30, category="Home", tags=["led"], sku="SKU-FLOOR")
    lamp(name="Gone", category="Light")
    assert names(viewer, f"/products/?{query}") == found


@pytest.mark.parametrize(
    ("sort", "found"),
    [("name", "abc"), ("-name", "cba"), ("price", "bac"), ("-price", "cab"), ("stock_quantity", "cba")]
    + [(bad, "cba") for bad in ("tags", "-", "--name", "password", "orders__user__email", "select")],
)
def test_products_are_sorted_by_what_may_be_sorted(viewer: Client, sort: str, found: str) -> None:
    for name, price, stock in (("a", 2, 3), ("b", 1, 2), ("c", 3, 1)):
        lamp(name=name, price=price, stock_quantity=stock)
    assert "".join(names(viewer, f"/products/?sort={sort}")) == found


def test_pages_follow_one_another(viewer: Client) -> None:
    for number in range(30):
        lamp(name=f"p{number:02}")
    first = viewer.get("/products/?sort=name").content.decode()
    (following,) = re.findall(r'id="pager_following"[^>]*href="([^"]+)"', first)
    assert names(viewer, "/products/" + unescape(following)) == [f"p{number}" for number in range(25, 30)]
    second = viewer.get("/products/" + unescape(following)).content.decode()
    assert 'id="pager_previous"' in second and 'id="pager_following"' not in second
    assert 'aria-sort="ascending"' in second


def test_users_are_searched_and_filtered(viewer: Client) -> None:
    ann(full_name="Ann Lee", metadata={"role": "vendor"})
    ann(username="bob", email="b@example.org", is_active=False)
    assert names(viewer, "/users/?q=lee") == names(viewer, "/users/?role=vendor") == ["ann"]
    assert names(viewer, "/users/?q=.org") == names(viewer, "/users/?active=False") == ["bob"]
    assert names(viewer, "/users/?sort=username") == ["ann", "bob"]


@pytest.mark.parametrize("metadata", [{}, [], "text", 5, {"role": 7}, {"role": None}, {"role": {"a": 1}}])
def test_odd_metadata_does_not_break_a_page(viewer: Client, metadata: object) -> None:
    user = ann(metadata=metadata)
    assert names(viewer, "/users/") == ["ann"]
    assert viewer.get(f"/users/{user.pk}/").status_code == 200


@pytest.mark.parametrize("address", ["/products/", "/users/"])
def test_htmx_gets_the_list_alone(viewer: Client, address: str) -> None:
    lamp()
    ann()
    answer = viewer.get(address, headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith('<section id="_')
    assert "HX-Request" in answer["Vary"]


@pytest.mark.parametrize(("address", "queries"), [("/products/", 5), ("/users/", 4)])
def test_a_full_page_costs_few_queries(
    viewer: Client, address: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        lamp(name=f"p{number}", tags=["a"] * 6)
        ann(username=f"u{number}", email=f"u{number}@example.com")
    with django_assert_num_queries(queries - 1):  # who it is, the rows, the count; of products the categories
        assert viewer.get(address).status_code == 200


@pytest.mark.parametrize("address", ["/products/", "/users/"])
def test_an_empty_list_says_what_to_do(viewer: Client, address: str) -> None:
    empty = viewer.get(address).content.decode()
    assert "An editor can add one" in empty and "Add a" not in empty and f"{address}add" not in empty
    assert "Add the first one" in visitor(Role.EDITOR).get(address).content.decode()
    assert "Nothing fits" in viewer.get(f"{address}?q=x").content.decode()
    beyond = {"sort": "name" if address == "/products/" else "username", "at": ">zzz~1"}
    assert "ends before this page" in viewer.get(address, beyond).content.decode()


def test_hostile_text_is_text(viewer: Client) -> None:
    key = HOSTILE.replace("\u202e", "")  # nothing hidden is in a key
    product = lamp(name=HOSTILE, tags=[HOSTILE], description=HOSTILE, category=HOSTILE, sku=key)
    user = ann(full_name=HOSTILE, username=key, metadata={HOSTILE: HOSTILE}, preferences={"items": [HOSTILE]})
    for address in ("/products/", f"/products/{product.pk}/", "/users/", f"/users/{user.pk}/"):
        page = viewer.get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_a_viewer_sees_no_way_to_change_anything(viewer: Client) -> None:
    product = lamp()
    ann()
    for address in ("/products/", f"/products/{product.pk}/", "/users/"):
        page = viewer.get(address).content.decode()
        assert "/add" not in page and "elete" not in page and "/edit" not in page and "checkbox" not in page
    assert "give it here" not in viewer.get("/import/").content.decode()
    assert "give it here" in visitor(Role.EDITOR).get("/import/").content.decode()


@pytest.mark.parametrize("asked", [{"category": "no-such"}, {"stock": "no-such"}])
def test_what_cannot_be_asked_for_finds_nothing_and_is_told(viewer: Client, asked: dict[str, str]) -> None:
    lamp()
    page = viewer.get("/products/", asked).content.decode()
    assert "There is no “no-such” to choose." in page
    assert "Not searched Show all" in " ".join(re.sub(r"<[^>]+>", " ", page).split()) and "Nothing fits" not in page
    assert viewer.get("/export/products.csv", asked).status_code == 400


@pytest.mark.parametrize("page", ["/products/?", "/search/?q=lamp&", "/export/products.csv?"])
def test_every_category_can_be_asked_for(viewer: Client, page: str) -> None:
    """Beyond the first hundred, and before the list of them is read anew."""
    Product.objects.bulk_create(Product(name="Lamp", price=1, category=f"C{number:03}") for number in range(110))
    viewer.get("/products/")
    lamp(name="New", category="Z new")
    for category in ("C108", "Z new"):
        answer = viewer.get(f"{page}category={category}")
        told = answer.getvalue().decode()
        assert answer.status_code == 200 and "There is no" not in told
        assert f'<option value="{category}" selected' in told or f",{category}," in told


def test_a_category_can_be_chosen_as_soon_as_a_product_has_it(viewer: Client) -> None:
    viewer.get("/products/")
    product = {"name": "Lamp", "price": "1", "stock_quantity": "1", "category": "Brand new"}
    assert visitor(Role.EDITOR).post("/products/add", product).status_code == 302
    assert '<option value="Brand new"' in viewer.get("/products/").content.decode()
