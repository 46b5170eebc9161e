"""Orders in a browser: created, found, moved on and cancelled the way a person does it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.ordering import PLACE, number_of, pick, place_two_lamps, write_address, write_two_lamps
from tests.journeys.visiting import Held, assert_clean, in_all_looks, opened

# What is drawn of a list, frame by frame.
SEEN = """() => {
  window.seen = [];
  const look = () => {
    const list = document.getElementById("options_customer");
    if (list.checkVisibility()) seen.push(list.textContent);
    requestAnimationFrame(look);
  };
  look();
}"""


@pytest.fixture(scope="module", autouse=True)
def goods(browser: Browser, site: str) -> Iterator[None]:
    """A customer, lamps of which there are many, and a vase that is the last one of its kind."""
    with opened(browser) as (page, _):
        for name, stock in (("Ordering lamp", "500"), ("Ordering vase", "1")):
            page.goto(f"{site}/products/add")
            page.get_by_label("Name").fill(name)
            page.get_by_label("Price").fill("12.50")
            page.get_by_label("Category").fill("Light")
            page.get_by_label("In stock").fill(stock)
            page.get_by_role("button", name="Add the product").click()
            expect(page.locator("h1")).to_have_text(name)
        page.goto(f"{site}/users/add")
        page.get_by_label("Full name").fill("Olga Order")
        page.get_by_label("E-mail").fill("olga@example.com")
        page.get_by_label("Username").fill("olga")
        page.get_by_role("button", name="Add the user").click()
        expect(page.locator("h1")).to_have_text("Olga Order")
    yield


@pytest.fixture(scope="module")
def order(browser: Browser, site: str, goods: None) -> str:
    """The address of an order of two lamps."""
    with opened(browser) as (page, _):
        return place_two_lamps(page, site)


@in_all_looks
def test_every_page_is_clean(browser: Browser, site: str, order: str, scheme: Any, size: Any) -> None:
    paths = ["/orders/", "/orders/?status=paid", "/orders/?q=nothing-fits", "/orders/place"]
    with opened(browser, color_scheme=scheme, viewport=size) as (page, complaints):
        for address in (*(site + path for path in paths), order, order + "cancel"):
            page.goto(address)
            assert_clean(page, complaints, scheme)


@in_all_looks
def test_an_order_of_several_lines(browser: Browser, site: str, scheme: Any, size: Any) -> None:
    with opened(browser, color_scheme=scheme, viewport=size) as (page, complaints):
        page.goto(f"{site}/orders/place")
        pick(page, "Who orders", "olga", "Olga Order")
        pick(page, "Product", "ordering lamp", "Ordering lamp")
        page.get_by_label("Quantity").fill("3")
        expect(page.locator(".reckoning-total")).to_contain_text("$37.50")
        page.get_by_role("button", name="Add a line").click()
        expect(page.get_by_label("Product", exact=True)).to_have_count(2)
        expect(page.get_by_label("Product", exact=True).nth(1)).to_be_focused()
        pick(page, "Product", "ordering vase", "Ordering vase", place=1)
        page.get_by_label("Quantity").nth(1).fill("7")
        expect(page.locator(".line").nth(1)).to_contain_text("Only 1 left.")
        write_address(page)
        expect(page.locator("#_address_json")).to_contain_text('"city": "Denver"')
        assert_clean(page, complaints, scheme)

        page.get_by_role("button", name=PLACE).click()
        refused = page.locator(".line").nth(1)
        expect(refused).to_contain_text("Only 1 Ordering vase is left; line 2 asks for 7.")
        expect(page.get_by_label("Quantity").nth(1)).to_be_focused()
        expect(page.get_by_label("Street")).to_have_value("1 Main St")
        assert_clean(page, complaints, scheme)

        page.get_by_role("button", name="Remove this line").nth(1).click()
        expect(page.get_by_label("Product", exact=True)).to_have_count(1)
        expect(page.locator(".reckoning-total")).to_contain_text("$37.50")
        page.get_by_role("button", name=PLACE).click()
        expect(page.locator("h1")).to_contain_text("pending")
        expect(page.locator("#toasts")).to_contain_text("is placed")
        expect(page.locator("#_happened")).to_contain_text("SELECT * FROM place_order(")
        expect(page.locator("#_happened")).to_contain_text("stock_quantity")
        assert_clean(page, complaints, scheme)


def test_the_keyboard_is_enough(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(f"{site}/orders/place")
        page.get_by_label("Who orders").focus()
        page.keyboard.type("olga")
        expect(page.locator('[data-words="olga"]')).to_be_visible()
        for key in ("ArrowDown", "Enter", "Tab"):
            page.keyboard.press(key)
        page.keyboard.type("ordering")
        expect(page.locator('[data-words="ordering"]')).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("option")).to_have_count(0)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("option", selected=True)).to_contain_text("vase")
        page.keyboard.press("ArrowUp")
        for key in ("Enter", "Tab", "Control+a"):
            page.keyboard.press(key)
        page.keyboard.type("4")
        for key in ("Tab", "Tab", "Tab"):
            page.keyboard.press(key)
        page.keyboard.type("1 Main St")
        page.keyboard.press("Tab")
        page.keyboard.type("Denver")
        for key in ("Tab", "Tab", "Tab"):
            page.keyboard.press(key)
        page.keyboard.type("US")
        page.get_by_role("button", name=PLACE).focus()
        expect(page.locator(".reckoning-total")).to_contain_text("$50.00")
        expect(page.get_by_role("button", name=PLACE)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("pending")
        assert complaints == []


def test_a_list_for_other_words_is_not_picked_from(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(f"{site}/orders/place")
        field = page.get_by_label("Who orders")
        field.click()
        expect(page.get_by_role("option").first).to_be_visible()  # anybody, before a word is typed
        field.press_sequentially("nobody like this")
        field.press("ArrowDown")
        field.press("Enter")
        expect(field).to_have_value("nobody like this")
        expect(page.locator("#options_customer")).to_contain_text("No active user")
        assert complaints == []


def test_a_list_that_comes_after_escape_is_not_seen(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(f"{site}/orders/place")
        field = page.get_by_label("Who orders")
        field.click()
        expect(page.get_by_role("option").first).to_be_visible()
        held = Held(page, "**/orders/place/customers*")
        with page.expect_request("**/orders/place/customers*"):
            field.press_sequentially("olga")
        field.press("Escape")
        page.evaluate(SEEN)
        held.let_go()
        expect(page.locator('[data-words="olga"]')).to_be_attached()
        assert page.evaluate("seen") == []
        # What came is there for the keys at once, and stays pointed at.
        field.press("ArrowDown")
        expect(page.get_by_role("option", selected=True)).to_contain_text("Olga Order")
        assert complaints == []


def test_what_is_typed_while_sums_come_in_stays(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(f"{site}/orders/place")
        pick(page, "Product", "ordering lamp", "Ordering lamp")
        page.get_by_label("Quantity").fill("2")
        page.get_by_label("Street").press_sequentially("A long street with a long name", delay=40)
        expect(page.get_by_label("Street")).to_have_value("A long street with a long name")
        expect(page.get_by_label("Street")).to_be_focused()
        expect(page.locator("#_address_json")).to_contain_text("a long name")
        expect(page.locator(".reckoning-total")).to_contain_text("$25.00")
        page.get_by_label("Product", exact=True).press_sequentially("x")
        expect(page.locator(".reckoning-total")).to_contain_text("$0.00")
        assert complaints == []


def test_two_clicks_are_one_order(browser: Browser, site: str) -> None:
    with opened(browser) as (page, _):
        before = number_of(place_two_lamps(page, site))
        write_two_lamps(page, site)
        page.get_by_role("button", name=PLACE).dblclick()
        expect(page.locator("h1")).to_contain_text("pending")
        assert number_of(page.url) == before + 1
        page.goto(f"{site}/orders/")
        expect(page.locator(".order-link").first).to_have_text(f"#{before + 1}")


def test_the_way_back_after_placing_leads_to_a_new_order(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        order = place_two_lamps(page, site)
        page.go_back()
        expect(page.locator("#placed_before")).to_contain_text(f"look at order {number_of(order)}")
        for label, value in (("Street", ""), ("Who orders", ""), ("Product", ""), ("Quantity", "1")):
            expect(page.get_by_label(label, exact=True)).to_have_value(value)
        assert_clean(page, complaints, "light")
        page.get_by_role("link", name="look at order").click()
        expect(page).to_have_url(order)
        held = Held(page, "**/orders/place", "POST")
        with page.expect_request(lambda request: request.method == "POST"):
            page.go_back()
        # Until the draft is there nobody can type into what it will replace.
        expect(page.locator("#_order_form")).to_have_attribute("inert", "")
        held.let_go()
        expect(page.locator("#placed_before")).to_have_count(0)  # the new one, of which nothing is written yet
        pick(page, "Who orders", "olga", "Olga Order")
        pick(page, "Product", "ordering lamp", "Ordering lamp")
        write_address(page)
        page.get_by_role("button", name=PLACE).click()
        expect(page.locator("h1")).to_contain_text("pending")
        assert number_of(page.url) == number_of(order) + 1
        assert complaints == []


def test_the_way_back_to_an_order_that_is_being_written_leads_to_all_of_it(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        write_two_lamps(page, site)
        page.get_by_role("button", name="Add a line").click()
        pick(page, "Product", "ordering vase", "Ordering vase", place=1)
        expect(page.locator(".reckoning-total")).to_contain_text("$37.50")
        page.get_by_role("link", name="Products").click()
        expect(page.locator("h1")).to_have_text("Products")
        page.go_back()
        expect(page.get_by_label("Product", exact=True)).to_have_count(2)
        expect(page.get_by_label("Product", exact=True).nth(1)).to_have_value(re.compile("Ordering vase"))
        expect(page.get_by_label("Quantity").first).to_have_value("2")
        expect(page.get_by_label("Street")).to_have_value("1 Main St")
        expect(page.locator(".reckoning-total")).to_contain_text("$37.50")
        assert complaints == []


def test_everything_works_without_script(browser: Browser, site: str) -> None:
    with opened(browser, java_script_enabled=False) as (page, _):
        page.goto(f"{site}/orders/")
        page.get_by_role("link", name="Create an order").first.click()
        page.get_by_label("Who orders").fill("olga")
        page.get_by_label("Who orders").press("Enter")
        page.get_by_role("button", name="Olga Order").click()
        expect(page.get_by_label("Who orders")).to_have_value("olga (olga@example.com)")
        page.get_by_label("Product", exact=True).fill("ordering lamp")
        page.get_by_role("button", name="Search and add up").click()
        page.get_by_role("button", name="Ordering lamp").click()
        page.get_by_role("button", name="Add a line").click()
        page.get_by_label("Product", exact=True).nth(1).fill("ordering vase")
        page.get_by_label("Quantity").nth(1).fill("9")
        page.get_by_role("button", name="Search and add up").click()
        page.get_by_role("button", name="Ordering vase").click()
        write_address(page)
        page.get_by_role("button", name=PLACE).click()
        expect(page.locator(".line").nth(1)).to_contain_text("line 2 asks for 9")
        page.get_by_role("button", name="Remove this line").nth(1).click()
        expect(page.locator(".reckoning-total")).to_contain_text("$12.50")
        expect(page.get_by_label("Street")).to_have_value("1 Main St")
        page.get_by_role("button", name=PLACE).click()
        expect(page.locator("h1")).to_contain_text("pending")
        page.get_by_role("button", name="Mark as paid").click()
        expect(page.locator("h1")).to_contain_text("paid")
        page.get_by_role("link", name="Cancel the order").click()
        expect(page.locator("main")).to_contain_text("Goes back to stock: 1 piece")
        page.get_by_role("button", name="Cancel the order").click()
        expect(page.locator("h1")).to_contain_text("cancelled")


def test_two_people_move_one_order(browser: Browser, site: str) -> None:
    with opened(browser) as (first, complaints), opened(browser) as (second, _):
        order = place_two_lamps(first, site)
        second.goto(order)
        first.get_by_role("link", name="Cancel the order").click()
        first.get_by_role("button", name="Cancel the order").click()
        expect(first.locator("#toasts")).to_contain_text("2 pieces went back to stock")
        second.get_by_role("button", name="Mark as paid").click()
        expect(second.get_by_role("alert")).to_contain_text("is cancelled, and stays so.")
        assert_clean(second, [], "light")
        assert complaints == []


def test_the_list_is_filtered_in_place(browser: Browser, site: str, order: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(f"{site}/orders/")
        page.locator("#tab_pending").click()
        expect(page.locator("#tab_pending")).to_have_attribute("aria-current", "true")
        expect(page.locator("#tab_pending")).to_be_focused()
        page.get_by_label("Order number or customer").press_sequentially("olga")
        expect(page.locator(".list-count")).to_contain_text("found")
        expect(page.locator(".order-status").first).to_have_text("pending")
        expect(page).to_have_url(re.compile(r"\?(?=.*status=pending)(?=.*q=olga)"))
        expect(page.locator(".order-status").first).to_have_text("pending")
        page.get_by_label("Order number or customer").fill(str(number_of(order)))
        expect(page.locator(".order-link")).to_have_count(1)
        page.locator(".order-link").click()
        expect(page).to_have_url(order)
        assert complaints == []
