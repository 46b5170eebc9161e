"""A fresh visitor with a browser, and what every page must be like."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
# A wide page has all there is to see, a narrow one a part of it in the same colours: so the dark one stands for both.
LOOKS = [("light", WIDE), ("dark", WIDE), ("dark", NARROW)]
in_all_looks = pytest.mark.parametrize(("scheme", "size"), LOOKS, ids=["light-wide", "dark-wide", "dark-narrow"])
# In seconds, with everything that a journey waits for: other journeys, and other work, may have the machine.
PATIENCE = 30.0
PATIENCE_WITH_LOADING = 60.0
expect.set_options(timeout=PATIENCE * 1000)
# Everything is loaded, and htmx waits for nothing: half a second earlier than Playwright's "networkidle" tells it.
SETTLED = "document.readyState === 'complete' && !document.querySelector('.htmx-request, .htmx-settling')"


def wait_until_settled(page: Page) -> None:
    until(page, lambda: page.evaluate(SETTLED), "The page does not come to rest.")


def until(page: Page, so: Callable[[], bool], otherwise: str) -> None:
    """Not by Playwright's `wait_for_function`, whose looking again our policy takes for somebody's eval."""
    end = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < end, otherwise
        page.wait_for_timeout(20)


class Held:
    """Requests of which the site does not hear until they are let go; `method`: those alone."""

    def __init__(self, page: Page, pattern: str, method: str = "") -> None:
        self._page, self._method, self._are_held = page, method, True
        self._routes: list[Route] = []
        page.route(pattern, self._hold)

    def _hold(self, route: Route) -> None:
        if self._are_held and route.request.method.startswith(self._method):
            self._routes.append(route)
        else:
            route.continue_()

    def one(self) -> Route:
        """To be answered otherwise; the browser tells of a request before it asks what to do with it."""
        until(self._page, lambda: bool(self._routes), "Nothing was asked for.")
        return self._routes.pop()

    def let_go(self) -> None:
        self._are_held = False
        while self._routes:
            self._routes.pop(0).continue_()


@contextmanager
def opened(browser: Browser, **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """A page of a fresh visitor, and what the browser complains about on it."""
    context = browser.new_context(**options)
    context.set_default_navigation_timeout(PATIENCE_WITH_LOADING * 1000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page, complaints
    finally:
        context.close()


def assert_clean(page: Page, complaints: list[str], scheme: str) -> None:
    """No policy message, no error, nothing to scroll sideways, drawn in `scheme`, nothing that axe finds."""
    wait_until_settled(page)
    # An answer of 404 or 503 is one complaint of the browser's, and meant here.
    unexpected = [each for each in complaints if "the server responded with a status of" not in each]
    assert unexpected == [], unexpected
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert page.evaluate("document.documentElement.dataset.bsTheme") == scheme
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
