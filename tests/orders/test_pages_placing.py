"""Creating an order on its page: searching, picking, adding up, placing, and what stands against it."""

import json
import re
import uuid
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from audit.models import AuditEntry
from catalog.models import Product, ShopUser
from catalog.search import embeddings, indexing, vectors
from orders.models import Order, OrderItem
from orders.picking import label_of
from pages.roles import Role
from tests.people import visitor
from tests.shop import ann, lamp

pytestmark = pytest.mark.django_db
PAGE = "/orders/place"
HTMX = {"HX-Request": "true"}
ADDRESS = {"street": "1 Main St", "city": "Denver", "state": "CO", "zip": "80202", "country": "US"}
HOSTILE = "</script><script>alert(1)</script> ' \" & \u202e مرحبا 👋 " + "x" * 150
KEY = HOSTILE.replace("\u202e", "")  # nothing unseen is in what tells one row from another


@pytest.fixture
def editor() -> Client:
    return visitor(Role.EDITOR)


def typed(user: ShopUser | None, *lines: tuple[Product | None, object], **others: Any) -> dict[str, Any]:
    """What the page sends once these are picked."""
    form: dict[str, Any] = {"do": "place", "key": str(uuid.uuid4()), "payment_method": "paypal"} | ADDRESS
    form |= {"customer": user.pk if user else "", "customer_words": label_of(user) if user else ""}
    form["line"] = [str(number) for number in range(1, len(lines) + 1)]
    form["product"] = [product.pk if product else "" for product, _ in lines]
    form["words"] = [label_of(product) if product else "" for product, _ in lines]
    form["quantity"] = [str(quantity) for _, quantity in lines]
    return form | others


def placed(answer: HttpResponse) -> Order:
    assert answer.status_code == 302, answer.content.decode()
    return Order.objects.get(pk=answer["Location"].strip("/").rpartition("/")[2])


def words(answer: HttpResponse) -> str:
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


def test_an_order_of_two_lines_is_placed(editor: Client) -> None:
    user, desk, floor = ann(), lamp(stock_quantity=5), lamp(name="Floor", price="80", stock_quantity=2)
    order = placed(editor.post(PAGE, typed(user, (desk, 3), (floor, 1))))
    assert (order.user, order.total_amount, order.payment_method) == (user, Decimal("117.50"), "paypal")
    assert order.shipping_address == ADDRESS
    assert list(order.items.values_list("product", "quantity")) == [(desk.pk, 3), (floor.pk, 1)]
    assert list(Product.objects.values_list("stock_quantity", flat=True)) == [2, 1]
    assert {entry.actor for entry in AuditEntry.objects.in_table("orders")} == {"editor"}


def test_htmx_is_led_to_the_order(editor: Client) -> None:
    answer = editor.post(PAGE, typed(ann(), (lamp(stock_quantity=1), 1)), headers=HTMX)
    assert answer["HX-Redirect"] == f"/orders/{Order.objects.get().pk}/"
    assert "is placed" in editor.get(answer["HX-Redirect"]).content.decode()


def test_what_is_left_out_of_the_address_is_not_stored(editor: Client) -> None:
    form = typed(ann(), (lamp(stock_quantity=1), 1), state="  ", zip="", city="  Paris ")
    assert placed(editor.post(PAGE, form)).shipping_address == {"street": "1 Main St", "city": "Paris", "country": "US"}


def test_sent_twice_it_is_one_order(editor: Client) -> None:
    form = typed(ann(), (lamp(stock_quantity=9), 2))
    first, second = (placed(editor.post(PAGE, form)) for _ in range(2))
    assert first == second == Order.objects.get()
    assert "nothing was ordered twice" in editor.get(f"/orders/{first.pk}/").content.decode()


def test_changed_and_sent_again_it_asks_and_then_is_another_order(editor: Client) -> None:
    user, product = ann(), lamp(stock_quantity=9)
    form = typed(user, (product, 2))
    first = placed(editor.post(PAGE, form))
    refused = editor.post(PAGE, form | {"quantity": ["3"]})
    assert f"Look at order {first.pk}" in words(refused)
    key = re.search(r'name="key" value="([^"]+)"', refused.content.decode())
    assert key and key[1] != form["key"]
    assert placed(editor.post(PAGE, form | {"quantity": ["3"], "key": key[1]})) != first


