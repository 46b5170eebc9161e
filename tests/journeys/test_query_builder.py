"""The query builder in a browser: run, corrected, sorted, taken along, cancelled; by keyboard and without script."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.journeys.querying import run, write
from tests.journeys.visiting import WIDE, assert_clean, in_all_looks, opened, until

SLOW = "SELECT count(*) FROM generate_series(1, 1000000) AS a, generate_series(1, 1000000) AS b"


def tab_to(page: Page, selector: str) -> None:
    for _ in range(5):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector}.")


@in_all_looks
def test_every_answer_is_clean(browser: Browser, site: str, scheme: Any, size: Any) -> None:
    with opened(browser, color_scheme=scheme, viewport=size) as (page, complaints):
        page.goto(f"{site}/query/")
        assert_clean(page, complaints, scheme)
        run(page, "SELECT n, NULL AS nothing, true AS yes, jsonb_build_object('n', repeat('x', 99)) AS doc"
                  " FROM generate_series(1, 60) AS n")  # fmt: skip
        expect(page.locator("#_answer .list-count")).to_contain_text("60 rows")
        page.locator(".table-about summary").nth(1).click()
        assert_clean(page, complaints, scheme)
        run(page, "SELECT prise FROM products")
        expect(page.locator(".trouble-quote mark")).to_have_text("prise")
        assert_clean(page, complaints, scheme)
        write(page, "SELECT status, count(*) FROM orders GROUP BY status")
        page.get_by_role("button", name="Run and measure the plan").click()
        expect(page.locator(".plan-title").first).to_be_visible()
        assert_clean(page, complaints, scheme)
        page.goto(f"{site}/query/past")
        expect(page.locator(".past-list li").first).to_be_visible()
        assert_clean(page, complaints, scheme)


def test_rows_are_sorted_and_turned_with_the_focus_kept(browser: Browser, site: str) -> None:
    with opened(browser, viewport=WIDE) as (page, _):
        page.goto(f"{site}/query/")
        run(page, "SELECT n, 200 - n AS down FROM generate_series(1, 120) AS n")
        page.get_by_role("button", name="down").click()
        expect(page.locator("th[aria-sort=ascending]")).to_contain_text("down")
        expect(page.locator("#_answer tbody td").first).to_have_text("120")
        expect(page.locator("#sort_2")).to_be_focused()
        page.get_by_role("button", name="Next").click()
        expect(page.locator("#_answer .list-foot")).to_contain_text("51 to 100 of 120")
        expect(page.locator("#_answer tbody td").first).to_have_text("70")
        # Of a result that is cut, too, all rows are in order.
        run(page, "SELECT ARRAY[n] AS long FROM generate_series(1, 1500) AS n")
        page.get_by_role("button", name="long").click()
        expect(page.locator("th[aria-sort=ascending]")).to_contain_text("long")
        page.get_by_role("button", name="long").click()
        expect(page.locator("#_answer tbody td").first).to_have_text("{1500}")


def test_tables_and_samples_help_to_write(browser: Browser, site: str) -> None:
    with opened(browser, viewport=WIDE) as (page, _):
        page.goto(f"{site}/query/")
        write(page, "SELECT  FROM ")
        page.get_by_label("Find a table or column").fill("shipping")
        expect(page.locator("[data-table]:visible")).to_have_count(1)
        page.get_by_title("Insert orders").click()
        page.get_by_label("Find a table or column").fill("sku")
        expect(page.locator("[data-index]:visible")).to_have_count(1)
        expect(page.locator("#query_sql")).to_have_value("SELECT  FROM orders")
        page.locator("summary", has_text="Window functions").click()
        page.locator("details[open] .sample-list a").first.click()
        expect(page.locator("#query_sql")).not_to_have_value("SELECT  FROM orders")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#_answer .list-count")).to_contain_text("row")
        # What stood there before comes back.
        page.locator("#query_editor .ace_content").click()
        page.keyboard.press("Control+z")
        expect(page.locator("#query_sql")).to_have_value("SELECT  FROM orders")


def test_a_slow_query_is_cancelled(browser: Browser, site: str) -> None:
    with opened(browser, viewport=WIDE) as (page, _):
        page.goto(f"{site}/query/")
        run(page, SLOW)
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator("#answer_title")).to_have_text("Cancelled")
        expect(page.locator("#query_running")).to_be_hidden()
        run(page, "SELECT 1")
        expect(page.locator("#_answer .list-count")).to_contain_text("1 row")


@pytest.mark.parametrize("by_hand", [False, True], ids=["mouse", "keys"])
def test_who_cancels_can_run_it_again_at_once(browser: Browser, site: str, by_hand: bool) -> None:
    with opened(browser, viewport=WIDE) as (page, _):
        page.goto(f"{site}/query/")
        run(page, SLOW)
        cancel = page.get_by_role("button", name="Cancel")
        if by_hand:
            cancel.press("Enter")
        else:
            cancel.click()
        expect(page.locator("#answer_title")).to_have_text("Cancelled")
        expect(page.locator("#query_running")).to_be_hidden()
        expect(page.locator("#query_run")).to_be_focused()


def test_an_answer_is_taken_along(browser: Browser, site: str, tmp_path: Path) -> None:
    with opened(browser, viewport=WIDE, permissions=["clipboard-read", "clipboard-write"]) as (page, _):
        page.goto(f"{site}/query/")
        run(page, "SELECT n, 'tab\t' || n AS t FROM generate_series(1, 1500) AS n")
        page.get_by_role("button", name="Copy these rows").click()
        expect(page.locator("#answer_copy")).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()").startswith('n\tt\n1\t"tab\t1"\n')
        with page.expect_download() as download:
            page.get_by_role("button", name="JSON").click()
        download.value.save_as(tmp_path / "it.json")
        told = json.loads((tmp_path / "it.json").read_text())
        assert told["complete"] and len(told["rows"]) == 1500
        # The page is still there, with its answer.
        expect(page.locator("#_answer .list-count")).to_contain_text("1,000")


def test_one_cell_is_copied_as_it_is(browser: Browser, site: str) -> None:
    with opened(browser, viewport=WIDE, permissions=["clipboard-read", "clipboard-write"]) as (page, complaints):
        page.goto(f"{site}/query/")
        run(page, "SELECT '=1' AS formula, NULL AS nothing UNION ALL SELECT repeat('long ', 100), 'below'")
        expect(page.locator("#_answer .list-count")).to_contain_text("2 rows")
        page.locator(".answer-table td").first.click()
        page.get_by_role("button", name="Copy cell").click()
        expect(page.locator("#answer_copy_cell")).to_have_text("Cell copied")
        assert page.evaluate("navigator.clipboard.readText()") == "=1"
        page.locator(".answer-table td").first.focus()
        for key, copied in (("ArrowDown", "long " * 100), ("ArrowRight", "below"), ("ArrowUp", "")):
            page.keyboard.press(key)
            page.evaluate("navigator.clipboard.writeText('before')")
            page.keyboard.press("Control+c")
            until(page, lambda: page.evaluate("navigator.clipboard.readText()") != "before", "Nothing is copied.")
            assert page.evaluate("navigator.clipboard.readText()") == copied
        assert_clean(page, complaints, "light")


def test_cancel_waits_for_a_run_that_has_not_begun(browser: Browser, site: str) -> None:
    with opened(browser, viewport=WIDE) as (page, _):
        page.goto(f"{site}/query/")
        told: list[int] = []

        def not_yet(route: Route) -> None:
            """The first time the run has not got to the database."""
            if not told:
                route.fulfill(status=202)
            else:
                route.continue_()
            told.append(1)

        page.route("**/query/stop", not_yet)
        run(page, SLOW)
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator("#answer_title")).to_have_text("Cancelled")
        assert len(told) >= 2


def test_it_works_by_keyboard_alone(browser: Browser, site: str) -> None:
    with opened(browser, viewport=WIDE) as (page, _):
        page.goto(f"{site}/query/")
        # The first key fetches the editor; it takes the text's place, and Tab goes on to the buttons.
        page.evaluate("document.getElementById('main').focus({preventScroll: true})")
        page.keyboard.press("Tab")
        expect(page.locator("#query_editor .ace_scroller")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Control+a")
        page.keyboard.insert_text("SELECT 'by hand' AS how")
        page.keyboard.press("Escape")
        tab_to(page, "#query_run")
        page.keyboard.press("Enter")
        expect(page.locator("#_answer")).to_contain_text("by hand")


def test_it_works_without_script(browser: Browser, site: str) -> None:
    with opened(browser, java_script_enabled=False) as (page, _):
        page.goto(f"{site}/query/")
        if page.get_by_role("button", name="Sign in as learner").count():
            page.get_by_role("button", name="Sign in as learner").click()
            page.goto(f"{site}/query/")
        page.get_by_label("SQL statement").fill("SELECT prise FROM products")
        page.get_by_role("button", name="Run", exact=True).click()
        expect(page.locator(".trouble-quote mark")).to_have_text("prise")
        expect(page.get_by_label("SQL statement")).to_have_value("SELECT prise FROM products")
        page.get_by_label("SQL statement").fill("SELECT n FROM generate_series(1, 120) AS n")
        page.get_by_role("button", name="Run", exact=True).click()
        for way in ("ascending", "descending"):
            page.get_by_role("button", name="n", exact=True).click()
            expect(page.locator(f"th[aria-sort={way}]")).to_have_count(1)
        expect(page.locator("tbody td").first).to_have_text("120")
        page.get_by_role("button", name="Next").click()
        expect(page.locator("tbody td").first).to_have_text("70")
        page.locator("summary", has_text="JSONB").click()
        page.locator("details[open] .sample-list a").first.click()
        page.get_by_role("button", name="Plan", exact=True).click()
        expect(page.locator(".plan-title").first).to_be_visible()
