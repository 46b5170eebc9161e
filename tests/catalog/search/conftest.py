"""Goods to search in."""

import pytest

from catalog.search import indexing
from tests.catalog.search.goods import GOODS
from tests.shop import lamp


@pytest.fixture
def goods(db: None) -> None:
    """In the shop and in the index of the search."""
    for sku, name, description, category, price, tags in GOODS:
        lamp(sku=sku, name=name, description=description, category=category, price=price, tags=tags)
    indexing.work_off()