def test_the_way_back_to_an_order_that_was_placed_leads_to_a_new_one(editor: Client) -> None:
    form = typed(ann(), (lamp(stock_quantity=9), 2))
    first = placed(editor.post(PAGE, form))
    answer = editor.post(PAGE, form | {"do": "return"}, headers=HTMX)
    page = answer.content.decode()
    assert page.lstrip().startswith('<form id="_order_form"') and f"look at order {first.pk}" in words(answer)
    assert form["key"] not in page and ADDRESS["street"] not in page and label_of(first.user) not in page
    assert re.findall(r'<li id="line_(\d+)"', page) == ["1"]
    assert Order.objects.count() == 1


@pytest.mark.parametrize("change", [{}, {"customer": "", "customer_words": "an"}, {"key": ""}, {"key": "a\x00b"}])
def test_the_way_back_to_one_that_was_not_placed_leads_to_all_of_it(editor: Client, change: dict[str, Any]) -> None:
    user, desk, floor = ann(), lamp(name="Desk", stock_quantity=9), lamp(name="Floor")
    form = typed(user, (desk, 2), (floor, 1), do="return") | change
    page = editor.post(PAGE, form, headers=HTMX).content.decode()
    assert re.findall(r'name="quantity"[^>]* value="(\d+)"', page) == ["2", "1"]
    assert all(kept in page for kept in (label_of(desk), label_of(floor), ADDRESS["street"], "$37.50"))
    assert "placed-before" not in page and "Nothing was ordered yet" not in page


def test_the_way_back_is_ones_own_customers(editor: Client) -> None:
    product, other = lamp(stock_quantity=9), ann(username="bob", email="bob@example.org")
    form = typed(ann(), (product, 2))
    placed(editor.post(PAGE, form))
    page = editor.post(PAGE, typed(other, (product, 2), do="return", key=form["key"])).content.decode()
    assert "placed-before" not in page and label_of(other) in page


def test_empty_lines_are_left_out(editor: Client) -> None:
    order = placed(editor.post(PAGE, typed(ann(), (None, 1), (lamp(stock_quantity=1), 1), (None, 1))))
    assert order.items.count() == 1


def test_a_refusal_stands_beside_its_line_and_nothing_typed_is_lost(editor: Client) -> None:
    user, desk, floor = ann(), lamp(name="Desk", stock_quantity=3), lamp(name="Floor", stock_quantity=9)
    form = typed(user, (None, 1), (floor, 1), (desk, 2), (desk, 2), street="12 Rue de l'Église")
    answer = editor.post(PAGE, form)
    page = answer.content.decode()
    first, second, third = page.split('<li id="line_')[1:]
    assert "Only 3 Desk are left; lines 2 and 3 ask for 4." in second and "Only 3 Desk are left" in third
    assert "left; line" not in first
    assert all(kept in page for kept in ("12 Rue de l&#x27;Église", label_of(user), label_of(desk), form["key"]))
    assert re.search(r'value="paypal"[^>]* checked', page)
    assert not Order.objects.exists() and not OrderItem.objects.exists()
    assert set(Product.objects.values_list("stock_quantity", flat=True)) == {3, 9}
    assert not AuditEntry.objects.in_table("products", "UPDATE").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"customer": "", "customer_words": ""}, "Choose who orders."),
        ({"customer": "", "customer_words": "ann"}, "Choose one of those found."),
        ({"customer_words": "somebody else"}, "Choose one of those found."),
        ({"customer": "999"}, "Choose one of those found."),
        ({"product": [""], "words": ["lam"]}, "Choose one of those found."),
        ({"product": [""], "words": [""]}, "Choose a product."),
        ({"line": [], "product": [], "words": [], "quantity": []}, "The order is empty: give it at least one line."),
        ({"street": ""}, "Say which street it goes to."),
        ({"city": "a\x00b"}, "Null characters are not allowed."),
        ({"country": "x" * 201}, "at most 200 characters"),
        ({"payment_method": "shells"}, "There is no “shells” to choose."),
        *(
            ({"quantity": [bad]}, "Give a whole number from 1 to 2,147,483,647.")
            for bad in ("", "0", "-1", "1.5", "two", "٣", "1e3", "2147483648", "9" * 30, "</script>")
        ),
    ],
)
def test_what_is_wrong_is_said(editor: Client, change: dict[str, Any], said: str) -> None:
    form = typed(ann(), (lamp(stock_quantity=5), 1)) | change
    assert said in words(editor.post(PAGE, form))
    assert not Order.objects.exists()


def test_an_inactive_customer_is_refused_beside_the_customer(editor: Client) -> None:
    answer = editor.post(PAGE, typed(ann(is_active=False), (lamp(stock_quantity=5), 1)))
    errors = re.search(r'id="errors_customer">(.*?)</div>', answer.content.decode())
    assert errors and "is not active and cannot order" in errors[1]


