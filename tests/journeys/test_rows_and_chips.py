"""Fields that are more than a line where script runs: JSON as rows, tags as chips."""

import re

from playwright.sync_api import Browser, expect

from pages.visible import isolated
from tests.journeys.visiting import assert_clean, opened


def test_rows_without_a_key_or_with_one_twice_are_told_and_not_sent(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(f"{site}/users/add")
        page.get_by_label("E-mail").fill("twice@example.com")
        page.get_by_label("Username").fill("twice")
        page.get_by_label("Role").select_option("vendor")
        group = page.get_by_role("group", name="Metadata")
        keys, values = page.get_by_label("Metadata optional: key"), page.get_by_label("Metadata optional: value")
        faults, send = group.locator(".rows-fault:not(:empty)"), page.get_by_role("button", name="Add the user")
        for place, (key, value) in enumerate([("tier", "first"), ("tier", "second"), ("", "lost"), ("", "")]):
            group.get_by_role("button", name="Add a row").click()
            keys.nth(place).fill(key)
            values.nth(place).fill(value)
        twice, no_key = "This key is there twice", "A value without a key is not saved"
        expect(faults).to_contain_text([twice, twice, no_key])
        expect(page.locator("#id_metadata_error")).to_be_hidden()  # an answer under way may say the same
        expect(keys.nth(2)).to_have_accessible_description(re.compile(no_key))
        assert_clean(page, complaints, "light")
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url) if request.is_navigation_request() else None)
        send.click()
        expect(keys.nth(0)).to_be_focused()
        page.get_by_role("button", name="Show as JSON").first.click()
        expect(keys.nth(0)).to_be_focused()
        keys.nth(1).fill("tier2")
        expect(faults).to_contain_text([no_key])
        send.click()
        expect(keys.nth(2)).to_be_focused()
        assert sent == []
        keys.nth(2).fill("found")
        expect(faults).to_have_count(0)
        send.click()
        expect(page.locator("h1")).to_have_text("twice")
        expect(page.locator(".pairs").first).to_contain_text(re.compile("first.*lost.*second", re.S))
        assert complaints == []


def test_a_key_twice_in_the_json_is_told_by_the_server_and_shown_as_two_rows(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(f"{site}/users/add")
        page.get_by_role("button", name="Show as JSON").first.click()
        page.locator("#id_metadata").fill('{"a": 1, "a": 2, "b": {"c": 1, "c": 2}}')
        page.locator("#id_metadata").blur()
        expect(page.locator("#id_metadata_error")).to_contain_text(f"The key “{isolated('c')}” is there twice")
        page.get_by_role("button", name="Show as rows").click()
        expect(page.locator(".rows-fault:not(:empty)")).to_have_count(2)
        page.get_by_label("Metadata optional: key").nth(1).fill("A")
        page.get_by_label("Metadata optional: value of b").fill("3")
        page.get_by_role("button", name="Show as JSON").first.click()
        expect(page.locator("#id_metadata")).to_have_value('{\n  "a": 1,\n  "A": 2,\n  "b": 3\n}')
        expect(page.locator("#id_metadata_error")).to_be_empty()
        assert complaints == []


def test_an_empty_key_that_is_meant_stands_in_the_json(browser: Browser, site: str) -> None:
    with opened(browser) as (page, _):
        page.goto(f"{site}/users/add")
        page.get_by_role("button", name="Show as JSON").first.click()
        page.locator("#id_metadata").fill('{"": 1}')
        page.get_by_role("button", name="Show as rows").first.click()
        expect(page.locator("#id_metadata")).to_be_focused()


def test_a_tag_in_quotes_holds_commas(browser: Browser, site: str) -> None:
    with opened(browser) as (page, complaints):
        page.goto(f"{site}/products/add")
        tags = page.get_by_label("Tags")
        tags.press_sequentially('"x, y",z,"say ""a, b""",')
        expect(page.locator(".chip")).to_have_text(["x, y×", "z×", 'say "a, b"×'])
        tags.press_sequentially('"never, closed')
        tags.press("Enter")
        expect(page.locator(".chip")).to_have_count(4)
        expect(page.locator("[name=tags]")).to_have_value('"x, y", z, "say ""a, b""", "never, closed"')
        assert complaints == []
