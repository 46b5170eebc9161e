"""Products and users in a browser: added, searched, changed and deleted the way a person does it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from pages.keyset import PAGE_SIZE
from pages.visible import isolated
from tests.journeys.test_bulk_import import RESULT, look_at, products
from tests.journeys.visiting import assert_clean, in_all_looks, opened, wait_until_settled

HOSTILE = "</script><b>Lámp</b> 👋 مرحبا"


@pytest.fixture(scope="module")
def product(browser: Browser, site: str) -> Iterator[str]:
    """The address of a product with everything that can be hostile in a name."""
    with opened(browser) as (page, _):
        yield add_product(page, site, HOSTILE)


def add_product(page: Page, site: str, name: str) -> str:
    page.goto(f"{site}/products/add")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Price").fill("12.50")
    page.get_by_label("Category").fill("Light")
    page.get_by_role("button", name="Add the product").click()
    expect(page.locator("h1")).to_have_text(name)
    return page.url


@in_all_looks
def test_every_page_is_clean(browser: Browser, site: str, product: str, scheme: Any, size: Any) -> None:
    number = product.rstrip("/").rpartition("/")[2]
    paths = ["/products/", "/products/?q=nothing-fits", "/products/add", "/users/", "/users/add"]
    paths += [f"/products/{number}/", f"/products/{number}/edit", f"/products/delete?pk={number}"]
    with opened(browser, color_scheme=scheme, viewport=size) as (page, complaints):
        for path in paths:
            page.goto(site + path)
            assert_clean(page, complaints, scheme)


def test_a_product_is_added_with_chips_and_checked_while_typing(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(f"{site}/products/add")
        page.get_by_label("Name").focus()
        page.keyboard.press("Tab")
        expect(page.locator("#id_name_error")).to_have_text("Fill this in.")
        expect(page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
        page.get_by_label("Price").fill("-1")
        page.get_by_label("Name").fill("Chip lamp")
        expect(page.locator("#id_name_error")).to_be_empty()
        expect(page.locator("#id_price_error")).to_contain_text("Give a number from 0 to")
        expect(page.get_by_label("Price")).to_have_attribute("aria-invalid", "true")
        page.get_by_label("Price").fill("3.50")
        page.get_by_label("Category").fill("Light")
        expect(page.locator("#id_price_error")).to_be_empty()
        tags = page.get_by_label("Tags")
        tags.press_sequentially("new,")
        tags.press_sequentially("led")
        tags.press("Enter")
        tags.press_sequentially("gone,")
        page.get_by_role("button", name="Remove gone").click()
        assert_clean(page, complaints, "light")
        page.get_by_role("button", name="Add the product").click()
        expect(page.locator("h1")).to_have_text("Chip lamp")
        expect(page.locator(".chip")).to_have_text(["new", "led"])
        expect(page.locator(".toast-note")).to_contain_text(f"{isolated('Chip lamp')} is added.")
        expect(page.locator(".history")).to_contain_text("learner")
        page.go_back()  # to the same form, which says nothing of what was mended, and adds no second one unasked
        expect(page.locator("#id_price_error")).to_be_empty()
        page.get_by_role("button", name="Add the product").click()
        expect(page.locator(".form-errors")).to_contain_text("You have added this already")
        assert_clean(page, complaints, "light")
        page.get_by_role("link", name="Look at product").click()
        expect(page.locator("h1")).to_have_text("Chip lamp")


def test_searching_and_sorting_swap_the_list_and_keep_the_focus(browser: Browser, site: str, product: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(f"{site}/products/")
        page.evaluate("document.querySelector('h1').dataset.seen = 'yes'")
        entries = page.evaluate("history.length")
        page.get_by_label("Name, SKU or tag").press_sequentially("no such thing")
        expect(page.locator(".empty-title")).to_have_text("Nothing fits")
        expect(page.get_by_label("Name, SKU or tag")).to_be_focused()
        page.get_by_label("Name, SKU or tag").fill("lámp")
        expect(page.locator(".row-link")).to_have_count(1)
        assert "q=l" in page.url and page.evaluate("history.length") == entries  # "back" leads out of the list
        page.locator("#sort_price").focus()
        page.keyboard.press("Enter")
        expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Price")
        expect(page.locator("#sort_price")).to_be_focused()
        expect(page).to_have_url(re.compile(r"\?(?=.*sort=price)(?=.*q=l%C3%A1mp)"))
        assert page.evaluate("document.querySelector('h1').dataset.seen") == "yes"
        assert complaints == []
        page.go_back()
        expect(page.locator("th[aria-sort]")).to_have_count(0)


def test_a_user_is_added_with_rows_and_shown_as_json(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(f"{site}/users/add")
        page.get_by_label("E-mail").fill("rows@example.com")
        page.get_by_label("Username").fill("rows")
        page.get_by_label("Role").select_option("vendor")
        page.get_by_role("group", name="Metadata").get_by_role("button", name="Add a row").click()
        page.get_by_label("Metadata optional: key").fill("visits")
        page.get_by_label("Metadata optional: value").fill("12")
        assert_clean(page, complaints, "light")
        page.get_by_role("button", name="Show as JSON").first.click()
        expect(page.locator("#id_metadata")).to_have_value('{\n  "visits": 12\n}')
        exact = '{"large": 12345678901234567890, "far": 1e400, "fine": [0.10, {"a": "b, c: \\n"}], "lines": "a\\nb"}'
        page.locator("#id_metadata").fill(exact)
        page.get_by_role("button", name="Show as rows").click()
        page.get_by_label("Metadata optional: value of far").fill("1e399")
        page.get_by_role("button", name="Show as JSON").first.click()
        kept = ['"large": 12345678901234567890', '"far": 1e399', '"fine": [0.10,{"a":"b, c: \\n"}]', '"lines": "a\\nb"']
        expect(page.locator("#id_metadata")).to_have_value("{\n  " + ",\n  ".join(kept) + "\n}")
        page.get_by_role("button", name="Add the user").click()
        expect(page.locator("h1")).to_have_text("rows")
        expect(page.locator(".pairs").first).to_contain_text("12345678901234567890")
        assert_clean(page, complaints, "light")


def test_the_second_of_two_editors_is_shown_the_difference(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        address = add_product(page, site, "Contested")
        page.goto(f"{address}edit")
        with opened(browser) as (other, _):
            other.goto(f"{address}edit")
            other.get_by_label("Price").fill("1")
            other.get_by_role("button", name="Save").click()
            expect(other.locator(".record-figure").first).to_have_text("$1.00")
        page.get_by_label("Price").fill("2")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".conflict tbody tr :is(th, td)")).to_have_text(["Price", "1.00", "2"])
        assert_clean(page, complaints, "light")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".record-figure").first).to_have_text("$2.00")


def test_products_are_chosen_and_deleted_by_keyboard_alone(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        add_product(page, site, "Doomed")
        page.goto(f"{site}/products/?q=Doomed")
        delete, row = page.get_by_role("button", name="Delete selected"), page.locator("tbody input[type=checkbox]")
        everything = page.get_by_label("Select all on this page")
        expect(delete).to_be_disabled()
        everything.check()
        expect(row).to_be_checked()
        row.uncheck()
        expect(everything).not_to_be_checked()
        expect(delete).to_be_disabled()
        row.focus()
        page.keyboard.press("Space")
        delete.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".confirm")).to_contain_text("Doomed")
        page.get_by_role("button", name="Delete 1").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".toast-note")).to_contain_text("1 product deleted.")
        assert complaints == []


def test_the_focus_stays_near_where_it_was(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        add_product(page, site, "A lamp to tell of")
        page.locator(".toast-note [data-dismiss]").first.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#main")).to_be_focused()
        file = products(PAGE_SIZE + 1)
        look_at(page, site, file)
        page.get_by_role("button", name=f"Import all {PAGE_SIZE + 1} lines").click()
        expect(page).to_have_url(RESULT)
        page.goto(f"{site}/products/?q={file['buffer'].decode().splitlines()[1].partition('-')[0]}")
        page.locator("#pager_following").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#pager_previous")).to_be_focused()
        wait_until_settled(page)
        page.keyboard.press("Enter")
        expect(page.locator("#pager_following")).to_be_focused()
        assert complaints == []


def test_everything_works_without_script(browser: Browser, site: str) -> None:
    with opened(browser, java_script_enabled=False) as (page, _):
        page.goto(f"{site}/products/add")
        page.get_by_label("Name").fill("Plain lamp")
        page.get_by_label("Price").fill("-1")
        page.get_by_label("Category").fill("Light")
        page.get_by_label("Tags").fill("a, b")
        page.get_by_role("button", name="Add the product").click()
        expect(page.locator("#id_price_error")).to_contain_text("Give a number from 0 to")
        page.get_by_label("Price").fill("5")
        page.get_by_role("button", name="Add the product").click()
        expect(page.locator(".chip")).to_have_text(["a", "b"])
        expect(page.locator(".toast-note")).to_contain_text(f"{isolated('Plain lamp')} is added.")
        page.goto(f"{site}/products/")
        page.get_by_label("Name, SKU or tag").fill("plain")
        page.get_by_role("button", name="Search").click()
        page.locator("#sort_name").click()
        expect(page.locator(".row-link")).to_have_text(["Plain lamp"])
        page.goto(f"{site}/users/add")
        page.get_by_label("E-mail").fill("plain@example.com")
        page.get_by_label("Username").fill("plain")
        page.get_by_label("Metadata").fill('{"tier": "gold"}')
        page.get_by_role("button", name="Add the user").click()
        expect(page.locator(".pairs").first).to_contain_text("gold")


def test_leaving_with_something_typed_is_asked(browser: Browser, site: str) -> None:
    with opened(browser) as (page, _):
        asked: list[str] = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        page.goto(f"{site}/products/add")
        checked: list[str] = []
        page.on("request", lambda request: checked.append(request.url) if "?field=" in request.url else None)
        page.get_by_label("Name").focus()
        page.get_by_role("link", name="Cancel").click()
        expect(page.locator("h1")).to_have_text("Products")
        assert checked == [], "Nobody who goes away is told what is missing."
        page.goto(f"{site}/products/add")
        page.get_by_label("Name").press_sequentially("half")
        page.get_by_role("link", name="Cancel").click()
        expect(page.locator("h1")).to_have_text("Products")
        assert asked == ["beforeunload"]
