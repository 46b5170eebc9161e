"""A slow line in a browser: an answer that comes late takes nothing from what was done or typed meanwhile."""

import re

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.journeys.ordering import PLACE, write_address
from tests.journeys.querying import write
from tests.journeys.test_dashboard import TICK, only_ticks_of_ours
from tests.journeys.test_without_script import add_product, add_user, unused
from tests.journeys.visiting import WIDE, Held, opened, wait_until_settled

HEARD = """() => {
    const form = document.getElementById("filters");
    window.heard = new Promise((done) => form.addEventListener("htmx:confirm", () => done(true), {once: true}));
}"""


@pytest.fixture(scope="module")
def to_place(browser: Browser, site: str) -> str:
    """The address of an order that is begun: who orders, and one vase, of which there is one."""
    with opened(browser) as (page, _):
        user, vase = add_user(page, site, unused("patient")), add_product(page, site, unused("Vase"), "1")
        customer, product = (address.rstrip("/").rpartition("/")[2] for address in (user, vase))
        return f"{site}/orders/place?customer={customer}&product={product}"


def test_nobody_types_while_an_order_is_placed_and_all_is_kept_when_that_fails(browser: Browser, to_place: str) -> None:
    with opened(browser) as (page, _):
        page.goto(to_place)
        write_address(page)
        held = Held(page, "**/orders/place")
        with page.expect_request("**/orders/place"):
            page.get_by_role("button", name=PLACE).click()
        expect(page.locator("#_order_form")).to_have_attribute("inert", "")
        held.one().abort()
        expect(page.locator("#trouble")).to_contain_text("did not answer")
        expect(page.get_by_role("button", name=PLACE)).to_be_focused()
        expect(page.get_by_label("Street")).to_have_value("1 Main St")
        page.get_by_label("Street").fill("2 Main St")
        expect(page.locator("#_address_json")).to_contain_text("2 Main St")


SUMS = "**/orders/place/reckoning"
TOP = "each => each.getBoundingClientRect().top + scrollY"
AWAY = {"HX-Retarget": "#trouble", "HX-Reswap": "innerHTML"}


def test_while_an_order_is_placed_no_sum_is_asked_for_or_told(browser: Browser, to_place: str) -> None:
    with opened(browser) as (page, _):
        page.goto(to_place)
        write_address(page)
        expect(page.locator("#_address_json")).to_contain_text("Denver")
        wait_until_settled(page)
        held = Held(page, "**/orders/place")
        sums: list[Route] = []
        page.route(SUMS, lambda way: sums.append(way))
        with page.expect_request(SUMS):
            page.get_by_label("Quantity").fill("1")
        with page.expect_event("requestfailed", lambda request: request.url.endswith("/reckoning")):
            page.get_by_role("button", name=PLACE).click()
        expect(page.locator("#_order_form")).to_have_attribute("inert", "")
        asked = len(sums)  # once as it was typed, and perhaps once more as the field was left for the button
        page.evaluate("() => htmx.trigger('#_order_form', 'change')")
        page.wait_for_timeout(500)  # longer than a sum waits for more to be typed
        assert len(sums) == asked
        expect(page.locator("#trouble")).to_be_empty()
        held.one().fulfill(status=503, headers=AWAY, body="<p>The order did not arrive.</p>")
        expect(page.locator("#trouble")).to_contain_text("The order did not arrive.")
        expect(page.locator("#reckoning_problem")).to_contain_text("Not added up")
        page.unroute(SUMS)
        page.get_by_label("Quantity").fill("2")
        expect(page.locator("#reckoning_problem")).to_have_text("See what is marked.")  # there is one vase