@pytest.mark.parametrize("key", ["no uuid", "x" * 300, "\x00"])
def test_a_broken_key_is_refused(editor: Client, key: str) -> None:
    answer = editor.post(PAGE, typed(ann(), (lamp(stock_quantity=5), 1), key=key))
    assert "Nothing was ordered yet" in words(answer)
    assert not Order.objects.exists()


def test_without_script_lines_are_added_and_removed_and_all_typed_is_kept(editor: Client) -> None:
    form = typed(ann(), (lamp(name="Desk"), 7), (None, "x"), do="add", street="Elm")
    grown = editor.post(PAGE, form).content.decode()
    assert re.findall(r'<li id="line_(\d+)"', grown) == ["1", "2", "3"]
    assert 'value="7"' in grown and 'value="x"' in grown and 'value="Elm"' in grown
    shrunk = editor.post(PAGE, form | {"do": "remove 1"}).content.decode()
    assert re.findall(r'<li id="line_(\d+)"', shrunk) == ["2"]
    assert "field-errors" in shrunk and "Say which" not in shrunk


def test_without_script_what_is_typed_is_searched_and_picked(editor: Client) -> None:
    user, product = ann(full_name="Ann Lee"), lamp(name="Desk", stock_quantity=4)
    form = typed(None, (None, 2), do="check", customer_words="lee") | {"words": ["des"]}
    found = editor.post(PAGE, form).content.decode()
    assert f'value="pick customer {user.pk}"' in found and f'value="pick 1 {product.pk}"' in found
    picked = editor.post(PAGE, form | {"do": f"pick 1 {product.pk}"}).content.decode()
    assert f'name="product" value="{product.pk}"' in picked and "$25.00" in picked
    picked = editor.post(PAGE, form | {"do": f"pick customer {user.pk}"}).content.decode()
    assert f'name="customer" value="{user.pk}"' in picked


@pytest.mark.parametrize(
    "do",
    [
        *("", "pick", "pick 1", "pick 1 x", "pick 1 999", "pick customer 99", "pick 7 1", "pick 1 " + "9" * 19),
        *("remove", "remove 9", "remove x", "drop", "add me", "\x00"),
    ],
)
def test_odd_buttons_do_nothing(editor: Client, do: str) -> None:
    page = editor.post(PAGE, typed(ann(), (lamp(), 7), do=do)).content.decode()
    assert re.findall(r'<li id="line_(\d+)"', page) == ["1"]
    assert not Order.objects.exists()


def test_uneven_lists_and_lines_of_one_number_are_taken_as_they_come(editor: Client) -> None:
    form = {"do": "check", "line": ["5", "5", "x", ""], "product": ["1"], "quantity": ["2", "3"]}
    page = editor.post(PAGE, form).content.decode()
    assert re.findall(r'<li id="line_(\d+)"', page) == ["5", "6", "7", "8"]


def test_there_is_an_end_to_the_lines(editor: Client) -> None:
    form = typed(None, *[(None, 1)] * 200, do="add")
    page = editor.post(PAGE, form).content.decode()
    assert page.count('<li id="line_') == 200
    assert editor.post(f"{PAGE}/line", form).status_code == 404


def test_a_page_may_link_to_a_customer_and_a_product(editor: Client) -> None:
    user, product = ann(), lamp(stock_quantity=2)
    page = editor.get(f"{PAGE}?customer={user.pk}&product={product.pk}").content.decode()
    assert label_of(user) in page and label_of(product) in page and "$12.50" in page


def test_the_server_adds_up(editor: Client) -> None:
    desk, floor = lamp(price="19.99", stock_quantity=5), lamp(name="Floor", price="0.01", stock_quantity=0)
    form = typed(None, (desk, 3), (floor, 1), (desk, 4), (None, 9), do="", state="")
    answer = editor.post(f"{PAGE}/reckoning", form, headers=HTMX | {"HX-Target": "_reckoning"})
    said = words(answer)
    assert "$139.94" in said and "8 pieces in 3 lines" in said
    assert "$59.97" in said and "$79.96" in said
    assert said.count("Only 5 left for 7 in all lines.") == 2 and "None left." in said
    sent = {name: ADDRESS[name] for name in ("street", "city", "zip", "country")}
    assert json.dumps(sent, indent=2) in unescape(answer.content.decode())
    assert answer.content.decode().count('hx-swap-oob="true"') == 5


