"""The database is away: the page that says so, and those that do not need it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings
from playwright.sync_api import Browser, Page, expect

from tests.journeys.visiting import assert_clean, in_all_looks, opened
from tests.people import unasked_visitor
from tests.served_site import SECRET_KEY_WITHOUT_DATABASE


@in_all_looks
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


def arrive_signed_in(page: Page, site: str) -> None:
    """At a page that needs the database, as somebody who has signed in while it was there."""
    with override_settings(SECRET_KEY=SECRET_KEY_WITHOUT_DATABASE):
        cookies = [{"name": name, "value": each.value, "url": site} for name, each in unasked_visitor().cookies.items()]
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.goto(site + "/products/")
    expect(page.locator("h1")).to_have_text("The database cannot be reached")


def stop_the_clock(page: Page) -> None:
    """From now on only the test moves it."""
    page.clock.install(time=datetime.now())
    page.clock.pause_at(datetime.now() + timedelta(minutes=1))
    page.reload()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_comes_by_itself_when_the_database_is_back(
    browser: Browser, site_without_database: str, scheme: Any
) -> None:
    with opened(browser, color_scheme=scheme) as (page, complaints):
        arrive_signed_in(page, site_without_database)
        assert_clean(page, complaints, scheme)
        stop_the_clock(page)
        expect(page.locator("#again")).to_contain_text("tried again by itself in 5 seconds")
        with page.expect_response("**/products/") as answer:
            page.clock.run_for(5000)
        assert answer.value.status == 503
        expect(page.locator("#again")).to_contain_text("in 10 seconds")
        page.route("**/products/", lambda route: route.fulfill(body="<h1>Products</h1>", content_type="text/html"))
        page.clock.run_for(10_000)
        expect(page.locator("h1")).to_have_text("Products")


def test_it_is_not_tried_for_ever(browser: Browser, site_without_database: str) -> None:
    with opened(browser) as (page, _):
        arrive_signed_in(page, site_without_database)
        stop_the_clock(page)
        said = page.locator("#again")
        while "by itself in" in said.inner_text():
            with page.expect_response("**/products/"):
                page.clock.run_for(40_000)
            expect(said).not_to_have_text("Trying again.")
        expect(said).to_contain_text("so that the endpoint can sleep")


def test_a_form_is_kept_and_not_sent_again_by_itself(browser: Browser, site_without_database: str) -> None:
    with opened(browser) as (page, _):
        page.goto(site_without_database + "/sign-in")
        page.get_by_label("Username").fill("ada")
        page.get_by_label("Password").fill("lake")
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator(".refusal")).to_contain_text("look first whether it has arrived")
        expect(page.locator("#again")).to_have_count(0)
        with page.expect_request("**/sign-in") as again:
            page.get_by_role("button", name="Send it again").click()
        assert "username=ada" in (again.value.post_data or "") and "password" not in (again.value.post_data or "")
