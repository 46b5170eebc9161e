"""The audit trail in a browser: filtered, opened, followed live, with and without script."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.test_catalog import HOSTILE, add_product
from tests.journeys.test_dashboard import only_ticks_of_ours, tick
from tests.journeys.visiting import Held, assert_clean, in_all_looks, opened


@pytest.fixture
def shopkeeper(browser: Browser, site: str) -> Iterator[Page]:
    """Somebody else, at work in the shop, who has just changed a product."""
    with opened(browser) as (page, _):
        add_product(page, site, HOSTILE)
        change(page, "9.99")
        yield page


def change(page: Page, price: str) -> None:
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Price").fill(price)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".record-figure").first).to_have_text(f"${price}")


@pytest.mark.usefixtures("shopkeeper")
@in_all_looks
def test_every_page_is_clean(browser: Browser, site: str, scheme: Any, size: Any) -> None:
    with opened(browser, color_scheme=scheme, viewport=size) as (page, complaints):
        page.goto(f"{site}/audit/")
        page.locator("#trail_entries summary").first.click()
        expect(page.locator(".diff-before").first).to_be_visible()
        assert_clean(page, complaints, scheme)
        page.get_by_role("link", name="Everything of this record").click()
        expect(page.locator(".entry")).to_have_count(2)
        for path in ("/audit/?record=1", "/audit/?actor=nobody", "/audit/?before=1", "/audit/activity"):
            page.goto(site + path)
            assert_clean(page, complaints, scheme)
        page.locator(".activity-record").first.click()
        expect(page.locator("h1")).to_contain_text(HOSTILE)
        assert_clean(page, complaints, scheme)


@pytest.mark.usefixtures("shopkeeper")
def test_a_filter_swaps_the_list_and_stays_in_the_address(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(f"{site}/audit/")
        page.get_by_label("Operation").focus()
        page.get_by_label("Operation").select_option("UPDATE")
        expect(page).to_have_url(f"{site}/audit/?operation=UPDATE")
        expect(page.locator("#trail_entries .operation-insert")).to_have_count(0)
        expect(page.get_by_label("Operation")).to_be_focused()
        entries = page.evaluate("history.length")
        page.get_by_label("Actor").fill("nobody")
        expect(page.locator("#_trail")).to_contain_text("No entry is like that")
        expect(page).to_have_url(f"{site}/audit/?operation=UPDATE&actor=nobody")
        assert page.evaluate("history.length") == entries
        page.reload()
        expect(page.get_by_label("Actor")).to_have_value("nobody")
        page.go_back()
        expect(page.locator("#trail_entries .operation-update").first).to_be_visible()
        assert complaints == []


@pytest.mark.usefixtures("shopkeeper")
def test_a_link_of_the_list_that_is_being_filtered_does_not_undo_the_filter(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(f"{site}/audit/?before=1000000")
        held = Held(page, "**/audit/?*operation=UPDATE*")
        with page.expect_request("**/audit/?*operation=UPDATE*"):
            page.get_by_label("Operation").select_option("UPDATE")
        page.get_by_role("link", name="Newest").click()
        held.let_go()
        expect(page).to_have_url(f"{site}/audit/?operation=UPDATE")
        expect(page.locator("#trail_entries .operation-update").first).to_be_visible()
        expect(page.get_by_label("Operation")).to_have_value("UPDATE")
        assert complaints == []


def test_news_come_above_and_what_is_open_stays(browser: Browser, site: str, shopkeeper: Page) -> None:
    with opened(browser) as (page, complaints):
        page.goto(f"{site}/audit/")
        only_ticks_of_ours(page)
        first = page.locator("#trail_entries > li").first
        number = first.get_attribute("id")
        first.locator("summary").first.click()
        expect(first.locator(".diff-after").first).to_be_visible()
        first.locator("summary").first.focus()
        page.evaluate("document.querySelector('#trail_entries > li').dataset.kept = 'yes'")
        assert tick(page) == [204]
        change(shopkeeper, "19.99")
        assert tick(page) == [200]
        newest = page.locator("#trail_entries > li").first
        expect(newest.locator(".entry-short")).to_contain_text("9.99 → 19.99")
        expect(newest).to_have_class("entry is-new")
        opened_before = page.locator(f"#{number}")
        expect(opened_before).to_have_attribute("data-kept", "yes")
        expect(opened_before.locator(".diff-after").first).to_be_visible()
        expect(opened_before.locator("summary").first).to_be_focused()
        expect(page.locator("#live_news")).to_have_text("1 new entry")
        assert tick(page) == [204]
        page.locator("#trail_shown [name=version]").evaluate("(field) => { field.value = 'old'; }")
        page.locator("#trail_shown [name=count]").evaluate("(field) => { field.value = '0'; }")
        assert tick(page) == [200]
        assert opened_before.get_attribute("data-kept") is None, "It is drawn anew."
        expect(opened_before.locator("summary").first).to_be_focused()
        assert complaints == []


@pytest.mark.usefixtures("shopkeeper")
def test_times_are_asked_for_in_the_readers_zone(browser: Browser, site: str) -> None:
    with opened(browser, timezone_id="Pacific/Apia") as (page, complaints):
        page.goto(f"{site}/audit/")
        expect(page.locator("#trail_zone")).to_have_text("Pacific/Apia")
        now = page.evaluate(
            "(() => { const d = new Date(Date.now() - 6e5); return new Date(d - "
            "d.getTimezoneOffset() * 6e4).toISOString().slice(0, 16) })()"
        )
        page.get_by_label("Before", exact=True).fill(now.replace(now[:4], str(int(now[:4]) + 1), 1))
        expect(page.locator("#trail_entries > li").first).to_be_visible()
        page.get_by_label("From").fill(now)
        expect(page).to_have_url(re.compile("since=.*zone=Pacific%2FApia"))
        expect(page.locator("#trail_entries > li").first).to_be_visible()
        page.get_by_label("Before", exact=True).fill(now)
        expect(page.locator("#_trail")).to_contain_text("not after the beginning")
        assert complaints == []


@pytest.mark.usefixtures("shopkeeper")
def test_everything_works_without_script(browser: Browser, site: str) -> None:
    with opened(browser, java_script_enabled=False) as (page, _):
        page.goto(f"{site}/audit/")
        expect(page.locator("#trail_zone")).to_have_text("UTC")
        page.get_by_label("Operation").select_option("UPDATE")
        page.get_by_role("button", name="Filter").click()
        expect(page.locator("#trail_entries .operation-insert")).to_have_count(0)
        page.locator("#trail_entries summary").first.click()
        page.get_by_role("link", name="See what changed").first.click()
        expect(page.locator(".diff tbody tr").first).to_be_visible()
        page.get_by_role("link", name="Open the record").click()
        expect(page.locator("h1")).to_have_text(HOSTILE)


@pytest.mark.usefixtures("shopkeeper")
def test_the_keyboard_opens_an_entry_and_goes_on_from_it(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(f"{site}/audit/")
        page.get_by_role("link", name="JSON lines").focus()
        page.keyboard.press("Tab")
        expect(page.locator("#trail_entries summary").first).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".diff-after").first).to_be_visible()
        expect(page.locator("#trail_entries summary").first).to_be_focused()
        page.get_by_role("link", name="Everything of transaction").first.focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/audit/\?transaction=\d+$"))
        assert complaints == []


@pytest.mark.usefixtures("shopkeeper")
def test_what_is_filtered_is_downloaded(browser: Browser, site: str) -> None:
    with opened(browser) as (page, _):
        page.goto(f"{site}/audit/?table=products&operation=UPDATE")
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").click()
        text = download.value.path().read_text("utf-8-sig")
        assert text.startswith("audit_id,") and ",UPDATE," in text and ",INSERT," not in text
