"""While the site takes its time the page shows that something is under way, and nothing of it when it does not."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.test_catalog import add_product
from tests.journeys.visiting import Held, opened, wait_until_settled

SEARCH = ("/products/", "#filters_wait", "1", lambda page: page.get_by_label("Name, SKU").press_sequentially("lamp"))
SORT = ("/products/", ".list .table", "0.55", lambda page: page.locator("#sort_price").click())
FILTER = ("/audit/", "#trail_wait", "1", lambda page: page.get_by_label("Actor").press_sequentially("ada"))
OPEN = ("/audit/", ".entry-told", "0.55", lambda page: page.locator("#trail_entries summary").first.click())
SHOW = ("/", ".activity-list", "0.55", lambda page: page.locator("#activity_inserts").click())
ADD_UP = ("/orders/place", ".waits", "0.55", lambda page: page.get_by_label("Quantity").press_sequentially("2"))
TABS = ("/orders/", ".list .empty, .list .table", "0.55", lambda page: page.locator(".tab").nth(1).click())
PICK = ("/orders/place", "#wait_customer", "1", lambda page: page.get_by_label("Who orders").press_sequentially("a"))
WAITS = {
    "pick": PICK,
    "search": SEARCH,
    "sort": SORT,
    "filter": FILTER,
    "open": OPEN,
    "show": SHOW,
    "add up": ADD_UP,
    "tabs": TABS,
}

# Playwright looks at no page from which a form is on its way.
REMEMBER = """() => new MutationObserver(() => {
    const told = document.querySelector(".toast-sending");
    const busy = document.querySelector("form.editor").getAttribute("aria-busy");
    if (told) sessionStorage.setItem("told", `${told.innerText.trim()} ${busy}`);
}).observe(document.getElementById("toasts"), { childList: true })"""


@pytest.mark.parametrize(("path", "part", "opacity", "act"), WAITS.values(), ids=WAITS)
def test_waiting_is_shown(
    browser: Browser, site: str, path: str, part: str, opacity: str, act: Callable[[Page], None]
) -> None:
    with opened(browser) as (page, complaints):
        add_product(page, site, "A lamp to wait for")
        page.goto(site + path)
        wait_until_settled(page)
        before = page.locator(part).first.evaluate("each => getComputedStyle(each).opacity")
        held = Held(page, "**/*")
        act(page)
        expect(page.locator(part).first).to_have_css("opacity", opacity)
        assert before != opacity
        delay = page.locator(part).first.evaluate("each => getComputedStyle(each).transitionDelay")
        assert delay == "0.2s", "An answer that comes at once is not announced."
        held.let_go()
        expect(page.locator(".htmx-request")).to_have_count(0)
        expect(page.locator(part).first).to_have_css("opacity", before)
        assert complaints == []


def test_the_card_turns_its_arrow(browser: Browser, site: str) -> None:
    with opened(browser) as (page, _):
        page.goto(site)
        held = Held(page, "**/connection*")
        page.locator("#connection_refresh").click()
        expect(page.locator("#connection_refresh svg")).to_have_css("animation-name", "turn")
        held.let_go()
        expect(page.locator("#connection_refresh svg")).to_have_css("animation-name", "none")


def test_a_form_on_its_way_says_so(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        address = add_product(page, site, "A lamp to save")
        page.goto(f"{address}edit")
        told, form = page.locator(".toast-sending p"), page.locator("form.editor")
        held = Held(page, "**/edit")
        page.evaluate(REMEMBER)
        page.get_by_label("Price").fill("2")
        page.get_by_role("button", name="Save").click(no_wait_after=True)
        page.wait_for_timeout(500)
        held.let_go()
        expect(page.locator(".record-figure").first).to_have_text("$2.00")
        assert page.evaluate("sessionStorage.getItem('told')") == "One moment … true"
        expect(told).to_have_count(0)
        page.go_back()
        expect(form).not_to_have_attribute("aria-busy", "true")
        expect(told).to_have_count(0)
        page.goto(f"{site}/orders/place")
        held = Held(page, "**/orders/place")
        page.get_by_role("button", name="Place the order").click()
        expect(told).to_have_text("Placing the order …")
        held.let_go()
        expect(page.locator(".form-errors")).to_contain_text("Nothing was ordered yet")
        expect(told).to_have_count(0)
        assert [each for each in complaints if "status of" not in each] == []
