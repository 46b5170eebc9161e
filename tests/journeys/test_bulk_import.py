"""Bulk import in a browser: a file chosen or dropped, looked at, imported, with and without script."""

import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, FloatRect, Locator, Page, expect

from tests.journeys.visiting import WIDE, assert_clean, in_all_looks, opened

RESULT = re.compile(r"/import/\d+/$")


def products(count: int, wrong: int = 0, name: str = "spring.csv") -> FilePayload:
    """New ones each time; of the first `wrong` the price is no price."""
    key = uuid.uuid4().hex[:8]
    lines = [f'{key}-{n},"Thing {n}, 👋",{"$" if n < wrong else ""}{n}.50,red' for n in range(count)]
    return {"name": name, "mimeType": "text/csv", "buffer": "\n".join(["SKU,Name,Price,Colour", *lines]).encode()}


def dropped(page: Page, file: FilePayload) -> None:
    """Let go of the file over the field, as from a file manager."""
    handed = page.evaluate_handle(
        """([name, text]) => {
            const data = new DataTransfer();
            data.items.add(new File([text], name, {type: "text/csv"}));
            return data;
        }""",
        [file["name"], file["buffer"].decode()],
    )
    page.locator("#id_file").dispatch_event("dragenter", {"dataTransfer": handed})
    expect(page.locator(".drop")).to_have_class(re.compile("drop-over"))
    page.locator("#id_file").dispatch_event("drop", {"dataTransfer": handed})
    # The browser's own part, which a made-up event does not set off.
    page.locator("#id_file").evaluate("(field, data) => { field.files = data.files; }", handed)


def look_at(page: Page, site: str, file: FilePayload) -> None:
    page.goto(f"{site}/import/")
    page.locator("#id_file").set_input_files(file)
    page.get_by_role("button", name="Look at the file").click()
    expect(page.locator("h1")).to_have_text(file["name"])


def forget_styles(page: Page) -> None:
    """What axe leaves behind on elements, which htmx would carry over to those that take their place."""
    page.evaluate("document.querySelectorAll('[style]').forEach((each) => each.removeAttribute('style'))")


@in_all_looks
def test_every_page_is_clean(browser: Browser, site: str, scheme: Any, size: Any) -> None:
    with opened(browser, color_scheme=scheme, viewport=size) as (page, complaints):
        page.goto(f"{site}/import/")
        assert_clean(page, complaints, scheme)
        forget_styles(page)
        page.locator("#id_file").set_input_files({"name": "no.csv", "mimeType": "text/csv", "buffer": b""})
        page.locator("#upload_send").click()
        expect(page.locator("#id_file_error")).to_contain_text("The file is empty.")
        assert_clean(page, complaints, scheme)
        look_at(page, site, products(30, wrong=12))
        assert_clean(page, complaints, scheme)
        page.get_by_role("button", name="Import the 18 good lines").click()
        page.wait_for_url(RESULT)
        assert_clean(page, complaints, scheme)
        look_at(page, site, {"name": "a.csv", "mimeType": "text/csv", "buffer": b"PK\x03\x04"})
        assert_clean(page, complaints, scheme)
        page.goto(f"{site}/import/products/{'a' * 64}/")
        assert_clean(page, complaints, scheme)


def test_rejected_lines_name_their_column_whole_and_go_on_under_a_shadow(browser: Browser, site: str) -> None:
    lines = [f"Thing {number},1,{'as many as there are ' * 10},unseen\u200b{number}" for number in range(17)]
    file = products(1) | {"buffer": "\n".join(["name,price,stock_quantity,sku", *lines]).encode()}
    with opened(browser, viewport=WIDE) as (page, _):
        look_at(page, site, file)
        column = page.locator(".faults code", has_text="stock_quantity").first
        expect(column).to_be_visible()
        assert column.evaluate("(code) => code.getClientRects().length") == 1, "The name is broken into lines."
        box = page.locator(".faults")
        assert box.evaluate("(box) => box.scrollHeight > box.clientHeight && box.scrollWidth === box.clientWidth")
        box.scroll_into_view_if_needed()
        assert is_shaded(page, box)
        box.evaluate("(box) => box.scrollTo(0, box.scrollHeight)")
        assert not is_shaded(page, box), "At its end the box looks as if it went on."


