"""How a person writes and places an order of two lamps, by keys and mouse."""

from playwright.sync_api import Page, expect

PLACE = "Place the order"


def pick(page: Page, label: str, words: str, found: str, *, place: int = 0) -> None:
    """Type, wait for what is found, take it with the keys."""
    field = page.get_by_label(label, exact=True).nth(place)
    field.click()
    field.press_sequentially(words)
    expect(page.locator(f'[data-words="{words}"]')).to_be_visible()
    expect(page.get_by_role("option").first).to_contain_text(found)
    field.press("ArrowDown")
    field.press("Enter")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(field).to_be_focused()


def write_address(page: Page) -> None:
    page.get_by_label("Street").fill("1 Main St")
    page.get_by_label("City").fill("Denver")
    page.get_by_label("Country").fill("US")


def number_of(order: str) -> int:
    return int(order.rstrip("/").rpartition("/")[2])


def place_two_lamps(page: Page, site: str) -> str:
    write_two_lamps(page, site)
    page.get_by_role("button", name=PLACE).click()
    expect(page.locator("h1")).to_contain_text("pending")
    return page.url


def write_two_lamps(page: Page, site: str) -> None:
    page.goto(f"{site}/orders/place")
    pick(page, "Who orders", "olga", "Olga Order")
    pick(page, "Product", "ordering lamp", "Ordering lamp")
    page.get_by_label("Quantity").fill("2")
    write_address(page)
