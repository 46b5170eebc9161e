"""The database under the tests: a Lakebase Local of their own, migrated by the owner, used as the service principal."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connections
from psycopg.errors import ObjectInUse
from pytest_django.plugin import DjangoDbBlocker

from lakebase import permissions
from tests.emulator import Emulator

pytest_plugins = ["lakebase.local.pytest_plugin"]

PROJECT = "training-app"
BRANCH = f"projects/{PROJECT}/branches/production"
ENDPOINT = f"{BRANCH}/endpoints/primary"
DATABASE = "databricks_postgres"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes more than a few seconds; left out by `make test`")
    config.addinivalue_line("markers", "soak: long, or one of many like it; only `make test-soak` runs it")
    config.addinivalue_line("markers", "fuzz: property-based; `make fuzz` runs it with many more examples")
    # Else each of Django's test clients looks at every static file before its first request.
    settings.WHITENOISE_AUTOREFRESH = True
    # What `make run` collected before the last change of a file is not what is tested.
    settings.STATIC_ROOT, settings.WHITENOISE_USE_FINDERS = settings.BASE_DIR / "collected-by-nobody", True
    # Threads would hold databases that tests drop.
    settings.INDEX_IN_BACKGROUND = False


@pytest.fixture(scope="session", autouse=True)
def unhurried() -> None:
    """What pages say is tested, not how soon: for that test_served_across.py has a site of its own."""
    from pages import soon

    soon.SOON = 60.0


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """After five minutes of tests that ask no database, the endpoint sleeps, and the session held here is cut."""
    default = connections["default"]
    if default.connection is not None and not default.in_atomic_block and not default.is_usable():
        default.close()


@pytest.fixture(scope="session")
def lakebase_class() -> type[Emulator]:
    """The plugin's Lakebase, with a wire before its REST API that tests can cut."""
    return Emulator


@pytest.fixture(scope="session")
def local_lakebase(lakebase_workspace: Emulator) -> Iterator[Emulator]:
    """A running Lakebase Local with project `training-app`; this process's environment is its owner's."""
    make_project(PROJECT)
    yield lakebase_workspace
    for connection in connections.all(initialized_only=True):
        connection.close()
        close_pool(connection)


def make_project(project: str) -> None:
    from databricks.sdk.service.postgres import Project, ProjectSpec

    from lakebase.provisioning.operations import finish

    made = Project(spec=ProjectSpec(pg_version=17, display_name="LakeShop"))
    finish(f"create project {project}", lambda w: w.postgres.create_project(project_id=project, project=made))


def make_role(client_id: str, branch: str = BRANCH) -> None:
    """The Postgres role of a service principal on one branch: CONNECT and CREATE, nothing else."""
    from databricks.sdk.service.postgres import Role, RoleIdentityType, RoleRoleSpec

    from lakebase.provisioning.operations import finish

    role = Role(spec=RoleRoleSpec(identity_type=RoleIdentityType.SERVICE_PRINCIPAL, postgres_role=client_id))
    finish(f"create role {client_id}", lambda w: w.postgres.create_role(parent=branch, role=role))


@pytest.fixture(scope="session")
def app_principal(local_lakebase: Emulator) -> dict[str, str]:
    """The identity under which the site runs, with its role on branch production: {"client_id", "client_secret"}."""
    principal = local_lakebase.service_principal("lakeshop")
    make_role(principal["client_id"])
    return principal


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    local_lakebase: Emulator,
    app_principal: dict[str, str],
) -> Iterator[None]:
    """The test database: made and migrated by the owner; from then on alias "default" is the service principal."""
    default = connections["default"]
    with django_db_blocker.unblock():
        point_at(default, local_lakebase)
        default.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        permissions.apply(default, app_principal["client_id"])
        act_as(default, app_principal)
    yield
    with django_db_blocker.unblock():
        act_as(default, None)
        default.creation.destroy_test_db(DATABASE, verbosity=0)
        default.close()
        close_pool(default)


def point_at(connection: Any, emulator: Emulator) -> None:
    """Make the alias's settings, whatever the environment said when they were read, those of the emulator's owner."""
    settings = connection.settings_dict
    settings.update(NAME=DATABASE, HOST="", USER="", PASSWORD="", PORT=emulator.pg_port)
    options = settings["OPTIONS"]
    options.pop("sslrootcert", None)
    options |= {"sslmode": "require", "lakebase": {"project": PROJECT, "branch": "production"}}


def act_as(connection: Any, principal: dict[str, str] | None) -> None:
    """Log in as this service principal from now on; None: as the owner."""
    connection.close()
    close_pool(connection)
    entry = {"project": PROJECT, "branch": "production"} | (principal or {})
    connection.settings_dict["OPTIONS"]["lakebase"] = entry


def close_pool(connection: Any) -> None:
    pool = connection._connection_pools.pop(connection.alias, None)
    if pool is not None:
        pool.close()


@pytest.fixture
def own_database(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, app_principal: dict[str, str]
) -> Iterator[str]:
    """A copy of the test database for a test that commits; dropped afterwards. Gives its name.

    A copy takes a tenth of a second. A flush would need ownership of every table, and the site has none.
    """
    default = connections["default"]
    shared, own = default.settings_dict["NAME"], f"own_{uuid.uuid4().hex[:12]}"
    with django_db_blocker.unblock():
        act_as(default, None)
        as_owner(default, f"CREATE DATABASE {own} TEMPLATE {shared}")
        default.settings_dict["NAME"] = own
        act_as(default, app_principal)
        try:
            yield own
        finally:
            act_as(default, None)
            default.settings_dict["NAME"] = shared
            drop_as_owner(default, own)
            act_as(default, app_principal)


@pytest.fixture
def empty_database(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, app_principal: dict[str, str]
) -> Iterator[str]:
    """A new database, in which the site's role may CONNECT and CREATE and nothing else. Gives the role's name."""
    default = connections["default"]
    role, made, shared = app_principal["client_id"], f"empty_{uuid.uuid4().hex[:12]}", default.settings_dict["NAME"]
    with django_db_blocker.unblock():
        act_as(default, None)
        as_owner(default, f"CREATE DATABASE {made}")
        as_owner(default, f'GRANT CREATE, CONNECT ON DATABASE {made} TO "{role}"')
        default.settings_dict["NAME"] = made
        try:
            yield role
        finally:
            act_as(default, None)
            default.settings_dict["NAME"] = shared
            drop_as_owner(default, made)
            act_as(default, app_principal)


def drop_as_owner(connection: Any, database: str) -> None:
    """With its sessions: PostgreSQL gives each 5 s to end, and one may be amid what cannot be interrupted."""
    end = time.monotonic() + 60
    while True:
        try:
            return as_owner(connection, f"DROP DATABASE {database} WITH (FORCE)")
        except OperationalError as error:
            if not isinstance(error.__cause__, ObjectInUse) or time.monotonic() > end:
                raise


def as_owner(connection: Any, statement: str) -> None:
    """Run a statement on the maintenance database; `connection` must log in as the owner."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)
