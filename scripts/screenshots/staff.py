"""People at work in the shop, each signed in by name, so that the trail and the activity have something to tell."""

from playwright.sync_api import Browser, FilePayload, Page, expect

PASSWORD = "a lake of their own"  # of accounts that live as long as the pictures take
ROLES = {"ada": "editor", "grace": "editor", "linus": "viewer"}

SPRING = """SKU,Name,Price,Stock Quantity,Category,Tags,Shelf
LAMP-FLOOR,Floor Lamp,89.00,24,Accessories,"lamp,led",A1
LAMP-DESK,Desk Lamp,34.99,40,Accessories,"lamp,led,desk",A1
STAND-LAPTOP,Laptop Stand,44.50,60,Accessories,"stand,aluminium",A2
CHAIR-OFFICE,Office Chair,€249.00,12,Furniture,"chair,ergonomic",B4
BOOK-SQL,SQL in Plain Words,39.95,80,Books,"sql,database",C1
MOUSE-WL,Wireless Mouse,27.99,a lot,Accessories,"mouse,wireless",A2
HUB-USBC-7,USB-C Hub,49.99,80,Accessories,"usb-c,hub,adapter",A2
BOOK-POSTGRES,Postgres by Example,49.95,55,Books,"postgres,database",C1
"""


def sign_in(browser: Browser, site: str, name: str) -> Page:
    """A page of somebody who is not the learner that a browser on this machine is taken for."""
    page = browser.new_page()
    page.goto(site)
    page.locator(".person").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator(".person")).to_contain_text(name)
    return page


def work(browser: Browser, site: str) -> None:
    ada, grace = sign_in(browser, site, "ada"), sign_in(browser, site, "grace")
    change_product(ada, site, "LAMP-DESK", {"Price": "36.99", "In stock": "48"})
    add_user(grace, site)
    words = "Warm at dusk, cool at noon; folds."
    change_product(grace, site, "LAMP-DESK", {"Category": "Lighting", "Description": words})
    fill_order(grace, site)
    grace.get_by_role("button", name="Place the order").click()
    expect(grace.locator("h1")).to_contain_text("pending")
    change_product(ada, site, "SPEAKER-BT", {"In stock": "40"})
    for page in (ada, grace):
        page.context.close()


def change_product(page: Page, site: str, sku: str, values: dict[str, str]) -> None:
    page.goto(f"{site}/products/?q={sku}")
    page.locator("tbody a").first.click()
    page.get_by_role("link", name="Edit").click()
    for label, value in values.items():
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".record-figure").first).to_be_visible()


def add_user(page: Page, site: str) -> None:
    page.goto(f"{site}/users/add")
    page.get_by_label("Full name").fill("Hana Novák")
    page.get_by_label("E-mail").fill("hana.novak@example.com")
    page.get_by_label("Username").fill("hananovak")
    page.get_by_role("button", name="Add the user").click()
    expect(page.locator("h1")).to_have_text("Hana Novák")


def fill_order(page: Page, site: str) -> None:
    """Everything that an order of two lines needs, as far as the button."""
    page.goto(f"{site}/orders/place")
    pick(page, "Who orders", "hana novák")
    pick(page, "Product", "lamp-desk")
    page.get_by_label("Quantity").fill("2")
    page.get_by_role("button", name="Add a line").click()
    expect(page.get_by_label("Quantity")).to_have_count(2)
    pick(page, "Product", "keyboard-mech", line=1)
    page.get_by_label("Quantity").nth(1).fill("1")
    for label, value in {"Street": "Dlouhá 12", "City": "Prague", "Country": "CZ"}.items():
        page.get_by_label(label).fill(value)
    expect(page.locator("#_reckoning")).to_contain_text("3")


def pick(page: Page, label: str, words: str, *, line: int = 0) -> None:
    """Type, wait for what is found, take the first with the keys."""
    field = page.get_by_label(label, exact=True).nth(line)
    field.click()
    field.press_sequentially(words)
    expect(page.locator(f'[data-words="{words}"]')).to_be_visible()
    field.press("ArrowDown")
    field.press("Enter")
    expect(page.get_by_role("option")).to_have_count(0)


def spring_list() -> FilePayload:
    """A price list from the real world: two lines are wrong, one column is nobody's."""
    return {"name": "spring-list.csv", "mimeType": "text/csv", "buffer": SPRING.encode()}
