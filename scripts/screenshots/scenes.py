"""Every page of the site, one after another, each in the state in which it has most to show."""

import re

from playwright.sync_api import Page, expect

from . import staff
from .camera import MAIN, Camera

TICK = "document.body.dispatchEvent(new CustomEvent('live:tick'))"


def take_all(camera: Camera, site: str) -> None:
    """The learner's round through a shop in which others have been at work."""
    page = camera.page()
    page.goto(site)
    expect(page.locator("h1")).to_have_text("Dashboard")
    for scene in (dashboard, orders, products, users, search, bulk_import, query, trail, admin, account):
        scene(camera, page, site)
    page.context.close()


def dashboard(camera: Camera, page: Page, site: str) -> None:
    """With a change that came in while somebody looked."""
    ada = staff.sign_in(camera.browser, site, "ada")
    page.goto(site)
    staff.change_product(ada, site, "WEBCAM-HD", {"Price": "69.99", "In stock": "31"})
    ada.context.close()
    page.evaluate(TICK)
    expect(page.locator("#_activity .is-new").first).to_contain_text("Webcam")
    camera.take(page, "dashboard", *MAIN, whole=True)


def orders(camera: Camera, page: Page, site: str) -> None:
    staff.fill_order(page, site)
    camera.take(page, "order-create", *MAIN)
    page.get_by_role("button", name="Place the order").click()
    expect(page.locator("h1")).to_contain_text("pending")
    page.goto(page.url)  # without the message that it was placed
    camera.take(page, "order", *MAIN, whole=True)
    page.goto(f"{page.url}cancel")
    camera.take(page, "order-cancel")
    page.goto(f"{site}/orders/")
    camera.take(page, "orders", *MAIN)


def products(camera: Camera, page: Page, site: str) -> None:
    page.goto(f"{site}/products/")
    camera.take(page, "products", *MAIN)
    page.goto(f"{site}/products/?q=LAMP-DESK")
    page.locator("tbody a").first.click()
    expect(page.locator("h1")).to_have_text("Desk Lamp")
    camera.take(page, "product", *MAIN)
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Price").fill("-1")
    page.get_by_label("Name").focus()
    expect(page.locator("#id_price_error")).not_to_be_empty()
    camera.take(page, "product-edit")
    page.goto(f"{site}/products/add")
    camera.take(page, "product-add")


def users(camera: Camera, page: Page, site: str) -> None:
    page.goto(f"{site}/users/")
    camera.take(page, "users")
    page.goto(f"{site}/users/?q=john.doe")
    page.locator("tbody a").first.click()
    expect(page.locator("h1")).to_have_text("John Doe")
    camera.take(page, "user")
    page.get_by_role("link", name="Edit").click()
    camera.take(page, "user-edit")
    page.goto(f"{site}/users/add")
    camera.take(page, "user-add")
    deleting(page, site, "users", "john.doe", "alice.johnson")
    camera.take(page, "user-delete")


def deleting(page: Page, site: str, kind: str, *known: str) -> None:
    """On the page that asks, before some of them are deleted and the others are said to be needed."""
    numbers = []
    for words in known:
        page.goto(f"{site}/{kind}/?q={words}")
        page.locator("tbody a").first.click()
        expect(page.get_by_role("link", name="Delete")).to_be_visible()
        numbers.append(page.url.rstrip("/").rpartition("/")[2])
    page.goto(f"{site}/{kind}/delete?" + "&".join(f"pk={number}" for number in numbers))


def search(camera: Camera, page: Page, site: str) -> None:
    page.goto(f"{site}/search/?q=keybord+to+write+on")
    expect(page.locator("#_vectors")).to_contain_text("have a vector")
    camera.take(page, "search", *MAIN)


def search_among_thousands(camera: Camera, site: str) -> None:
    """Where there are so many products that the index over their vectors is asked."""
    page = camera.page()
    page.goto(site)
    page.goto(f"{site}/search/proof?q=something+to+write+on&mode=semantic")
    expect(page.locator(".search-recall")).to_contain_text("The index over the vectors gives")
    expect(page.locator(".search-proof")).to_contain_text("Index Scan by product_vectors_")
    camera.take(page, "search-proof")
    page.goto(f"{site}/search/vectors")
    camera.take(page, "search-vectors")
    page.context.close()


