"""One database for all tests of the query builder, which never changes it: the sample, somebody to steal from, a reader
with a login of its own."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from console.apps import ALIAS
from console.result import Result
from console.running import SHOWN, Limits, run
from console.statement import Allowed, checked
from lakebase import permissions
from lakebase.backend.base import DatabaseWrapper
from tests.conftest import PROJECT, act_as, as_owner, close_pool, drop_as_owner, make_role
from tests.emulator import Emulator

Principal = dict[str, str]


@pytest.fixture(scope="session")
def reader_principal(local_lakebase: Emulator) -> Principal:
    """The identity that the query builder logs in as: a service principal with no rights of its own."""
    principal = local_lakebase.service_principal("lakeshop-reader")
    make_role(principal["client_id"])
    return principal


@pytest.fixture(scope="session")
def console_database(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, app_principal: Principal, reader_principal: Principal
) -> Iterator[str]:
    """A copy of the test database with the sample and a person who signs in. Gives its name."""
    default = connections["default"]
    shared, own = default.settings_dict["NAME"], f"console_{uuid.uuid4().hex[:12]}"
    with django_db_blocker.unblock():
        act_as(default, None)
        as_owner(default, f"CREATE DATABASE {own} TEMPLATE {shared}")
        default.settings_dict["NAME"] = own
        try:
            permissions.apply(default, app_principal["client_id"])
            permissions.apply(default, reader_principal["client_id"], only_reading=True)
            act_as(default, app_principal)
            call_command("seed", stdout=StringIO())
            User.objects.create_user("victim", "victim@example.com", "a secret of the victim")
        finally:
            default.settings_dict["NAME"] = shared
            act_as(default, app_principal)
    yield own
    with django_db_blocker.unblock():
        act_as(default, None)
        drop_as_owner(default, own)
        act_as(default, app_principal)


@contextmanager
def reading_as(database: str, principal: Principal, branch: str = "production") -> Iterator[None]:
    """Point the reader's entry at this database, with this login, in all threads."""
    default, entry = connections["default"].settings_dict, connections.databases[ALIAS]
    kept = dict(entry)
    options = kept["OPTIONS"] | {
        "sslmode": "require",
        "pool": {"max_size": 4},
        "lakebase": {"project": PROJECT, "branch": branch} | principal,
    }
    options.pop("sslrootcert", None)
    entry.update({name: default[name] for name in ("HOST", "USER", "PASSWORD", "PORT")})
    entry.update(NAME=database, OPTIONS=options, CONN_MAX_AGE=0)
    close_pool(connections[ALIAS])
    try:
        yield
    finally:
        connections[ALIAS].close()
        close_pool(connections[ALIAS])
        entry.update(kept)


@pytest.fixture(scope="session")
def reader_login(console_database: str, reader_principal: Principal) -> Iterator[str]:
    with reading_as(console_database, reader_principal):
        yield reader_principal["client_id"]


@pytest.fixture
def console(reader_login: str, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The query builder at work, with a login of its own. Gives that login."""
    with django_db_blocker.unblock():
        yield reader_login


@pytest.fixture
def site(console: str, console_database: str, app_principal: Principal) -> Iterator[None]:
    """The whole site on that database, outside of a transaction; who signed up in it is gone afterwards."""
    default = connections["default"]
    shared = default.settings_dict["NAME"]
    default.settings_dict["NAME"] = console_database
    act_as(default, app_principal)
    try:
        yield
    finally:
        User.objects.exclude(username="victim").delete()
        default.settings_dict["NAME"] = shared
        act_as(default, app_principal)


@pytest.fixture
def owner(console_database: str, django_db_blocker: DjangoDbBlocker) -> Iterator[DatabaseWrapper]:
    """The owner's connection to the query builder's database."""
    settings = connections["default"].settings_dict
    options = {"sslmode": "require", "lakebase": {"project": PROJECT, "branch": "production"}}
    wrapper = DatabaseWrapper(settings | {"NAME": console_database, "OPTIONS": options}, alias="console_owner")
    with django_db_blocker.unblock():
        yield wrapper
        wrapper.close()


def allowed(typed: str) -> Allowed:
    """Check a statement that must be allowed."""
    statement = checked(typed)
    assert isinstance(statement, Allowed), statement
    return statement


def ask(typed: str, limits: Limits = SHOWN, **named: Any) -> Result:
    """Check and run."""
    return run(allowed(typed), limits=limits, **named)


def value(typed: str) -> str | None:
    """The first cell of the first row."""
    return ask(typed).rows[0][0]


def until_none_is_left() -> None:
    """Wait for the runs that were hung up on and that the database is still at: others are refused beside them."""
    # In whatever state: one may have been hung up on before the database came to read its question.
    still = "SELECT FROM pg_stat_activity WHERE usename = session_user AND application_name <> ''"
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(still)
        while cursor.fetchone():
            time.sleep(0.1)
            cursor.execute(still)
    connections[ALIAS].close()
