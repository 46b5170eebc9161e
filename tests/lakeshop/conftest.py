"""A database that cannot be reached."""

import socket
from collections.abc import Iterator

import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker


@pytest.fixture
def database_away(monkeypatch: pytest.MonkeyPatch, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The default alias is a plain PostgreSQL at a port where nothing listens."""
    connection = connections["default"]
    with socket.socket() as unheard, django_db_blocker.unblock():
        unheard.bind(("127.0.0.1", 0))
        away = {"HOST": "127.0.0.1", "PORT": unheard.getsockname()[1], "USER": "app", "PASSWORD": "not-to-be-shown"}
        connection.close()
        for name, value in (away | {"OPTIONS": {}}).items():
            monkeypatch.setitem(connection.settings_dict, name, value)
        yield
        connection.close()
