"""Roles and databases: resources of the API that are also there in Postgres."""

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound, NotImplemented
from databricks.sdk.service.postgres import (
    Database,
    DatabaseDatabaseSpec,
    Role,
    RoleAttributes,
    RoleAuthMethod,
    RoleIdentityType,
    RoleMembershipRole,
    RoleRoleSpec,
)

from tests.emulator import Emulator
from tests.local.sdk import DATABASE, Sdk

ATTRIBUTES = "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = %s"


@pytest.fixture(scope="module")
def branch(sdk: Sdk) -> Iterator[str]:
    made = sdk.make_project("rolesanddatabases")
    yield f"{made.name}/branches/production"
    sdk.postgres.delete_project(str(made.name), purge=True).wait()


def make_role(sdk: Sdk, branch: str, role_id: str | None = None, **spec: Any) -> Role:
    return sdk.postgres.create_role(branch, Role(spec=RoleRoleSpec(**spec)), role_id=role_id).wait()


def ask(sdk: Sdk, branch: str, question: str, *values: object) -> tuple[Any, ...] | None:
    with sdk.connect(f"{branch}/endpoints/primary") as session:
        return session.execute(question, values).fetchone()


def test_owner_is_no_superuser_and_owns_the_database(sdk: Sdk, branch: str) -> None:
    assert ask(sdk, branch, ATTRIBUTES, sdk.user) == (False, True, True, True, True)
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s"
    assert ask(sdk, branch, owner, DATABASE) == (sdk.user,)
    (role,) = [
        role for role in sdk.postgres.list_roles(branch) if role.status and role.status.postgres_role == sdk.user
    ]
    assert role.spec is None and role.status is not None
    assert role.status.membership_roles == [RoleMembershipRole.DATABRICKS_SUPERUSER]
    with pytest.raises(BadRequest, match="it owns the project"):
        sdk.postgres.delete_role(str(role.name))


@pytest.mark.parametrize("extension", ["vector", "pg_trgm", "pg_stat_statements", "amcheck"])
def test_owner_can_create_extensions(sdk: Sdk, branch: str, extension: str) -> None:
    with sdk.connect(f"{branch}/endpoints/primary") as session:
        session.execute(f"CREATE EXTENSION {extension}")  # type: ignore[call-overload]
        assert session.execute("SELECT count(*) FROM pg_extension WHERE extname = %s", [extension]).fetchone() == (1,)


