"""A branch's database outside settings.DATABASES, for tests that migrate and grant as its owner."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.db import connections


@contextmanager
def registered(connection: Any) -> Iterator[Any]:
    """Make Django know the connection by its alias, as transactions and `migrate` ask for it."""
    alias = connection.alias
    connections.settings[alias] = connection.settings_dict
    connections[alias] = connection
    try:
        yield connection
    finally:
        connection.close()
        del connections[alias]
        del connections.settings[alias]


def migrate(connection: Any) -> None:
    call_command("migrate", database=connection.alias, verbosity=0, interactive=False)
