"""Fields that are more than a line where script runs: tags as chips."""

from playwright.sync_api import Browser, expect

from tests.journeys.visiting import opened


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
