"""A browser and the whole site, as `manage.py up` serves it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import browser as chromium
from tests.running_site import SERVED, Up, destroy


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running site with its own Lakebase Local."""
    up = Up(tmp_path_factory.mktemp("journeys") / "lakebase")
    try:
        up.wait_until_said(SERVED)
        yield up.address
    finally:
        up.stop()
        destroy(up.directory)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    if path is None:
        pytest.fail(chromium.how_to())
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=chromium.arguments())
        yield launched
        launched.close()
