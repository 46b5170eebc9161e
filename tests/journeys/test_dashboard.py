"""The dashboard in a browser: what a tick brings, and what it leaves as it was."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.journeys.test_catalog import add_product
from tests.journeys.visiting import NARROW, assert_clean, in_all_looks, opened

FORGET = "document.querySelectorAll('#dashboard input[type=hidden]').forEach((seen) => { seen.value = '0'; })"
TICK = "document.body.dispatchEvent(new CustomEvent('live:tick'))"


@pytest.fixture
def shopkeeper(browser: Browser, site: str) -> Iterator[Page]:
    """Somebody else, at work in the shop; it has a product by now."""
    with opened(browser) as (page, _):
        add_product(page, site, "A first lamp")
        yield page


def only_ticks_of_ours(page: Page) -> None:
    """On a slow day the page's own clock would ask for the news first."""
    page.get_by_label("Refresh rate").select_option("off")
    expect(page.locator("#live_state")).to_have_text("Off")


def tick(page: Page) -> list[int]:
    """One tick; the status of the answer to each request that it made."""
    made: list[Request] = []

    def note(request: Request) -> None:
        if request.resource_type in ("xhr", "fetch"):
            made.append(request)

    page.on("request", note)
    with page.expect_request(lambda request: request.resource_type in ("xhr", "fetch")):
        page.evaluate(TICK)
    answers = [answer.status for request in made if (answer := request.response()) is not None]
    page.remove_listener("request", note)
    expect(page.locator(".htmx-request, .htmx-settling")).to_have_count(0)
    return answers


@pytest.mark.usefixtures("shopkeeper")
@in_all_looks
def test_a_filled_dashboard_is_clean(browser: Browser, site: str, scheme: Any, size: Any) -> None:
    with opened(browser, color_scheme=scheme, viewport=size) as (page, complaints):
        page.goto(site)
        expect(page.locator("#_start")).to_have_count(0)
        assert_clean(page, complaints, scheme)
        page.locator("#inventory_chart_data summary").click()
        assert_clean(page, complaints, scheme)


def test_a_tick_draws_what_is_new_and_leaves_the_rest(browser: Browser, site: str, shopkeeper: Page) -> None:
    with opened(browser) as (page, complaints):
        page.goto(site)
        only_ticks_of_ours(page)
        assert tick(page) == [204]
        page.locator("#inventory_chart_data summary").click()
        page.locator("#inventory_chart_1").focus()
        page.evaluate("document.querySelector('#_orders').dataset.kept = 'yes'")
        before = page.locator("#_cards").text_content() or ""
        add_product(shopkeeper, site, "Brand new lamp")
        assert tick(page) == [200]
        expect(page.locator("#_activity .is-new").first).to_contain_text("Brand new lamp")
        expect(page.locator("#_cards")).not_to_have_text(before)
        expect(page.locator("#live_news")).to_contain_text("new change")
        expect(page.locator("#inventory_chart_data")).to_have_attribute("open", "")
        expect(page.locator("#inventory_chart_1")).to_be_focused()
        expect(page.locator("#chart_tip")).to_be_visible()
        assert page.evaluate("document.querySelector('#_orders').dataset.kept") == "yes"
        assert tick(page) == [204]
        assert complaints == []


@pytest.mark.usefixtures("shopkeeper")
def test_the_focus_stays_while_a_tick_draws_all_anew(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(site)
        only_ticks_of_ours(page)
        entry = page.locator(".activity-record").first.get_attribute("id")
        page.locator("#revenue_by_day_data_head").click()
        for place in (f"#{entry}", "#activity_trail", "#inventory_chart_data_head", "#revenue_by_day_table"):
            page.locator(place).focus()
            page.evaluate(FORGET)
            assert tick(page) == [200]
            expect(page.locator(place)).to_be_focused()
        page.locator(f"#{entry}").evaluate("(link) => { link.id = 'activity_gone'; link.focus(); }")
        page.evaluate(FORGET)
        assert tick(page) == [200]
        expect(page.locator("#activity_title")).to_be_focused()
        assert complaints == []


def test_a_mark_tells_what_it_stands_for(browser: Browser, site: str, shopkeeper: Page) -> None:
    add_product(shopkeeper, site, "A told lamp")
    with opened(browser, viewport=NARROW, has_touch=True) as (page, complaints):
        page.goto(site)
        tip, mark = page.locator("#chart_tip"), page.locator("#revenue_by_day_30")
        mark.hover()
        expect(tip).to_contain_text("$0.00")
        box = tip.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= NARROW["width"]
        page.locator("h1").hover()
        expect(tip).to_be_hidden()
        page.locator("#revenue_by_day_29").focus()
        page.keyboard.press("Tab")
        expect(mark).to_be_focused()
        expect(tip).to_contain_text("$0.00")
        page.keyboard.press("Escape")
        expect(tip).to_be_hidden()
        page.keyboard.press("Tab")
        expect(tip).to_be_hidden()
        name = page.locator("#inventory_chart_1 text").first
        name.tap()
        expect(tip).to_contain_text((name.text_content() or "").strip(" …"))
        page.locator("h1").tap()
        expect(tip).to_be_hidden()
        assert complaints == []


def test_inserts_only_is_remembered(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(site)
        page.locator("#activity_inserts").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#activity_inserts")).to_have_attribute("aria-current", "true")
        expect(page.locator("#activity_inserts")).to_be_focused()
        page.reload()
        expect(page.locator("#activity_inserts")).to_have_attribute("aria-current", "true")
        expect(page.locator("#_activity .operation-update")).to_have_count(0)
        assert complaints == []


def test_inserts_only_works_without_script(browser: Browser, site: str) -> None:
    with opened(browser, java_script_enabled=False) as (page, _):
        page.goto(site)
        expect(page.locator("#live")).to_be_hidden()
        page.locator("#activity_inserts").click()
        expect(page.locator("#activity_inserts")).to_have_attribute("aria-current", "true")
        page.goto(site)
        expect(page.locator("#activity_inserts")).to_have_attribute("aria-current", "true")
        expect(page.locator(".wakefulness")).to_contain_text("lets the endpoint sleep")


def test_the_card_says_what_the_clock_does_to_the_endpoint(browser: Browser, site: str) -> None:
    with opened(browser) as (page, _):
        page.goto(site)
        expect(page.locator(".wake-on")).to_be_visible()
        expect(page.locator(".wake-off")).to_be_hidden()
        page.get_by_label("Refresh rate").select_option("off")
        expect(page.locator(".wake-off")).to_be_visible()
        expect(page.locator(".wake-on")).to_be_hidden()
