"""The editor of the query builder in a browser: what is typed is seen, kept, and marked where it is wrong."""

import re
from typing import Any

from playwright.sync_api import Browser, expect

from tests.journeys.querying import run, run_early, write
from tests.journeys.visiting import NARROW, WIDE, Held, assert_clean, in_all_looks, opened

# Markers take no pointer, and are found by a place only for this.
TOPMOST = """(mark) => {
    const { left, top, width, height } = mark.getBoundingClientRect();
    for (const each of mark.parentElement.children) each.style.pointerEvents = "auto";
    const found = document.elementsFromPoint(left + width / 2, top + height / 2);
    return found.find((each) => each.parentElement === mark.parentElement) === mark;
}"""


def test_a_mistake_is_marked_until_it_is_mended(browser: Browser, site: str) -> None:
    with opened(browser, viewport=WIDE) as (page, _):
        page.goto(f"{site}/query/")
        run(page, "SELECT 1,\n  nothing_like_that\nFROM products")
        expect(page.locator("#_answer")).to_contain_text("Line 2, column 3")
        expect(page.locator(".ace_gutter-cell.ace_error")).to_have_text("2")
        expect(page.locator("#query_editor .query-mistake")).to_have_count(1)
        # Who corrects it goes on typing where they were.
        page.keyboard.press("Control+a")
        page.keyboard.insert_text("SELECT 1 AS one")
        expect(page.locator(".ace_gutter-cell.ace_error")).to_have_count(0)
        page.keyboard.press("Control+Enter")
        expect(page.locator("#_answer .list-count")).to_contain_text("1 row")


@in_all_looks
def test_a_mistake_is_seen_on_the_line_with_the_cursor(browser: Browser, site: str, scheme: Any, size: Any) -> None:
    with opened(browser, color_scheme=scheme, viewport=size) as (page, _):
        page.goto(f"{site}/query/")
        run(page, "SELECT naem FROM products")
        expect(page.locator("#_answer mark")).to_have_text("naem")
        mark, sign = page.locator("#query_editor .query-mistake"), page.locator(".ace_gutter-cell.ace_error")
        expect(mark).to_have_count(1)
        expect(page.locator("#query_editor .ace_active-line")).to_have_count(1)
        assert mark.evaluate(TOPMOST)
        expect(sign).to_have_class(re.compile("ace_gutter-active-line"))
        expect(sign).to_have_css("background-image", re.compile("url"))


def test_a_mistake_is_marked_behind_an_emoji(browser: Browser, site: str) -> None:
    with opened(browser, viewport=WIDE) as (page, _):
        page.goto(f"{site}/query/")
        for before in ("xxxx", "😀😀"):
            run(page, f"SELECT '{before}', nothing_like_that FROM products")
            expect(page.locator("#_answer .trouble-quote")).to_contain_text(before)
            expect(page.locator("#_answer mark")).to_have_text("nothing_like_that")
            expect(page.locator("#query_editor .query-mistake")).to_have_count(1)
            marked = page.evaluate(
                """() => {
                    const session = ace.edit("query_editor").session;
                    const marks = Object.values(session.getMarkers());
                    return session.getTextRange(marks.find((each) => each.clazz === "query-mistake").range);
                }"""
            )
            assert marked == "nothing_like_that"


def test_every_character_is_seen_and_no_name_is_broken(browser: Browser, site: str) -> None:
    names = ", ".join(f"max(orders.amount_{number})" for number in range(6))
    with opened(browser, viewport=NARROW) as (page, _):
        page.goto(f"{site}/query/")
        write(page, f"SELECT {names}")
        expect(page.locator("#query_editor .ace_content")).to_contain_text("amount_5")
        seen = page.evaluate(
            """() => {
                const editor = ace.edit("query_editor");
                const text = editor.session.getLine(0);
                const ends = editor.session.getRowSplitData(0).map((end) => text[end - 1]);
                // What the font draws, from the top of its highest letter to the foot of an underscore.
                const drawn = document.createElement("span");
                drawn.textContent = "_";
                drawn.style.cssText = "position: absolute; line-height: normal";
                document.querySelector(".ace_text-layer").append(drawn);
                const { height } = drawn.getBoundingClientRect();
                drawn.remove();
                return { ends, line: editor.renderer.lineHeight, height, lines: editor.session.getScreenLength() };
            }"""
        )
        assert seen["ends"] and set(seen["ends"]) == {" "}
        assert seen["line"] > seen["height"]
        # As high as its text, and no higher.
        box = page.locator("#query_editor").bounding_box()
        assert box is not None and box["height"] < seen["line"] * (seen["lines"] + 1)


def test_what_was_typed_is_still_there(browser: Browser, site: str) -> None:
    with opened(browser, viewport=WIDE) as (page, complaints):
        text = page.locator("#query_sql")
        page.goto(f"{site}/query/")
        write(page, "SELECT 'typed'")
        page.reload()
        expect(text).to_have_value("SELECT 'typed'")
        page.goto(f"{site}/products/")
        page.go_back()
        expect(text).to_have_value("SELECT 'typed'")
        # A link brings its own statement, until that is changed.
        page.goto(f"{site}/query/?sql=SELECT+42")
        expect(text).to_have_value("SELECT 42")
        page.reload()
        expect(text).to_have_value("SELECT 42")
        write(page, "SELECT 43")
        # The session has expired meanwhile: who is signed in without being asked goes on at once.
        page.context.clear_cookies(name="sessionid")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#_answer")).to_contain_text("43")
        expect(text).to_have_value("SELECT 43")
        assert_clean(page, complaints, "light")


def test_what_is_selected_as_the_editor_comes_is_what_is_written_over(browser: Browser, site: str) -> None:
    """Who writes without keys, by voice say, has selected the text and is about to insert another."""
    with opened(browser, viewport=WIDE) as (page, complaints):
        held = Held(page, "**/ace/ace*.js")
        page.goto(f"{site}/query/?sql=SELECT+7")
        with page.expect_request("**/ace/ace*.js"):
            page.locator("#query_sql").evaluate("text => { text.focus(); text.select(); }")
        held.let_go()
        expect(page.locator("#query_editor .ace_content")).to_be_visible()
        page.keyboard.insert_text("SELECT 42")
        expect(page.locator("#query_sql")).to_have_value("SELECT 42")
        assert complaints == []


def test_who_is_quicker_than_the_editor_goes_on_in_it(browser: Browser, site: str) -> None:
    with opened(browser, viewport=WIDE) as (page, complaints):
        held = Held(page, "**/ace/ace*.js")
        page.goto(f"{site}/query/?sql=SELECT+7")
        with page.expect_request("**/ace/ace*.js"):
            run_early(page, "SELECT 42 AS one")
        expect(page.locator("#_answer .list-count")).to_contain_text("1 row")
        for _ in "one":
            page.keyboard.press("ArrowLeft")
        assert page.locator("#query_editor").count() == 0
        held.let_go()
        expect(page.locator("#query_editor .ace_content")).to_be_visible()
        page.keyboard.insert_text("n")
        expect(page.locator("#query_sql")).to_have_value("SELECT 42 AS none")
        page.keyboard.press("Control+z")
        expect(page.locator("#query_sql")).to_have_value("SELECT 42 AS one")
        page.keyboard.press("Control+z")
        expect(page.locator("#query_sql")).to_have_value("SELECT 7")
        assert_clean(page, complaints, "light")
