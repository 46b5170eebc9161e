"""The search of products in a browser: as typed, three ways side by side, filtered, proven; and in the order form."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.visiting import PATIENCE_WITH_LOADING, WIDE, assert_clean, in_all_looks, opened


@pytest.fixture(scope="module", autouse=True)
def planted(browser: Browser, site: str) -> None:
    """The sample and nothing else, whichever journeys came first; its vectors are made while a page is looked at."""
    with opened(browser) as (page, _):
        page.goto(f"{site}/reset")
        page.get_by_role("button", name="Reset the shop").click()
        expect(page.locator(".toast-note")).to_contain_text("the sample is planted anew")
        page.goto(f"{site}/search/?q=lamp")
        until = time.monotonic() + PATIENCE_WITH_LOADING
        while time.monotonic() < until:
            page.goto(f"{site}/search/vectors")
            if page.get_by_text("products have a vector").count() and not page.get_by_text("not searched").count():
                return
            page.wait_for_timeout(200)
        raise AssertionError("The vectors of the sample are not made.")


def asked(words: str) -> re.Pattern[str]:
    """The address once all of them are answered: each answer brings the one that it is of."""
    return re.compile(rf"[?&]q={words.replace(' ', '(%20|[+])')}(&|$)")


def column(page: Page, title: str) -> Any:
    return page.locator(".found-column", has=page.get_by_role("heading", name=title, exact=True))


@in_all_looks
def test_everything_is_clean(browser: Browser, site: str, scheme: Any, size: Any) -> None:
    with opened(browser, color_scheme=scheme, viewport=size) as (page, complaints):
        page.goto(f"{site}/search/")
        expect(page.locator("#_vectors")).to_contain_text("products have a vector")
        assert_clean(page, complaints, scheme)
        page.locator("#id_q").press_sequentially("keybord usb-c", delay=15)
        expect(page).to_have_url(asked("keybord usb-c"))
        expect(page.locator(".found-about")).to_contain_text("taken for keyboard")
        assert_clean(page, complaints, scheme)
        page.locator("#found_proof").click()
        page.locator("#proof_hybrid > summary").click()
        expect(page.locator("#proof_hybrid .plan-title").first).to_be_visible()
        assert_clean(page, complaints, scheme)
        page.goto(f"{site}/search/?q=lamp&price_from=9&price_to=3&mode=hybrid")
        expect(page.get_by_role("alert")).to_contain_text("exchange them")
        assert_clean(page, complaints, scheme)


def test_as_typed_each_way_answers_and_the_address_follows(browser: Browser, site: str) -> None:
    with opened(browser, viewport=WIDE) as (page, _):
        page.goto(f"{site}/search/")
        page.locator("#id_q").press_sequentially("clear picture in meetings", delay=15)
        expect(page).to_have_url(asked("clear picture in meetings"))
        expect(column(page, "Hybrid").locator(".hit").first).to_contain_text("Webcam HD")
        expect(column(page, "Semantic").locator(".hit").first).to_contain_text("Webcam HD")
        expect(column(page, "Full text").locator(".hit mark").first).to_be_visible()
        expect(page.locator("#id_q")).to_be_focused()
        entries = page.evaluate("history.length")
        page.locator("#id_mode").select_option("semantic")
        expect(page.locator(".found-column")).to_have_count(1)
        assert page.evaluate("history.length") == entries + 1
        page.locator("#id_price_to").press_sequentially("20", delay=15)
        expect(page).to_have_url(re.compile("price_to=20"))
        expect(page.locator(".found-column")).not_to_contain_text("Webcam HD")
        assert page.evaluate("history.length") == entries + 1
        page.go_back()
        expect(page.locator(".found-column")).to_have_count(3)


def test_a_price_that_is_none_takes_the_hits_away_and_is_told_at_its_place(browser: Browser, site: str) -> None:
    with opened(browser, viewport=WIDE) as (page, _):
        page.goto(f"{site}/search/?q=lamp&price_to=90")
        expect(page.locator(".hit").first).to_be_visible()
        page.locator("#id_price_to").fill("1,50")
        expect(page.locator("#id_price_to_error")).to_contain_text("such as 1.50")
        expect(page.locator(".hit")).to_have_count(0)
        expect(page).to_have_url(re.compile("1%2C50"))
        page.locator("#id_price_to").fill("90")
        expect(page.locator(".hit").first).to_be_visible()
        expect(page.locator("#id_price_to_error")).to_be_empty()


def test_what_waits_is_asked_for_again_by_itself(browser: Browser, site: str) -> None:
    with opened(browser, viewport=WIDE) as (page, _):
        page.goto(f"{site}/products/add")
        page.get_by_label("Name").fill("Quartz metronome")
        page.get_by_label("Price").fill("9.00")
        page.get_by_label("Category").fill("Other")
        page.get_by_role("button", name="Add the product").click()
        expect(page.locator("h1")).to_have_text("Quartz metronome")
        page.goto(f"{site}/search/?q=metronome")
        expect(column(page, "Hybrid").locator(".hit").first).to_contain_text("Quartz metronome")


def test_by_keyboard_and_on_a_phone(browser: Browser, site: str) -> None:
    with opened(browser, viewport={"width": 390, "height": 844}) as (page, _):
        page.goto(f"{site}/search/")
        expect(page.locator("#id_q")).to_be_focused()
        page.keyboard.type("lamp")
        page.wait_for_url("**q=lamp&**")
        expect(page.locator(".hit").first).to_be_in_viewport()
        expect(page.locator("#id_price_to")).to_be_hidden()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.locator(".hit a").first).to_be_focused()
        page.locator("#found_proof").click()
        expect(page.locator("#proof_hybrid")).to_be_visible()
        page.locator("#found_proof").click()
        expect(page.locator("#proof_hybrid")).to_be_hidden()


def test_an_sku_and_what_is_refused(browser: Browser, site: str) -> None:
    with opened(browser, viewport=WIDE) as (page, _):
        page.goto(f"{site}/search/?q=monitor-4k-27&mode=hybrid")
        expect(page.locator(".hit").first).to_contain_text("its SKU")
        page.goto(f"{site}/search/?q=usb-c+-hub&mode=full+text")
        expect(page.locator(".hit").first).to_be_visible()
        expect(page.locator(".hits")).not_to_contain_text("USB-C Hub")


def test_without_script(browser: Browser, site: str) -> None:
    with opened(browser, viewport=WIDE, java_script_enabled=False) as (page, _):
        page.goto(f"{site}/search/")
        page.get_by_role("link", name="keybord").click()
        expect(page.locator(".found-about")).to_contain_text("taken for keyboard")
        page.locator("#id_q").fill("desk lamp")
        page.get_by_role("button", name="Search", exact=True).click()
        expect(column(page, "Hybrid").locator(".hit").first).to_contain_text("Desk Lamp")
        page.locator("#found_proof").click()
        page.get_by_role("link", name="The plans and the statements").click()
        expect(page.locator("details.search-proof")).to_have_count(3)
        page.get_by_role("link", name="Search", exact=True).first.click()
        page.get_by_role("link", name="Count the products").click()
        expect(page.locator(".search-vectors")).to_contain_text("have a vector")


def test_the_order_form_finds_by_meaning_and_half_words(browser: Browser, site: str) -> None:
    with opened(browser, viewport=WIDE) as (page, _):
        page.goto(f"{site}/orders/place")
        words = page.get_by_label("Product", exact=True)
        words.click()
        words.press_sequentially("keyb", delay=15)
        expect(page.get_by_role("option").filter(has_text="Mechanical Keyboard")).to_be_visible()
        words.fill("something to listen to music with")
        expect(page.get_by_role("option").filter(has_text="Bluetooth Speaker")).to_be_visible()
