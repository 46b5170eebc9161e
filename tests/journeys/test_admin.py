"""The admin in a browser: the site's colours, and nothing that does not fit, light and dark, wide and narrow."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.journeys.test_catalog import add_product
from tests.journeys.visiting import NARROW, assert_clean, in_all_looks, opened

PATHS = ("/admin/", "/admin/catalog/product/", "/admin/catalog/product/import/", "/admin/orders/order/")


@pytest.fixture(scope="module", autouse=True)
def product(browser: Browser, site: str) -> None:
    with opened(browser) as (page, _):
        add_product(page, site, "A lamp in the admin")


@in_all_looks
@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_clean(browser: Browser, site: str, path: str, scheme: Any, size: Any) -> None:
    with opened(browser, color_scheme=scheme, viewport=size) as (page, complaints):
        page.goto(site + path)
        assert_clean(page, complaints, scheme)


def test_the_note_beside_the_pager_has_a_line_of_its_own_on_a_phone(browser: Browser, site: str) -> None:
    """As beyond 1000 products, which no other journey should have to live with."""
    with opened(browser, viewport=NARROW) as (page, complaints):
        page.goto(f"{site}/admin/catalog/product/")
        page.evaluate(
            """(links) => document.querySelector(".paginator").insertAdjacentHTML("beforeend",
                `${links}<span class="quiet">The first 1000 are listed: filter or search for others.</span>`)""",
            " ".join(f'<a href="?p={number}">{number}</a>' for number in (2, 3, 4, 9, 10)),
        )
        note, pager = page.locator(".paginator .quiet").bounding_box(), page.locator(".paginator").bounding_box()
        assert note and pager
        assert note["width"] > pager["width"] / 2 and note["x"] + note["width"] <= pager["x"] + pager["width"]
        assert_clean(page, complaints, "light")
