"""Brings a shop up, fills it, takes the pictures, and leaves nothing of it behind."""

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests import browser as chromium
from tests.emulator import CHECKOUT
from tests.served_site import without_database

from . import scenes, staff, trouble
from .camera import Camera
from .shop import Shop

PICTURES = CHECKOUT / "docs" / "images"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("--folder", type=Path, default=PICTURES, help="where the pictures go (docs/images)")
    parser.add_argument("--every-look", action="store_true", help="every page light, dark, narrow and printed")
    given = parser.parse_args()
    path = chromium.find() or chromium.install()
    if path is None:
        sys.exit(chromium.how_to())
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.arguments())
        camera = Camera(browser, given.folder, everything=given.every_look)
        take(camera, Path(directory))
        browser.close()
    size = sum(picture.stat().st_size for picture in camera.taken)
    print(f"{len(camera.taken)} pictures of {size / 1e6:.1f} MB in {given.folder}")


def take(camera: Camera, directory: Path) -> None:
    shop = Shop(directory)
    try:
        shop.fill()
        staff.work(camera.browser, shop.address)
        scenes.take_all(camera, shop.address)
        shop.grow()
        scenes.search_among_thousands(camera, shop.address)
        trouble.take_all(camera, shop)
    finally:
        shop.stop()
    with without_database(directory) as site:
        trouble.away(camera, site)


if __name__ == "__main__":
    main()
