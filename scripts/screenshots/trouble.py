"""The pages on which something is wrong, each brought about as it happens."""

from playwright.sync_api import Page, expect

from . import staff
from .camera import Camera
from .shop import Shop


def take_all(camera: Camera, shop: Shop) -> None:
    """The last scenes: the database is broken at their end."""
    site = shop.address
    page = camera.page()
    page.goto(site)
    conflict(camera, site)
    refusals(camera, page, site)
    signed_out(camera, page, site)
    server_error(camera, page, shop)
    page.context.close()


def conflict(camera: Camera, site: str) -> None:
    """Two people at one field."""
    ada, grace = (staff.sign_in(camera.browser, site, name) for name in ("ada", "grace"))
    ada.goto(f"{site}/products/?q=WEBCAM-HD")
    ada.locator("tbody a").first.click()
    ada.get_by_role("link", name="Edit").click()
    staff.change_product(grace, site, "WEBCAM-HD", {"Price": "74.99", "In stock": "28"})
    ada.get_by_label("Price").fill("64.99")
    ada.get_by_role("button", name="Save").click()
    expect(ada.locator(".conflict").first).to_be_visible()
    camera.take(ada, "conflict")
    for page in (ada, grace):
        page.context.close()


def refusals(camera: Camera, page: Page, site: str) -> None:
    page.goto(f"{site}/nowhere")
    camera.take(page, "404")
    linus = staff.sign_in(camera.browser, site, "linus")
    linus.goto(f"{site}/products/add")
    camera.take(linus, "403")
    linus.context.close()


def signed_out(camera: Camera, page: Page, site: str) -> None:
    """Somebody signs out in one tab while another still has something to send."""
    page.goto(f"{site}/users/add")
    page.get_by_label("Full name").fill("Hana Novák")
    page.get_by_label("E-mail").fill("hana@example.com")
    page.get_by_label("Username").fill("hana")
    page.evaluate(SIGN_OUT)
    page.get_by_role("button", name="Add the user").click()
    expect(page.locator("body")).to_contain_text("You have been signed out")
    camera.take(page, "signed-out")
    page.goto(f"{site}/sign-in")
    camera.take(page, "sign-in")
    page.get_by_role("button", name="Sign in as learner").click()


def server_error(camera: Camera, page: Page, shop: Shop) -> None:
    """A table is not as the site knows it."""
    shop.manage("shell", "--verbosity", "0", "--command", BREAK)
    page.goto(f"{shop.address}/import/")
    expect(page).to_have_title("LakeShop: something went wrong")
    camera.take(page, "500")


SIGN_OUT = """async () => {
    const body = new URLSearchParams({csrfmiddlewaretoken: document.querySelector("[name=csrfmiddlewaretoken]").value});
    await fetch("/sign-out", {method: "POST", body});
}"""
BREAK = """
from django.db import connection
connection.cursor().execute("ALTER TABLE csv_imports RENAME COLUMN file_name TO was_file_name")
"""


def away(camera: Camera, site: str) -> None:
    """A site whose database does not answer."""
    page = camera.page()
    page.goto(f"{site}/sign-in")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill("lake")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("h1")).to_have_text("The database cannot be reached")
    camera.take(page, "503")
    page.context.close()