def test_the_sum_stands_aside_for_a_line_that_goes(editor: Client) -> None:
    form = typed(None, (lamp(stock_quantity=1), 1), do="remove 1")
    answer = editor.post(f"{PAGE}/reckoning", form, headers=HTMX | {"HX-Target": "line_1"})
    assert '<div id="_reckoning" class="reckoning" hx-swap-oob="true"' in answer.content.decode()
    assert "$0.00" in words(answer)


def test_a_new_line_comes_alone_with_a_number_of_its_own(editor: Client) -> None:
    form = typed(None, (lamp(), 1), (None, 1)) | {"line": ["4", "2"], "do": "add"}
    page = editor.post(f"{PAGE}/line", form, headers=HTMX).content.decode()
    assert re.findall(r'<li id="line_(\d+)"', page) == ["5"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("customers?customer_words=LEE", ["ann"]),
        ("customers?customer_words=ann@ex", ["ann"]),
        ("customers?customer_words=gone", []),
        ("customers?customer_words=%25", []),
        ("customers?customer_words=a%00b", []),
        ("customers", ["ann"]),
        ("products?line=3&words=desk", ["Desk"]),
        ("products?line=3&words=sku-1", ["Desk"]),
        ("products?line=x&words=nothing", []),
        ("products", ["Desk"]),
    ],
)
def test_searching(editor: Client, asked: str, found: list[str]) -> None:
    ann(full_name="Ann Lee")
    ann(username="gone", email="gone@example.com", is_active=False)
    lamp(name="Desk", sku="SKU-1")
    answer = editor.get(f"{PAGE}/{asked}", headers=HTMX).content.decode()
    assert [label.split(" ")[0] for label in re.findall(r'data-label="([^"]*)"', answer)] == found
    assert ("No active user has this" in answer or "No product has this" in answer) is not bool(found)


def test_what_is_offered_by_its_meaning_alone_is_told_so(editor: Client) -> None:
    lamp(name="Headphones", description="Music without cables.")
    indexing.work_off()
    made_by = embeddings.provider()
    assert made_by is not None
    vectors.embed(made_by)
    said = "No product has this in it: these are the nearest in meaning."
    for words, told in (("song melody", True), ("headph", False), ("music", False), ("", False)):
        offered = editor.get(f"{PAGE}/products", {"words": words}, headers=HTMX).content.decode()
        assert "Headphones" in offered and (said in offered) is told, words
    unscripted = editor.post(PAGE, typed(None, (None, 1), words=["song melody"], do="check")).content.decode()
    assert said in unscripted


def test_hostile_names_are_text_and_can_be_picked(editor: Client) -> None:
    user, product = (
        ann(username=KEY[:90], full_name=HOSTILE),
        lamp(name=HOSTILE, sku=KEY[:60], stock_quantity=3),
    )
    page = editor.post(PAGE, typed(user, (product, 1), do="check")).content.decode()
    assert "<script>alert" not in page and f'name="product" value="{product.pk}"' in page
    assert "<script>alert" not in editor.get(f"{PAGE}/products?words=alert").content.decode()
    order = placed(editor.post(PAGE, typed(user, (product, 1), street=HOSTILE[:60])))
    for address in ("/orders/", f"/orders/{order.pk}/", f"/orders/{order.pk}/cancel"):
        page = editor.get(address).content.decode()
        assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


def test_a_page_costs_few_queries(editor: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    rows = [(lamp(name=f"p{number}", stock_quantity=9), 1) for number in range(20)]
    form = typed(ann(), *rows)
    with django_assert_max_num_queries(1):
        assert editor.get(PAGE).status_code == 200
    with django_assert_max_num_queries(3):  # who it is, the customer, the products
        assert editor.post(f"{PAGE}/reckoning", form | {"do": ""}).status_code == 200
    with django_assert_max_num_queries(9):  # besides, the call; the rest is the transaction and its actor
        answer = editor.post(PAGE, form)
    assert placed(answer)


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}/customers", f"{PAGE}/products"])
def test_a_viewer_may_not(address: str) -> None:
    assert visitor(Role.VIEWER).get(address).status_code == 403


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}/line", f"{PAGE}/reckoning"])
def test_a_viewer_may_not_send_either(address: str) -> None:
    form = typed(ann(), (lamp(stock_quantity=1), 1))
    assert visitor(Role.VIEWER).post(address, form, headers=HTMX).status_code == 403
    assert not Order.objects.exists()


def test_a_form_of_another_site_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = visitor(Role.EDITOR).cookies
    assert client.post(PAGE, typed(ann(), (lamp(stock_quantity=1), 1))).status_code == 403
    assert not Order.objects.exists()