def is_shaded(page: Page, box: Locator) -> bool:
    """Whether the lower edge would look different without what lies behind the lines."""
    at = box.bounding_box()
    assert at
    edge: FloatRect = {"x": at["x"] + at["width"] / 2, "y": at["y"] + at["height"] - 4, "width": 60, "height": 3}
    drawn = page.screenshot(clip=edge)
    box.evaluate("(box) => { box.style.backgroundImage = 'none'; }")
    plain = page.screenshot(clip=edge)
    box.evaluate("(box) => { box.style.backgroundImage = ''; }")
    return drawn != plain


def test_a_file_is_dropped_looked_at_and_imported(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(f"{site}/import/")
        dropped(page, products(25, name="dropped.csv"))
        page.get_by_role("button", name="Look at the file").click()
        expect(page.locator("h1")).to_have_text("dropped.csv")
        expect(page.locator(".totals-new")).to_have_text("25")
        expect(page.get_by_text("left out, since not known: Colour")).to_be_visible()
        page.get_by_role("button", name="Import all 25 lines").click()
        page.wait_for_url(RESULT)
        expect(page.locator(".totals-new")).to_have_text("25")
        expect(page.get_by_text(re.compile("(just now|ago) by learner"))).to_be_visible()
        page.get_by_role("link", name="Show them").click()
        expect(page.locator("h1")).to_have_text("Audit trail")
        expect(page.locator("#_trail")).to_contain_text("INSERT")
        page.goto(f"{site}/import/")
        page.get_by_role("link", name="dropped.csv").click()
        expect(page.locator("h1")).to_have_text("dropped.csv")
        assert complaints == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_rejected_lines_are_had_mended_and_imported(browser: Browser, site: str, tmp_path: Path, script: bool) -> None:
    with opened(browser, java_script_enabled=script) as (page, complaints):
        look_at(page, site, products(10, wrong=2))
        expect(page.locator(".faults")).to_contain_text("Write the price without a currency: 12.50.")
        with page.expect_download() as download:
            page.get_by_role("link", name="Download the rejected lines").click()
        wrong = Path(download.value.path()).read_text("utf-8-sig")
        assert download.value.suggested_filename == "spring-rejected.csv" and len(wrong.splitlines()) == 3
        page.get_by_role("button", name="Import the 8 good lines").click()
        page.wait_for_url(RESULT)
        expect(page.locator(".totals-rejected")).to_have_text("2")
        mended: FilePayload = {"name": "m.csv", "mimeType": "text/csv", "buffer": wrong.replace("$", "").encode()}
        look_at(page, site, mended)
        page.get_by_role("button", name="Import all 2 lines").click()
        page.wait_for_url(RESULT)
        expect(page.locator(".totals-new")).to_have_text("2")
        assert complaints == []


def test_without_script_what_is_wrong_is_told_as_well(browser: Browser, site: str) -> None:
    with opened(browser, java_script_enabled=False) as (page, complaints):
        page.goto(f"{site}/import/")
        page.get_by_label("Users").check()
        page.locator("#id_file").set_input_files({"name": "no.csv", "mimeType": "text/csv", "buffer": b""})
        page.locator("#upload_send").click()
        expect(page.locator("#id_file_error")).to_contain_text("The file is empty.")
        expect(page.get_by_label("Users")).to_be_checked()
        expect(page.locator("#id_file")).to_be_focused()
        assert complaints == []


def test_with_the_keyboard_alone(browser: Browser, site: str) -> None:
    with opened(browser) as (page, _):
        page.goto(f"{site}/import/")
        page.locator("#id_kind_0").focus()
        page.keyboard.press("ArrowDown")
        expect(page.get_by_label("Users")).to_be_checked()
        page.keyboard.press("Tab")
        expect(page.locator("#id_file")).to_be_focused()
        page.locator("#id_file").set_input_files({"name": "no.csv", "mimeType": "text/csv", "buffer": b""})
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#id_file_error")).to_contain_text("The file is empty.")
        expect(page.locator("#upload_send")).to_be_focused()
        key = uuid.uuid4().hex[:8]
        person = f"email,username\n{key}@example.com,{key}\n".encode()
        page.locator("#id_file").set_input_files({"name": "p.csv", "mimeType": "text/csv", "buffer": person})
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("p.csv")
        page.locator("#import_send").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(RESULT)
        expect(page.locator(".totals-new")).to_have_text("1")


def test_a_repeated_file_is_confirmed_before_it_is_sent(browser: Browser, site: str) -> None:
    text = f"name,price\nThing {uuid.uuid4()},1\n".encode()
    file: FilePayload = {"name": "keyless.csv", "mimeType": "text/csv", "buffer": text}
    with opened(browser) as (page, complaints):
        look_at(page, site, file)
        page.locator("#import_send").click()
        page.wait_for_url(RESULT)
        look_at(page, site, file)
        page.locator("#import_send").click()
        expect(page.get_by_role("checkbox")).to_be_focused()
        page.get_by_role("checkbox").check()
        page.locator("#import_send").click()
        page.wait_for_url(RESULT)
        assert complaints == []


def test_the_bar_shows_how_far_the_upload_is(browser: Browser, site: str) -> None:
    with opened(browser) as (page, _):
        page.goto(f"{site}/import/")
        page.evaluate(
            """() => {
                window.told = [];
                document.addEventListener("htmx:xhr:progress", () => {
                    const bar = document.querySelector(".upload-bar");
                    window.told.push([bar.hasAttribute("value"), document.querySelector(".upload-said").textContent]);
                });
                document.addEventListener("htmx:beforeOnLoad", (event) => event.preventDefault());
            }"""
        )
        slowly = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 1_000_000}
        page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slowly)
        page.locator("#id_file").set_input_files(products(40_000, name="large.csv"))
        page.locator("#upload_send").click()
        expect(page.locator(".upload-said")).to_have_text("Uploaded. The file is being looked at …")
        told = page.evaluate("window.told")
        assert [True, "Uploading …"] in told and told[-1] == [False, "Uploaded. The file is being looked at …"]


