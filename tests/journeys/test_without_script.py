"""Every form with JavaScript switched off: filled in, refused where something is wrong, and done."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.visiting import opened


@contextmanager
def plain(browser: Browser) -> Iterator[Page]:
    with opened(browser, java_script_enabled=False) as (page, complaints):
        yield page
        assert [each for each in complaints if "the server responded with a status of" not in each] == []


def unused(word: str) -> str:
    return f"{word}-{uuid.uuid4().hex[:8]}"


def add_product(page: Page, site: str, name: str, stock: str = "5") -> str:
    page.goto(f"{site}/products/add")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Price").fill("12.50")
    page.get_by_label("Category").fill("Light")
    page.get_by_label("In stock").fill(stock)
    page.get_by_role("button", name="Add the product").click()
    expect(page.locator("h1")).to_have_text(name)
    return page.url


def add_user(page: Page, site: str, name: str) -> str:
    page.goto(f"{site}/users/add")
    page.get_by_label("Full name").fill(name)
    page.get_by_label("E-mail").fill(f"{name}@example.com")
    page.get_by_label("Username").fill(name)
    page.get_by_role("button", name="Add the user").click()
    expect(page.locator("h1")).to_have_text(name)
    return page.url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with plain(browser) as page:
        yield page


def test_a_product_is_edited_and_the_second_editor_shown_the_difference(
    browser: Browser, page: Page, site: str
) -> None:
    address = add_product(page, site, unused("Plain lamp"))
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_label("Price")).to_have_value("12.50")
    with plain(browser) as other:
        other.goto(f"{address}edit")
        other.get_by_label("Price").fill("1")
        other.get_by_role("button", name="Save").click()
        expect(other.locator(".toast-note")).to_contain_text("is saved")
    page.get_by_label("Price").fill("-2")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#id_price_error")).to_contain_text("Give a number from 0 to")
    page.get_by_label("Price").fill("2")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".conflict tbody tr :is(th, td)")).to_have_text(["Price", "1.00", "2"])
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".record-figure").first).to_have_text("$2.00")


def test_a_user_is_edited_found_and_deleted(browser: Browser, page: Page, site: str) -> None:
    name = unused("plain")
    address = add_user(page, site, name)
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Role").select_option("vendor")
    page.get_by_label("Metadata").fill('{"tier": ')
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#id_metadata_error")).to_contain_text("Write a JSON object")
    page.get_by_label("Metadata").fill('{"tier": "gold"}')
    page.get_by_label("Preferences").fill('{"theme": "dark"}')
    page.get_by_label("Active").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".pairs").first).to_contain_text("gold")
    page.goto(f"{site}/users/")
    page.get_by_label("Name or e-mail").fill(name)
    page.get_by_label("State").select_option("Inactive")
    page.get_by_label("Role").select_option("vendor")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".row-link")).to_have_text([name])
    page.locator(".row-link").click()
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_role("button", name="Delete 1")).to_be_visible()
    with plain(browser) as other:
        other.goto(f"{address}edit")
        other.get_by_label("Full name").fill("Changed meanwhile")
        other.get_by_role("button", name="Save").click()
        expect(other.locator("h1")).to_have_text("Changed meanwhile")
    page.get_by_role("button", name="Delete 1").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is deleted yet")
    expect(page.get_by_role("link", name="See what changed")).to_be_visible()
    page.get_by_role("button", name="Delete 1").click()
    expect(page.locator(".toast-note")).to_contain_text("1 user deleted.")


def test_what_was_typed_of_one_that_is_gone_is_saved_as_a_new_one(browser: Browser, page: Page, site: str) -> None:
    name = unused("gone")
    address = add_user(page, site, name)
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Full name").fill("Typed for long")
    with plain(browser) as other:
        other.goto(address)
        other.get_by_role("link", name="Delete").click()
        other.get_by_role("button", name="Delete 1").click()
        expect(other.locator(".toast-note")).to_contain_text("1 user deleted.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else has deleted this meanwhile.")
    page.get_by_role("button", name="Save as a new one").click()
    expect(page.locator("h1")).to_have_text("Typed for long")
    assert page.url != address


def test_many_are_chosen_and_deleted(page: Page, site: str) -> None:
    word = unused("Doomed")
    for number in range(3):
        add_product(page, site, f"{word} {number}")
    page.goto(f"{site}/products/?q={word}")
    page.locator("tbody input[type=checkbox]").nth(0).check()
    page.locator("tbody input[type=checkbox]").nth(2).check()
    page.get_by_role("button", name="Delete selected").click()
    expect(page.locator(".confirm-list li")).to_have_count(2)
    page.get_by_role("link", name="Back").click()
    expect(page.locator("h1")).to_have_text("Products")
    page.goto(f"{site}/products/?q={word}")
    expect(page.locator(".row-link")).to_have_count(3)
    for box in page.locator("tbody input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="Delete selected").click()
    page.get_by_role("button", name="Delete 3").click()
    expect(page.locator(".toast-note")).to_contain_text("3 products deleted.")


def test_orders_are_filtered_moved_and_cancelled(page: Page, site: str) -> None:
    name, lamp = unused("buyer"), unused("Ordered")
    user = add_user(page, site, name).rstrip("/").rpartition("/")[2]
    product = add_product(page, site, lamp).rstrip("/").rpartition("/")[2]
    for _ in range(2):
        page.goto(f"{site}/orders/place?customer={user}&product={product}")
        page.get_by_label("Street").fill("1 Main St")
        page.get_by_label("City").fill("Denver")
        page.get_by_label("Country").fill("US")
        page.get_by_label("PayPal").check()
        page.get_by_role("button", name="Place the order").click()
        expect(page.locator("h1")).to_contain_text("pending")
    page.get_by_role("button", name="Mark as paid").click()
    page.get_by_role("button", name="Mark as shipped").click()
    page.get_by_role("button", name="Mark as completed").click()
    expect(page.locator("h1")).to_contain_text("completed")
    page.goto(f"{site}/orders/")
    page.get_by_label("Order number or customer").fill(name)
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".order-link")).to_have_count(2)
    page.locator("#tab_pending").click()
    expect(page.locator(".order-link")).to_have_count(1)
    page.locator(".order-link").click()
    page.get_by_role("link", name="Cancel the order").click()
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.locator("h1")).to_contain_text("cancelled")


def test_an_order_moved_meanwhile_is_asked_about_again(browser: Browser, page: Page, site: str) -> None:
    user = add_user(page, site, unused("buyer")).rstrip("/").rpartition("/")[2]
    product = add_product(page, site, unused("Ordered")).rstrip("/").rpartition("/")[2]
    page.goto(f"{site}/orders/place?customer={user}&product={product}")
    for label, words in (("Street", "1 Main St"), ("City", "Denver"), ("Country", "US")):
        page.get_by_label(label).fill(words)
    page.get_by_role("button", name="Place the order").click()
    expect(page.locator("h1")).to_contain_text("pending")
    order = page.url
    page.get_by_role("link", name="Cancel the order").click()
    expect(page.get_by_role("button", name="Cancel the order")).to_be_visible()
    with plain(browser) as other:
        other.goto(order)
        other.get_by_role("button", name="Mark as paid").click()
        expect(other.locator("h1")).to_contain_text("paid")
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.get_by_role("alert")).to_contain_text("it was pending when you looked at it, and it is paid now")
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.locator("h1")).to_contain_text("cancelled")


def test_the_trail_is_filtered_by_everything(page: Page, site: str) -> None:
    address = add_product(page, site, unused("Traced"))
    page.goto(f"{site}/audit/")
    page.get_by_label("Table").select_option("products")
    page.get_by_label("Record").fill(address.rstrip("/").rpartition("/")[2])
    page.get_by_label("Actor").fill("learner")
    page.get_by_label("From").fill("2020-01-01T00:00")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#trail_entries > li")).to_have_count(1)
    page.get_by_label("Record").fill("no number")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Record")).to_have_value("no number")


def test_signing_out_and_in_and_the_wrong_password(page: Page, site: str) -> None:
    page.goto(site)
    page.locator(".person").click()  # the menu is the browser's own
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("h1")).to_have_text("Sign in")
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("guessed")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator(".form-errors")).to_contain_text("No account has this name")
    expect(page.get_by_label("Username")).to_have_value("nobody")
    page.get_by_role("button", name="Sign in as learner").click()
    expect(page.locator(".person")).to_contain_text("learner")


def test_an_account_is_made_in_the_admin_and_changes_its_password(browser: Browser, page: Page, site: str) -> None:
    name, word = unused("viewer"), "a lake to swim in"
    page.goto(f"{site}/admin/auth/user/add/")
    page.get_by_label("Username:").fill(name)
    page.locator("#id_password1").fill(word)
    page.locator("#id_password2").fill(word)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("h1")).to_contain_text("Change user")
    with plain(browser) as own:
        own.goto(site)
        own.locator(".person").click()
        own.get_by_role("button", name="Sign out").click()
        own.get_by_label("Username").fill(name)
        own.get_by_label("Password").fill(word)
        own.get_by_role("button", name="Sign in", exact=True).click()
        expect(own.locator(".person")).to_contain_text(name)
        own.goto(f"{site}/account/password")
        own.get_by_label("Old password").fill(word)
        own.locator("#id_new_password1").fill("short")
        own.locator("#id_new_password2").fill("short")
        own.get_by_role("button", name="Change the password").click()
        expect(own.locator("main")).to_contain_text("too short")


def test_a_file_is_imported(page: Page, site: str) -> None:
    sku = unused("S")
    file = f"sku,name,price\n{sku},Plain import,1.50\n{sku}-2,Wrong,$\n"
    page.goto(f"{site}/import/")
    page.locator("#id_file").set_input_files({"name": "p.csv", "mimeType": "text/csv", "buffer": file.encode()})
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("button", name="Import the 1 good line").click()
    page.wait_for_url(re.compile(r"/import/\d+/$"))
    expect(page.locator(".totals-new")).to_have_text("1")
    page.goto(f"{site}/import/")
    page.get_by_label("Kind").select_option("users")
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile("kind=users"))
    expect(page.locator("#_import_list")).to_be_visible()


def test_the_shop_is_reset(page: Page, site: str) -> None:
    add_product(page, site, unused("Spoilt"))
    page.goto(f"{site}/reset")
    expect(page.locator("main")).to_contain_text("The audit trail stays")
    page.get_by_role("button", name="Reset the shop").click()
    expect(page.locator(".toast-note")).to_contain_text("the sample is planted anew")
    page.goto(f"{site}/products/")
    expect(page.locator(".row-link").first).to_be_visible()
    expect(page.locator(".list-count")).to_contain_text("10 products")
