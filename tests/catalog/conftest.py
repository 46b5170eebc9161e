"""Uploads of each test in a folder of its own, and goods to search in."""

from pathlib import Path

import pytest
from pytest_django import Settings

from catalog import indexing
from tests.catalog.goods import GOODS
from tests.shop import lamp


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, settings: Settings) -> Path:
    """Where the site keeps uploads; made when the first one comes."""
    settings.UPLOADS_DIR = tmp_path / "uploads"
    return tmp_path / "uploads"


@pytest.fixture
def goods(db: None) -> None:
    """In the shop and in the index of the search."""
    for sku, name, description, category, price, tags in GOODS:
        lamp(sku=sku, name=name, description=description, category=category, price=price, tags=tags)
    indexing.work_off()
