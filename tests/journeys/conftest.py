"""A browser and the whole site, as `manage.py up` serves it.

For this package only: while Playwright runs, its event loop does too, in which Django refuses to use a database.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import browser as chromium
from tests.running_site import SERVED, Up, destroy
from tests.served_site import without_database


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running site with its own Lakebase Local."""
    up = Up(tmp_path_factory.mktemp("journeys") / "lakebase")
    try:
        up.wait_until_said(SERVED)
        yield up.address
    finally:
        up.stop()
        destroy(up.directory)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    if path is None:
        pytest.fail(chromium.how_to())
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=chromium.arguments())
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def site_without_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site whose PostgreSQL is at a port where nothing listens."""
    with without_database(tmp_path_factory.mktemp("away")) as address:
        yield address
