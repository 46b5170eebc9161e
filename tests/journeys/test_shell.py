"""What stands around every page, as people use it: signing in and out, the sidebar on a phone, the keyboard."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.test_dashboard import only_ticks_of_ours
from tests.journeys.visiting import NARROW, WIDE, assert_clean, opened, wait_until_settled

LARGEST_SHIFT = 0.01
DRAWN = [(WIDE, ("/query/",)), (NARROW, ("/", "/audit/", "/search/?q=lamp", "/query/"))]
SLOW = {"offline": False, "latency": 80, "downloadThroughput": 200_000, "uploadThroughput": 200_000}
SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
        if (!hadRecentInput) shifts.push([value, sources.map(({ node }) => node?.id || node?.className || "?")]);
    }
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize(("scheme", "size"), [("light", WIDE), ("dark", NARROW)], ids=["light-wide", "dark-narrow"])
def test_signing_out_and_in_again(browser: Browser, site: str, scheme: Any, size: Any) -> None:
    with opened(browser, color_scheme=scheme, viewport=size) as (page, complaints):
        page.goto(site)
        expect(page.locator("h1")).to_have_text("Dashboard")
        typing = page.context.new_page()
        typing.goto(f"{site}/products/add")
        page.locator(".person").click()
        assert_clean(page, complaints, scheme)
        page.get_by_role("button", name="Sign out").click()
        expect(page.locator("h1")).to_have_text("Sign in")
        assert_clean(page, complaints, scheme)
        a_page_that_outlives_its_session_keeps_what_is_typed(typing, scheme)
        page.get_by_label("Username").fill("nobody")
        page.get_by_label("Password").fill("guessed")
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.locator(".form-errors")).to_contain_text("No account has this name")
        assert_clean(page, complaints, scheme)
        page.get_by_role("button", name="Sign in as learner").click()
        expect(page.locator(".person")).to_contain_text("learner")
        after_a_sign_in_elsewhere_it_works_again(typing)


def a_page_that_outlives_its_session_keeps_what_is_typed(page: Page, scheme: str) -> None:
    page.get_by_label("Price").fill("-1")
    page.get_by_label("Name").fill("Kept lamp")
    page.keyboard.press("Tab")
    expect(page.locator(".signed-out")).to_have_count(1)
    expect(page.locator(".signed-out")).to_contain_text("what you typed stays")
    expect(page.get_by_label("Name")).to_have_value("Kept lamp")
    assert_clean(page, [], scheme)


def after_a_sign_in_elsewhere_it_works_again(page: Page) -> None:
    """Also with the token of before."""
    page.get_by_label("Price").fill("-2")
    page.keyboard.press("Tab")
    expect(page.locator("#id_price_error")).to_contain_text("Give a number from 0")
    expect(page.locator(".signed-out")).to_have_count(0)
    with page.expect_response("**/products/add") as answer:
        page.get_by_role("button", name="Add the product").click()
    assert answer.value.status == 200  # and no product: the price is wrong
    expect(page.get_by_label("Name")).to_have_value("Kept lamp")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_sidebar_on_a_phone_opens_and_closes(browser: Browser, site: str, script: bool) -> None:
    with opened(browser, viewport=NARROW, java_script_enabled=script) as (page, complaints):
        page.goto(site)
        expect(page.locator("#sidebar")).to_be_hidden()
        page.get_by_role("button", name="Menu", exact=True).click()
        expect(page.locator("#sidebar a[aria-current=page]")).to_have_text("Dashboard")
        page.keyboard.press("Escape")
        expect(page.locator("#sidebar")).to_be_hidden()
        page.get_by_role("button", name="Menu", exact=True).click()
        page.locator("#sidebar").get_by_role("link", name="Admin").click()
        expect(page.locator("h1")).to_have_text("Site administration")
        assert complaints == []


def test_moments_are_in_the_viewers_zone(browser: Browser, site: str) -> None:
    with opened(browser, timezone_id="Asia/Kathmandu") as (page, _):
        page.goto(site)
        time = page.locator(".connection-foot time")
        zone = "new Intl.DateTimeFormat('en-GB', {timeStyle: 'medium'}).format(new Date(arguments[0]))"
        shown = time.evaluate(f"(time) => ((...arguments) => {zone})(time.dateTime)")
        expect(time).to_have_text(shown)
        expect(time).to_have_attribute("title", re.compile(r"GMT\+5:45"))


@pytest.mark.parametrize(("size", "paths"), DRAWN, ids=["wide", "narrow"])
def test_nothing_jumps_while_a_page_is_drawn(browser: Browser, site: str, size: Any, paths: tuple[str, ...]) -> None:
    """On a slow device behind a slow line: what a script shows or folds has its place before it runs."""
    with opened(browser, viewport=size) as (page, complaints):
        page.goto(site)
        page.add_init_script(SHIFTS)
        devtools = page.context.new_cdp_session(page)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        devtools.send("Network.emulateNetworkConditions", SLOW)
        for path in paths:
            page.goto(site + path)
            wait_until_settled(page)
            page.wait_for_timeout(100)  # until it is painted
            found = page.evaluate("shifts")
            assert sum(value for value, _ in found) < LARGEST_SHIFT, (path, found)
        assert complaints == []


def test_a_request_that_the_next_one_replaces_is_no_error(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(f"{site}/audit/")
        page.route("**/audit/?*actor=held*", lambda route: None)
        with page.expect_event("requestfailed") as replaced:
            with page.expect_request("**/audit/?*actor=held*"):
                page.get_by_label("Actor").fill("held")
            page.get_by_label("Actor").fill("nobody")
        assert replaced.value.failure == "net::ERR_ABORTED"
        expect(page.locator("#_trail")).to_contain_text("No entry is like that")
        expect(page.locator("#trouble")).to_be_empty()
        with page.expect_request("**/audit/?*actor=held*"):
            page.get_by_label("Actor").fill("held")
        page.goto(f"{site}/products/")  # while one is under way
        assert complaints == []


def test_when_the_site_does_not_answer_it_is_said(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(site)
        only_ticks_of_ours(page)
        page.context.set_offline(True)
        page.locator("#connection_refresh").click()
        expect(page.locator("#trouble")).to_contain_text("The site did not answer")
        assert [each.partition(",")[0] for each in complaints if each.startswith("htmx:")] == [
            "htmx:afterRequest",
            "htmx:sendError",
        ]
        page.context.set_offline(False)
        page.locator("#connection_refresh").click()
        expect(page.locator("#trouble")).to_be_empty()