@pytest.mark.parametrize("is_silent", [False, True], ids=["refused", "no answer"])
def test_a_sum_that_fails_says_so_where_it_stands(browser: Browser, to_place: str, is_silent: bool) -> None:
    with opened(browser, viewport=WIDE) as (page, _):
        page.goto(to_place)
        wait_until_settled(page)
        refuse = {"status": 503, "headers": AWAY, "body": "<p>The database is away.</p>"}
        page.route(SUMS, lambda way: way.abort() if is_silent else way.fulfill(**refuse))
        page.get_by_label("Country").fill("US")
        before = page.get_by_label("Country").evaluate(TOP)
        expect(page.locator("#reckoning_problem")).to_contain_text("Not added up")
        expect(page.locator("#trouble")).to_be_empty()
        assert page.get_by_label("Country").evaluate(TOP) == before
        page.unroute(SUMS)
        page.get_by_label("Country").fill("DE")
        expect(page.locator("#_address_json")).to_contain_text("DE")
        expect(page.locator("#reckoning_problem")).to_be_empty()


@pytest.mark.parametrize("is_silent", [False, True], ids=["refused", "no answer"])
@pytest.mark.usefixtures("to_place")
def test_a_search_for_a_customer_that_fails_says_so_in_its_list(browser: Browser, site: str, is_silent: bool) -> None:
    with opened(browser, viewport=WIDE) as (page, _):
        page.goto(f"{site}/orders/place")
        wait_until_settled(page)
        refuse = {"status": 503, "headers": AWAY, "body": "<p>The database is away.</p>"}
        page.route("**/orders/place/customers*", lambda way: way.abort() if is_silent else way.fulfill(**refuse))
        customer = page.get_by_label("Who orders")
        before = customer.evaluate(TOP)
        customer.press_sequentially("patien")
        expect(page.locator("#options_customer")).to_have_text("Not searched: no answer. Type on to search again.")
        expect(page.locator("#options_customer")).to_be_visible()
        customer.press("Enter")  # picks nothing
        expect(page.locator("#trouble")).to_be_empty()
        assert customer.evaluate(TOP) == before
        page.unroute("**/orders/place/customers*")
        customer.press_sequentially("t")
        expect(page.get_by_role("option").first).to_contain_text("patient")
        expect(customer).to_have_value("patient")


def test_a_status_chosen_while_words_are_on_their_way_keeps_them(browser: Browser, site: str) -> None:
    """Those that are under way, and those that wait behind them."""
    words = "**/orders/?*q=pat*"
    with opened(browser) as (page, complaints):
        page.goto(f"{site}/orders/")
        page.route(words, lambda way: way.continue_() if "status=" in way.request.url else None)
        with page.expect_request(words):
            page.get_by_label("Order number or customer").fill("pat")
        page.evaluate(HEARD)
        page.get_by_label("Order number or customer").fill("patient")
        page.evaluate("() => window.heard")
        page.locator("#tab_pending").click()
        expect(page).to_have_url(re.compile(r"\?(?=.*status=pending)(?=.*q=patient)"))
        expect(page.locator("#tab_pending")).to_have_attribute("aria-current", "true")
        expect(page.locator(".list-count")).to_contain_text("found")
        assert complaints == []


def test_news_give_way_to_what_is_chosen_meanwhile(browser: Browser, site: str) -> None:
    """They are of what was chosen before, and would take the place of what is chosen now."""
    with opened(browser) as (page, complaints):
        page.goto(site)
        only_ticks_of_ours(page)
        page.route("**/news*", lambda _: None)
        with page.expect_request("**/news*"):
            page.evaluate(TICK)
        with page.expect_event("requestfailed", lambda request: "/news" in request.url):
            page.locator("#activity_inserts").click()
        expect(page.locator("#activity_inserts")).to_have_attribute("aria-current", "true")
        assert complaints == []


def test_what_is_typed_before_the_editor_is_there_stays(browser: Browser, site: str) -> None:
    with opened(browser) as (page, _):
        page.goto(f"{site}/query/")
        write(page, "SELECT 'before'")
        held = Held(page, "**/lakeshop/query.*js")
        with page.expect_request("**/lakeshop/query.*js"):
            page.goto(f"{site}/query/", wait_until="commit")
        page.locator("#query_sql").fill("SELECT 'early'")
        held.let_go()
        expect(page.locator("#query_editor .ace_content")).to_contain_text("early")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#_answer tbody td")).to_have_text("early")
