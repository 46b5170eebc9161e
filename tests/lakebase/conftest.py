"""Database wrappers of their own, so that no test changes the settings of another."""

import copy
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from lakebase import control_plane, tokens
from lakebase.backend.base import DatabaseWrapper
from lakebase.local.own_branch import OwnBranch
from lakebase.local.pytest_plugin import Seed
from tests.conftest import DATABASE, PROJECT, close_pool
from tests.emulator import Emulator
from tests.lakebase.owned import migrate, registered

NUMBERS = itertools.count(1)
Connect = Callable[..., DatabaseWrapper]
SEARCH_PATH = {"options": "-c search_path=ecommerce,public"}


@pytest.fixture(autouse=True)
def cold_cache() -> Iterator[None]:
    """Every test starts as a new process does: nothing asked, no token."""
    tokens.forget_logins()
    yield
    tokens.forget_logins()
    control_plane.forget_clients()


@pytest.fixture
def connect(local_lakebase: Emulator, django_db_blocker: DjangoDbBlocker) -> Iterator[Connect]:
    """Make a wrapper: `pool` and `lakebase` as in OPTIONS (None: plain PostgreSQL), other settings by their name."""
    made: list[DatabaseWrapper] = []

    def wrapper(
        pool: dict[str, Any] | bool = False,
        lakebase: dict[str, Any] | None = {"project": PROJECT},  # noqa: B006  only read
        **settings: Any,
    ) -> DatabaseWrapper:
        defaults = copy.deepcopy(connections["default"].settings_dict)
        defaults |= {"NAME": DATABASE, "HOST": "", "USER": "", "PASSWORD": "", "PORT": local_lakebase.pg_port}
        defaults |= {"OPTIONS": {}, "CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": 0} | settings
        if pool:
            defaults["OPTIONS"]["pool"] = pool
        if lakebase is not None:
            defaults["OPTIONS"]["lakebase"] = lakebase
        made.append(DatabaseWrapper(defaults, alias=f"engine{next(NUMBERS)}"))
        return made[-1]

    with django_db_blocker.unblock():
        yield wrapper
        for connection in made:
            connection.close()
            close_pool(connection)


@pytest.fixture(scope="session")
def lakebase_seed(local_lakebase: Emulator, django_db_blocker: DjangoDbBlocker) -> Seed:
    """On the base branch, and so on that of each test: the tables of the installed apps, and no rights to them but the
    owner's."""

    def seed(base: OwnBranch) -> None:
        settings = connections["default"].settings_dict | {
            "NAME": DATABASE, "HOST": "", "USER": "", "PASSWORD": "", "PORT": local_lakebase.pg_port,
            "OPTIONS": SEARCH_PATH | {"lakebase": entry(base)},
        }  # fmt: skip
        with django_db_blocker.unblock(), registered(DatabaseWrapper(settings, alias="base")) as connection:
            migrate(connection)

    return seed


def entry(branch: OwnBranch) -> dict[str, str]:
    """How OPTIONS["lakebase"] names a branch."""
    _, project, _, identifier = branch.name.split("/")
    return {"project": project, "branch": identifier}


def ask(connection: DatabaseWrapper, statement: str = "SELECT current_user") -> Any:
    """The first column of the first row."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]