def test_service_principal_gets_connect_and_create_and_nothing_in_public(
    sdk: Sdk, branch: str, api_emulator: Emulator
) -> None:
    principal = api_emulator.service_principal("app")
    name = principal["client_id"]
    made = make_role(sdk, branch, identity_type=RoleIdentityType.SERVICE_PRINCIPAL, postgres_role=name)
    assert made.status is not None and made.status.postgres_role == name
    assert made.status.auth_method is RoleAuthMethod.LAKEBASE_OAUTH_V1
    app = Sdk(api_emulator, principal)
    assert app.user == name
    with app.connect(f"{branch}/endpoints/primary") as session:
        assert session.execute(ATTRIBUTES, [name]).fetchone() == (False, False, False, False, True)
        session.execute("CREATE SCHEMA own")
        session.execute("CREATE TABLE own.thing (x int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("CREATE TABLE public.thing (x int)")
    heir = next(
        role for role in sdk.postgres.list_roles(branch) if role.status and role.status.postgres_role == sdk.user
    )
    with pytest.raises(BadRequest, match=r"Postgres refused: role .* cannot be dropped"):
        sdk.postgres.delete_role(str(made.name))
    sdk.postgres.delete_role(str(made.name), reassign_owned_to=heir.name).wait()
    with pytest.raises(NotFound):
        sdk.postgres.get_role(str(made.name))
    assert ask(sdk, branch, "SELECT tableowner FROM pg_tables WHERE tablename = 'thing'") == (sdk.user,)
    with pytest.raises(psycopg.OperationalError, match=f'role "{name}" does not exist'):
        app.connect(f"{branch}/endpoints/primary")


def test_role_is_changed_by_mask(sdk: Sdk, branch: str) -> None:
    wanted = RoleAttributes(createdb=True)
    made = make_role(sdk, branch, "reporting", auth_method=RoleAuthMethod.NO_LOGIN, attributes=wanted)
    assert made.name == f"{branch}/roles/reporting"
    assert ask(sdk, branch, ATTRIBUTES, "reporting") == (False, True, False, False, False)
    spec = Role(spec=RoleRoleSpec(membership_roles=[RoleMembershipRole.DATABRICKS_SUPERUSER]))
    sdk.postgres.update_role(str(made.name), spec, FieldMask(["spec.membership_roles"])).wait()
    assert ask(sdk, branch, "SELECT pg_has_role('reporting', 'databricks_superuser', 'MEMBER')") == (True,)
    spec = Role(spec=RoleRoleSpec(attributes=RoleAttributes(createrole=True)))
    changed = sdk.postgres.update_role(str(made.name), spec, FieldMask(["spec.attributes.createrole"])).wait()
    assert changed.status is not None and changed.status.attributes == RoleAttributes(False, True, True)
    sdk.postgres.delete_role(str(made.name)).wait()


def test_double_and_bad_roles_are_refused(sdk: Sdk, branch: str) -> None:
    made = make_role(sdk, branch, "twice", auth_method=RoleAuthMethod.NO_LOGIN)
    with pytest.raises(BadRequest, match=r"^role with that name already exists$"):
        make_role(sdk, branch, "twice", auth_method=RoleAuthMethod.NO_LOGIN)
    sdk.postgres.delete_role(str(made.name)).wait()
    with pytest.raises(InvalidParameterValue, match="role_id must match pattern"):
        make_role(sdk, branch, str(uuid.UUID(int=1)), identity_type=RoleIdentityType.SERVICE_PRINCIPAL)
    with pytest.raises(InvalidParameterValue, match="reserved"):
        make_role(sdk, branch, identity_type=RoleIdentityType.USER, postgres_role="pg_monitor")
    with pytest.raises(InvalidParameterValue, match="postgres_role' is required"):
        make_role(sdk, branch, identity_type=RoleIdentityType.USER)
    with pytest.raises(NotImplemented, match="native Postgres passwords"):
        make_role(sdk, branch, "withpassword")
    with pytest.raises(NotImplemented, match="password"):
        sdk.postgres.reveal_role_password(f"{branch}/roles/reporting")
    with pytest.raises(NotFound, match='role not found; role_id:"nobody"'):
        sdk.postgres.get_role(f"{branch}/roles/nobody")


def test_database_is_made_renamed_and_dropped(sdk: Sdk, branch: str) -> None:
    owner = next(
        role for role in sdk.postgres.list_roles(branch) if role.status and role.status.postgres_role == sdk.user
    )
    spec = Database(spec=DatabaseDatabaseSpec(role=str(owner.name), postgres_database='Odd "name'))
    made = sdk.postgres.create_database(branch, spec, database_id="second").wait()
    assert made.status is not None and made.status.role == owner.name
    with pytest.raises(BadRequest, match=r"^database with that name already exists$"):
        sdk.postgres.create_database(branch, spec, database_id="second")
    with sdk.connect(f"{branch}/endpoints/primary", dbname='Odd "name') as session:
        session.execute("CREATE TABLE mine (x int)")
    renamed = Database(spec=DatabaseDatabaseSpec(role=str(owner.name), postgres_database="plain"))
    mask = FieldMask(["spec.postgres_database"])
    assert sdk.postgres.update_database(str(made.name), renamed, mask).wait().status.postgres_database == "plain"  # type: ignore[union-attr]
    with sdk.connect(f"{branch}/endpoints/primary", dbname="plain") as session:
        assert session.execute("SELECT count(*) FROM mine").fetchone() == (0,)
    sdk.postgres.delete_database(str(made.name)).wait()
    with pytest.raises(psycopg.OperationalError, match='database "plain" does not exist'):
        sdk.connect(f"{branch}/endpoints/primary", dbname="plain")


def test_default_database_is_listed_under_an_id_of_its_own(sdk: Sdk, branch: str) -> None:
    (found,) = [
        one for one in sdk.postgres.list_databases(branch) if one.status and one.status.postgres_database == DATABASE
    ]
    assert str(found.database_id).startswith("db-")
    with pytest.raises(BadRequest, match="every branch has it"):
        sdk.postgres.delete_database(str(found.name))
    with pytest.raises(NotFound):
        sdk.postgres.get_database(f"{branch}/databases/db-0000-0000")


def test_bad_databases_are_refused(sdk: Sdk, branch: str) -> None:
    for database_id, spec, says in (
        ("abc", DatabaseDatabaseSpec(role="x"), "Field database_id must have at least 4 characters, got 'abc'"),
        ("Invalid_DB_ID", DatabaseDatabaseSpec(role="x"), "Field database_id must match pattern"),
        ("good", DatabaseDatabaseSpec(role=""), "spec.role' is required"),
        ("good", DatabaseDatabaseSpec(role="x", postgres_database="template1"), "spec.postgres_database"),
    ):
        with pytest.raises(InvalidParameterValue, match=says):
            sdk.postgres.create_database(branch, Database(spec=spec), database_id=database_id)
    with pytest.raises(NotFound, match="It must be a role of"):
        sdk.postgres.create_database(branch, Database(spec=DatabaseDatabaseSpec(role="x")), database_id="good")
