"""The home page in a browser: light and dark, wide and narrow, with and without script."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.visiting import assert_clean, in_all_looks, opened

PAGES = ["/", "/nowhere", "/connection", "/account/password"]
FIRST_LOAD_BYTES = 100_000


@in_all_looks
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_clean(browser: Browser, site: str, path: str, scheme: Any, size: Any) -> None:
    with opened(browser, color_scheme=scheme, viewport=size) as (page, complaints):
        page.goto(site + path)
        assert_clean(page, complaints, scheme)


@pytest.mark.parametrize("path", ["/", "/query/"])
def test_the_first_load_is_small(browser: Browser, site: str, path: str) -> None:
    """All that comes before somebody stirs: the query builder's editor comes then."""
    with opened(browser) as (page, _):
        sizes: list[int] = []
        page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
        page.goto(site + path)
        page.wait_for_load_state("networkidle")
        assert 10_000 < sum(sizes) < FIRST_LOAD_BYTES


def test_refresh_swaps_the_card_alone_and_keeps_the_focus(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(site)
        page.evaluate("document.querySelector('h1').dataset.seen = 'yes'")
        before = page.locator(".connection-foot time").get_attribute("datetime")
        page.locator("#connection_refresh").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".connection-foot time")).not_to_have_attribute("datetime", before or "")
        expect(page.locator("#connection_refresh")).to_be_focused()
        assert page.evaluate("document.querySelector('h1').dataset.seen") == "yes"
        expect(page.locator("#_connection")).to_have_count(1)
        assert complaints == []


@pytest.mark.parametrize("choice", ["dark", "light"])
def test_the_switch_draws_at_once_and_lasts(browser: Browser, site: str, choice: str) -> None:
    other = "light" if choice == "dark" else "dark"
    with opened(browser, color_scheme=other) as (page, complaints):
        page.goto(site)
        page.locator(f"#theme_switch button[value={choice}]").click()
        expect(page.locator("html")).to_have_attribute("data-bs-theme", choice)
        expect(page.locator(f"#theme_switch button[value={choice}]")).to_have_attribute("aria-pressed", "true")
        page.goto(site + "/admin/")
        expect(page.locator("html")).to_have_attribute("data-bs-theme", choice)
        assert complaints == []


def test_auto_follows_the_device(browser: Browser, site: str) -> None:
    with opened(browser, color_scheme="light") as (page, _):
        page.goto(site)
        page.emulate_media(color_scheme="dark")
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_everything_works_without_script(browser: Browser, site: str) -> None:
    with opened(browser, java_script_enabled=False) as (page, _):
        page.goto(site)
        page.locator("#connection_refresh").click()
        expect(page.locator("h1")).to_have_text("The connection")
        page.goto(site)
        page.locator("#theme_switch button[value=dark]").click()
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
        expect(page).to_have_url(f"{site}/")


def test_the_keyboard_reaches_the_content_first(browser: Browser, site: str) -> None:
    with opened(browser) as (page, _):
        page.goto(site)
        page.keyboard.press("Tab")
        expect(page.locator(".skip-link")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#main")).to_be_focused()
