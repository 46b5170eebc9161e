"""The clock of live pages in a browser: when it asks for news, and when it lets the endpoint sleep.

Time stands still in these pages until a test moves it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.journeys.test_catalog import add_product
from tests.journeys.test_dashboard import only_ticks_of_ours, tick
from tests.journeys.visiting import Held, opened, wait_until_settled

PAUSED = "Paused so the endpoint can sleep"
PAGES = {"dashboard": "/", "trail": "/audit/"}
# A browser without windows has no hidden tabs, so the page is told that it is one.
HIDE = """hidden => {
    Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


@dataclass
class Watched:
    """A page under a clock of ours, and what it has asked for since it was last looked."""

    page: Page
    asked: list[Request] = field(default_factory=list)

    def note(self, request: Request) -> None:
        if request.resource_type in ("xhr", "fetch"):
            self.asked.append(request)

    def after(self, *, seconds: float) -> int:
        """Let this time pass; how many requests were made in it."""
        self.asked.clear()
        self.page.clock.run_for(int(seconds * 1000))
        self.settle()
        return len(self.asked)

    def settle(self) -> None:
        for request in self.asked:
            request.response()
        expect(self.page.locator(".htmx-request")).to_have_count(0)
        self.page.clock.run_for(50)  # what htmx does a moment later

    def choose(self, rate: str) -> None:
        self.page.get_by_label("Refresh rate").select_option(rate)


@pytest.fixture(params=PAGES)
def watched(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[Watched]:
    with opened(browser) as (page, complaints):
        add_product(page, site, "A watched lamp")
        page.clock.install(time=datetime.now())
        page.goto(site + PAGES[request.param])
        page.clock.pause_at(datetime.now() + timedelta(minutes=1))
        page.reload()
        seen = Watched(page)
        page.on("request", seen.note)
        yield seen
        assert complaints == []


@pytest.mark.parametrize("seconds", [5, 10, 30])
def test_it_asks_once_in_each_period_also_after_a_reload(watched: Watched, seconds: int) -> None:
    watched.choose(str(seconds))
    for _ in range(2):
        expect(watched.page.get_by_label("Refresh rate")).to_have_value(str(seconds))
        assert watched.after(seconds=seconds - 0.1) == 0
        assert watched.after(seconds=0.2) == 1
        assert watched.after(seconds=seconds) == 1
        watched.page.reload()


def test_off_is_off_also_after_a_reload(watched: Watched) -> None:
    watched.choose("off")
    watched.page.reload()
    expect(watched.page.locator("#live_state")).to_have_text("Off")
    expect(watched.page.locator("#live_resume")).to_be_hidden()
    assert watched.after(seconds=120) == 0
    watched.choose("5")
    expect(watched.page.locator("#live_state")).to_have_text("Live")
    assert watched.after(seconds=5) == 1


def test_it_stands_still_in_a_hidden_tab(watched: Watched) -> None:
    watched.page.evaluate(HIDE, True)
    assert watched.after(seconds=120) == 0
    watched.asked.clear()
    with watched.page.expect_request("**/news*"):
        watched.page.evaluate(HIDE, False)
    watched.settle()
    assert len(watched.asked) == 1
    assert watched.after(seconds=10) == 1


def test_it_pauses_after_five_minutes_without_use(watched: Watched) -> None:
    state, resume = watched.page.locator("#live_state"), watched.page.locator("#live_resume")
    watched.choose("30")
    assert watched.after(seconds=5 * 60 - 1) > 0
    expect(state).to_have_text("Live")
    watched.after(seconds=31)
    expect(state).to_have_text(PAUSED)
    assert watched.after(seconds=3600) == 0
    watched.page.evaluate(HIDE, True)
    watched.page.evaluate(HIDE, False)
    assert watched.after(seconds=60) == 0, "Coming back to the tab is not yet using the page."
    with watched.page.expect_request("**/news*"):
        resume.click()
    watched.settle()
    expect(state).to_have_text("Live")
    expect(resume).to_be_hidden()
    expect(watched.page.get_by_label("Refresh rate")).to_be_focused()
    assert watched.after(seconds=30) == 1


def test_it_says_since_when_there_is_no_answer(browser: Browser, site: str) -> None:
    with opened(browser, timezone_id="UTC") as (page, _):
        add_product(page, site, "A silent lamp")
        page.clock.install(time=datetime(2026, 11, 26, 13, 4, 55))
        page.goto(site)
        wait_until_settled(page)
        state, place = page.locator("#live_state"), page.locator("#_cards").bounding_box()
        expect(state).to_have_text("Live")
        held = Held(page, "**/news*")
        with page.expect_request("**/news*"):
            page.clock.run_for(10_000)
        page.clock.run_for(5_000)
        expect(state).to_have_text("No answer since 13:05")
        held.one().abort()
        expect(page.locator("#trouble")).to_contain_text("did not answer")
        assert page.locator("#_cards").bounding_box() == place
        page.get_by_role("button", name="Dismiss").click()
        page.unroute("**/news*")
        page.route("**/news*", lambda route: route.abort())
        with page.expect_event("requestfailed"):
            page.clock.run_for(10_000)
        expect(page.locator("#trouble")).to_be_empty()
        expect(state).to_have_text("No answer since 13:05")
        page.unroute("**/news*")
        page.clock.run_for(10_000)
        expect(state).to_have_text("Live")


# The browser tells of the wheel when it sees fit; the clock is not to go on before.
WHEELED = """() => {
    window.wheeled = new Promise((done) => addEventListener("wheel", () => done(true), {once: true}))
}"""


@pytest.mark.parametrize("use", ["pointer", "key", "wheel"])
def test_who_uses_the_page_keeps_it_awake(watched: Watched, use: str) -> None:
    page = watched.page
    for _ in range(3):
        watched.after(seconds=4 * 60)
        if use == "pointer":
            page.mouse.move(200, 200)
            page.mouse.move(300, 300)
        elif use == "key":
            page.keyboard.press("Shift")
        else:
            page.evaluate(WHEELED)
            page.mouse.wheel(0, 10)
            page.evaluate("() => window.wheeled")
    expect(page.locator("#live_state")).to_have_text("Live")
    watched.after(seconds=6 * 60)
    expect(page.locator("#live_state")).to_have_text(PAUSED)


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_no_news_touch_nothing(browser: Browser, site: str, path: str) -> None:
    with opened(browser) as (page, complaints):
        add_product(page, site, "An old lamp")
        page.clock.install(time=datetime.now())  # else "ago" grows older while the test looks
        page.goto(site + path)
        page.clock.pause_at(datetime.now() + timedelta(minutes=1))
        page.reload()
        page.evaluate(
            """() => {
                window.touched = [];
                const note = (records) => window.touched.push(...records.map((each) => each.target.id));
                new MutationObserver(note).observe(document.querySelector("main"),
                    {subtree: true, childList: true, characterData: true});
            }"""
        )
        assert tick(page) == [204]
        assert page.evaluate("window.touched") == []
        assert complaints == []


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize(("motion", "animation"), [("reduce", "none"), ("no-preference", "arrive")])
def test_news_are_marked_and_move_only_where_that_is_welcome(
    browser: Browser, site: str, path: str, motion: str, animation: str
) -> None:
    with opened(browser, reduced_motion=motion, timezone_id="Asia/Kathmandu") as (page, complaints):
        page.goto(site + path)
        only_ticks_of_ours(page)
        with opened(browser) as (other, _):
            add_product(other, site, "A lamp that is news")
        assert tick(page) == [200]
        news = page.locator(".is-new").first
        expect(news).to_contain_text("A lamp that is news")
        expect(news).to_have_css("animation-name", animation)
        assert news.evaluate("each => getComputedStyle(each).boxShadow") != "none"
        expect(news.locator("time")).to_have_attribute("title", re.compile(r"GMT\+5:45"))
        assert complaints == []
