"""A shop full of hostile text in a browser: nothing runs, nothing is blocked, nothing pushes the page aside."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from pages.visible import isolated
from tests.emulator import CHECKOUT, plain_environment
from tests.journeys.visiting import NARROW, WIDE, assert_clean, opened
from tests.running_site import SERVED, Up, destroy

KEPT = 5  # uploads of one person
LISTS = ("/", "/products/", "/users/", "/orders/", "/audit/", "/audit/activity", "/import/", "/reset")
ADMIN = ("catalog/product", "catalog/shopuser", "orders/order", "catalog/csvimport", "audit/auditentry")
# What somebody's text would have to leave behind, had any of it become more than text.
TRACES = "document.querySelectorAll('evil, [onload], [onmouseover], [onfocus], [data-evil], [style*=evil]').length"
ASIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Planted(NamedTuple):
    site: str
    rows: dict[str, tuple[int, int, int, int, str]]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    """A site of its own: what is in it would be in the way of other journeys."""
    up = Up(tmp_path_factory.mktemp("hostile") / "lakebase")
    try:
        up.wait_until_said(SERVED)
        up.get("/")  # makes the learner's account, if that is still to be made
        yield Planted(up.address, json.loads(plant(up.directory)))
    finally:
        up.stop()
        destroy(up.directory)


def plant(directory: Path) -> str:
    words = shlex.split((directory / "site.env").read_text())
    owner = dict(word.split("=", 1) for word in words if "=" in word)
    command = [sys.executable, "-m", "tests.journeys.plant_hostile"]
    told = subprocess.run(
        command, cwd=CHECKOUT, env=plain_environment() | owner, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    return told.stdout.splitlines()[-1]  # after what is logged


def pages(planted: Planted) -> Iterator[str]:
    yield from LISTS
    yield from (f"/admin/{model}/" for model in ADMIN)
    yield from (f"/import/products/{row[-1]}/" for row in list(planted.rows.values())[-KEPT:])
    for product, user, order, imported, _ in planted.rows.values():
        yield from (f"/products/{product}/", f"/products/{product}/edit", f"/products/delete?pk={product}")
        yield from (f"/users/{user}/", f"/users/{user}/edit", f"/users/delete?pk={user}")
        yield from (f"/orders/{order}/", f"/orders/{order}/cancel", f"/orders/place?customer={user}&product={product}")
        yield from (f"/import/{imported}/", f"/audit/?table=products&record={product}")
        yield from (f"/admin/catalog/product/{product}/{page}/" for page in ("change", "history"))


def test_nothing_of_it_runs_or_pushes_the_page_aside(browser: Browser, planted: Planted) -> None:
    with opened(browser, viewport=NARROW) as (page, complaints):
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.accept()))
        foreign: list[str] = []
        page.on("request", lambda each: None if each.url.startswith(planted.site) else foreign.append(each.url))
        wide, left = [], []
        for path in pages(planted):
            page.goto(planted.site + path)
            if page.evaluate(ASIDE) and not path.startswith("/admin/"):
                wide.append(path)
            if page.evaluate(TRACES):
                left.append(path)
        assert not wide, wide
        assert not left, left
        assert not dialogs and not complaints, complaints
        assert not [url for url in foreign if not url.startswith("data:")]


def swapped(page: Page, planted: Planted) -> None:
    """What htmx brings: entries, options, a checked field, a filtered list, a toast."""
    page.goto(f"{planted.site}/audit/")
    for number in range(3):
        page.locator("#trail_entries > li > details > summary").nth(number).click()
        expect(page.locator("#trail_entries > li").nth(number).locator(".entry-facts")).to_be_visible()
    page.goto(f"{planted.site}/orders/place")
    for label, options in (("Who orders", "#options_customer"), ("Product", "#options_1")):
        field = page.get_by_label(label, exact=True)
        field.click()
        field.press_sequentially("evil")
        expect(page.locator(f'{options}[data-words="evil"] .picker-option').first).to_be_visible()
        field.press("ArrowDown")
        field.press("Enter")
        expect(page.get_by_role("option")).to_have_count(0)
    page.goto(f"{planted.site}/products/")
    page.get_by_label("Name, SKU or tag").fill("evil")
    expect(page.locator(".list-count")).to_contain_text("found")


@pytest.mark.parametrize(("scheme", "size"), [("light", WIDE), ("dark", NARROW)], ids=["light-wide", "dark-narrow"])
def test_what_htmx_brings_is_text_and_the_pages_stay_clean(
    browser: Browser, planted: Planted, scheme: Any, size: Any
) -> None:
    with opened(browser, color_scheme=scheme, viewport=size) as (page, complaints):
        swapped(page, planted)
        assert page.evaluate(TRACES) == 0
        for name in ("bidi", "long"):  # the latter among the uploads that are kept
            product, user, order, _, sha256 = planted.rows[name]
            for path in (
                *(f"/products/{product}/", f"/users/{user}/", f"/orders/{order}/", f"/products/{product}/edit"),
                *("/", "/audit/", f"/products/delete?pk={product}", f"/import/products/{sha256}/"),
            ):
                page.goto(planted.site + path)
                assert_clean(page, complaints, scheme)


@pytest.mark.parametrize("name", ["script", "attribute", "template", "bidi"])
def test_a_toast_is_text(browser: Browser, planted: Planted, name: str) -> None:
    product = planted.rows[name][0]
    with opened(browser) as (page, complaints):
        page.goto(f"{planted.site}/products/{product}/edit")
        typed = page.get_by_label("Name").input_value()
        page.get_by_label("Price").fill("4.44")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".toast-note p").first).to_have_text(f"{isolated(typed)} is saved.")
        assert page.evaluate(TRACES) == 0
        assert complaints == []