def bulk_import(camera: Camera, page: Page, site: str) -> None:
    page.goto(f"{site}/import/")
    page.locator("#id_file").set_input_files(staff.spring_list())
    page.get_by_role("button", name="Look at the file").click()
    expect(page.locator("h1")).to_have_text("spring-list.csv")
    camera.take(page, "import-preview", *MAIN)
    page.get_by_role("button", name="good lines").click()
    page.wait_for_url(re.compile(r"/import/\d+/$"))
    page.goto(page.url)
    camera.take(page, "import-result")
    deleting(page, site, "products", "LAMP-FLOOR", "HUB-USBC-7")
    camera.take(page, "product-delete")
    page.goto(f"{site}/import/")
    camera.take(page, "import", *MAIN)


def query(camera: Camera, page: Page, site: str) -> None:
    """The editor comes when somebody stirs."""

    def run(sql: str, button: str = "Run") -> None:
        page.evaluate("sql => ace.edit('query_editor').setValue(sql, 1)", sql)
        page.get_by_role("button", name=button, exact=True).click()

    page.goto(f"{site}/query/")
    page.locator("#query_sql").focus()
    expect(page.locator("#query_editor .ace_content")).to_be_visible()
    run(
        "SELECT p.category, p.name, sum(i.quantity) AS units, sum(i.subtotal) AS revenue\n"
        "FROM order_items AS i JOIN products AS p USING (product_id)\nGROUP BY 1, 2 ORDER BY revenue DESC LIMIT 12;"
    )
    expect(page.locator("#_answer tbody tr").first).to_be_visible()
    page.locator(".table-about summary").nth(1).click()
    page.locator(".table-about summary").nth(6).click()
    camera.take(page, "query", *MAIN, whole=True)
    run("SELECT name, prise\nFROM products\nORDER BY name;")
    expect(page.locator(".trouble-quote")).to_be_visible()
    camera.take(page, "query-mistake")
    run(
        "SELECT u.username, count(*), sum(o.total_amount)\nFROM orders AS o JOIN users AS u USING (user_id)\n"
        "WHERE o.status = 'completed'\nGROUP BY u.username ORDER BY 3 DESC LIMIT 10;",
        "Run and measure the plan",
    )
    expect(page.locator(".plan-title").first).to_be_visible()
    camera.take(page, "query-plan", whole=True)
    page.goto(f"{site}/query/past")
    camera.take(page, "query-past")


def trail(camera: Camera, page: Page, site: str) -> None:
    page.goto(f"{site}/audit/")
    camera.take(page, "audit-trail", *MAIN)
    page.goto(f"{site}/audit/?table=products&operation=UPDATE")
    page.locator("#trail_entries summary").first.click()
    expect(page.locator(".diff-before").first).to_be_visible()
    camera.take(page, "audit-changes")
    page.goto(f"{site}/audit/?table=orders&operation=INSERT")
    page.goto(f"{site}{page.locator('.entry-transaction').first.get_attribute('href')}")
    camera.take(page, "audit-transaction")
    page.goto(f"{site}/products/?q=LAMP-DESK")
    page.locator("tbody a").first.click()
    number = page.url.rstrip("/").rpartition("/")[2]
    page.goto(f"{site}/audit/?table=products&record={number}&operation=UPDATE&actor=grace")
    entry = page.locator("#trail_entries > li").last.get_attribute("id") or ""
    page.goto(f"{site}/audit/{entry.removeprefix('entry_')}/")
    camera.take(page, "audit-entry", "", "-dark")
    page.goto(f"{site}/audit/?actor=nobody")
    camera.take(page, "audit-nothing-found")
    page.goto(f"{site}/audit/activity")
    camera.take(page, "activity")


def admin(camera: Camera, page: Page, site: str) -> None:
    page.goto(f"{site}/admin/")
    camera.take(page, "admin")
    page.goto(f"{site}/admin/catalog/product/")
    camera.take(page, "admin-products")
    page.locator(".import_link").click()
    page.locator("input[type=file]").set_input_files(staff.spring_list())
    camera.take(page, "admin-import")


def account(camera: Camera, page: Page, site: str) -> None:
    """What is about the site and whoever looks at it."""
    for path, name in (("connection", "connection"), ("reset", "reset"), ("account/password", "password")):
        page.goto(f"{site}/{path}")
        camera.take(page, name)
