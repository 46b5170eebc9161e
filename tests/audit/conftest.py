"""The owner's hand, and tables to watch."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.db import connection

from tests.conftest import act_as

AsOwner = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def as_owner(own_database: str, app_principal: dict[str, str]) -> AsOwner:
    """In a database of its own: log in as its owner within the block, as the site's role outside."""

    @contextmanager
    def owner() -> Iterator[None]:
        act_as(connection, None)
        try:
            yield
        finally:
            act_as(connection, app_principal)

    return owner
