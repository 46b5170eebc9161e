"""A project, and what an environment says of it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from lakebase import provisioning
from tests.conftest import DATABASE
from tests.emulator import Emulator
from tests.lakebase.command.commanding import PROJECT


@pytest.fixture(scope="module")
def project(local_lakebase: Emulator) -> Iterator[str]:
    provisioning.create_project(PROJECT)
    yield PROJECT
    provisioning.delete_project(PROJECT, purge=True)


@pytest.fixture
def configure(
    local_lakebase: Emulator, monkeypatch: pytest.MonkeyPatch, django_db_blocker: DjangoDbBlocker
) -> Iterator[Callable[..., None]]:
    """Make the alias "default" what settings.py would read from an environment: its OPTIONS["lakebase"]."""
    default = connections["default"]

    def configured(**lakebase: Any) -> None:
        default.close()  # before its settings change: it may hold a connection of theirs
        settings = default.settings_dict | {"NAME": DATABASE, "HOST": "", "USER": "", "PORT": local_lakebase.pg_port}
        settings["OPTIONS"] = {"options": "-c search_path=ecommerce,public", "lakebase": lakebase}
        monkeypatch.setattr(default, "settings_dict", settings)

    with django_db_blocker.unblock():
        configured()
        yield configured
        default.close()


@pytest.fixture
def site(project: str, configure: Callable[..., None]) -> str:
    """The project that the environment names."""
    configure(project=project, branch="production")
    return project
