"""The admin in a browser: the site's colours, and nothing that does not fit, light and dark, wide and narrow."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.journeys.test_catalog import add_product
from tests.journeys.visiting import assert_clean, in_all_looks, opened

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