def test_a_file_that_is_too_large_is_told_before_it_is_sent(browser: Browser, site: str) -> None:
    with opened(browser) as (page, _):
        page.goto(f"{site}/import/")
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        field = page.locator("#id_file")
        field.evaluate("(field) => { field.dataset.largest = 10; }")
        field.set_input_files(products(3))
        expect(page.locator("#id_file_error")).to_contain_text("larger than 200 MB")
        page.locator("#upload_send").click()
        assert sent == []
        field.evaluate("(field) => { field.dataset.largest = 1000; }")
        field.set_input_files(products(4))
        expect(page.locator("#id_file_error")).to_be_empty()
        page.locator("#upload_send").click()
        expect(page.locator("h1")).to_have_text("spring.csv")


def test_when_the_site_is_away_the_file_stays_chosen(browser: Browser, site: str) -> None:
    with opened(browser) as (page, _):
        page.goto(f"{site}/import/")
        page.locator("#id_file").set_input_files(products(3))
        page.context.set_offline(True)
        page.locator("#upload_send").click()
        expect(page.locator("#trouble")).to_contain_text("The site did not answer")
        expect(page.locator(".upload-progress")).to_be_hidden()
        page.context.set_offline(False)
        page.locator("#upload_send").click()
        expect(page.locator("h1")).to_have_text("spring.csv")


@pytest.mark.parametrize(
    ("there", "link", "name"),
    [
        ("/import/", lambda page: page.locator(".files a[href$='example/users.csv']"), "users-example.csv"),
        ("/import/", lambda page: page.get_by_role("link", name="Orders as CSV"), r"orders-\d{4}-\d\d-\d\d.csv"),
        ("/products/?q=Thing", lambda page: page.get_by_role("link", name="Download as CSV"), r"products-[\d-]+.csv"),
    ],
)
def test_files_are_downloaded(browser: Browser, site: str, there: str, link: Callable[[Page], Any], name: str) -> None:
    with opened(browser) as (page, _):
        page.goto(site + there)
        with page.expect_download() as download:
            link(page).click()
        assert re.fullmatch(name, download.value.suggested_filename)
