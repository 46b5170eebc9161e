"""The database is away: the page that says so, and those that do not need it."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.visiting import NARROW, WIDE, assert_clean, opened


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_says_why(browser: Browser, site_without_database: str, scheme: Any, size: Any) -> None:
    with opened(browser, color_scheme=scheme, viewport=size) as (page, complaints):
        page.goto(site_without_database + "/sign-in")
        page.get_by_label("Username").fill("ada")
        page.get_by_label("Password").fill("lake")
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("h1")).to_have_text("The database cannot be reached")
        expect(page.locator(".refusal-cause")).to_contain_text("Connection refused")
        assert_clean(page, complaints, scheme)


def test_the_way_in_needs_no_database(browser: Browser, site_without_database: str) -> None:
    with opened(browser, color_scheme="light") as (page, complaints):
        page.goto(site_without_database)
        expect(page.locator("h1")).to_have_text("Sign in")
        assert_clean(page, complaints, "light")
