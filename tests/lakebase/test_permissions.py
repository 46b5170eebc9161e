"""What the site's role gets: enough for the site, and not a privilege more."""

import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import ProgrammingError

from lakebase import permissions, provisioning
from lakebase.backend.base import DatabaseWrapper
from lakebase.local.own_branch import OwnBranch
from tests.emulator import Emulator
from tests.lakebase.conftest import SEARCH_PATH, Connect, ask, entry
from tests.lakebase.owned import registered

OWNER = "learner@example.com"
# For what changes more than the rights of its own role.
ON_A_BRANCH_OF_ITS_OWN = pytest.mark.usefixtures("lakebase_branch")


@pytest.fixture
def branch(request: pytest.FixtureRequest, lakebase_base: OwnBranch) -> OwnBranch:
    """The migrated one that all tests here share, or a copy of it for the test alone."""
    named = "lakebase_branch" if "lakebase_branch" in request.fixturenames else "lakebase_base"
    found: OwnBranch = request.getfixturevalue(named)
    return found


@pytest.fixture
def owner(branch: OwnBranch, connect: Connect) -> Iterator[DatabaseWrapper]:
    with registered(connect(lakebase=entry(branch), OPTIONS=dict(SEARCH_PATH))) as connection:
        yield connection


@pytest.fixture
def principal(branch: OwnBranch, local_lakebase: Emulator) -> dict[str, str]:
    """A service principal that may connect and nothing else."""
    made = local_lakebase.service_principal("site")
    provisioning.create_role(*entry(branch).values(), made["client_id"])
    return made


@pytest.fixture
def app(branch: OwnBranch, principal: dict[str, str], connect: Connect) -> Iterator[DatabaseWrapper]:
    with registered(connect(lakebase=entry(branch) | principal, OPTIONS=dict(SEARCH_PATH))) as connection:
        yield connection


def run(connection: DatabaseWrapper, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_missing_is_exact_sql_and_is_granted_once(owner: DatabaseWrapper, principal: dict[str, str]) -> None:
    role = principal["client_id"]
    lacking = [str(grant) for grant in permissions.missing(owner, role)]
    assert f'GRANT USAGE ON SCHEMA "ecommerce" TO "{role}";' in lacking
    assert f'GRANT SELECT ON TABLE "ecommerce"."django_migrations" TO "{role}";' in lacking
    assert f'GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE "ecommerce"."auth_user" TO "{role}";' in lacking
    assert (
        f'ALTER DEFAULT PRIVILEGES FOR ROLE "{OWNER}" IN SCHEMA "ecommerce" GRANT SELECT, INSERT, UPDATE, DELETE ON '
        f'TABLES TO "{role}";' in lacking
    )
    granted = permissions.apply(owner, role)
    assert [str(grant) for grant in granted] == lacking
    assert (
        permissions.told(role, granted) == f"Role {role} now has everything the site needs ({len(lacking)} statements)."
    )
    assert permissions.missing(owner, role) == permissions.apply(owner, role) == []
    assert permissions.told(role, []) == f"Role {role} has everything the site needs already."


def test_printed_sql_does_the_same(owner: DatabaseWrapper, principal: dict[str, str]) -> None:
    run(owner, *(str(grant) for grant in permissions.missing(owner, principal["client_id"])))
    assert permissions.missing(owner, principal["client_id"]) == []


def test_every_privilege_of_the_role(owner: DatabaseWrapper, app: DatabaseWrapper, principal: dict[str, str]) -> None:
    permissions.apply(owner, principal["client_id"])
    assert ask(app) == principal["client_id"]
    held = (
        "SELECT array_agg(privilege) FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', "
        "'REFERENCES', 'TRIGGER']) AS privilege WHERE has_table_privilege('ecommerce.{}', privilege)"
    )
    needed = permissions.needs().tables
    assert needed["django_migrations"] == needed["audit_log"] == ("SELECT",)
    assert needed["auth_user"] == needed["products"] == ("SELECT", "INSERT", "UPDATE", "DELETE")
    for table, privileges in needed.items():
        assert ask(app, held.format(table)) == list(privileges), table
    inside = "FROM pg_class WHERE relnamespace = 'ecommerce'::regnamespace"
    assert ask(app, f"SELECT count(*) {inside} AND relkind = 'S'") > 5
    lacking = "CASE WHEN relkind = 'S' THEN NOT has_sequence_privilege(oid, 'USAGE') END"
    assert ask(app, f"SELECT count(*) {inside} AND {lacking}") == 0
    assert ask(app, f"SELECT count(*) {inside} AND pg_has_role(relowner, 'USAGE')") == 0
    assert ask(app, "SELECT has_database_privilege(current_database(), 'CONNECT')")
    assert ask(app, "SELECT has_schema_privilege('ecommerce', 'USAGE')")
    assert not ask(app, "SELECT has_schema_privilege('ecommerce', 'CREATE')")
    assert not ask(app, "SELECT has_schema_privilege('public', 'CREATE')")


def test_rows_are_written_and_read(owner: DatabaseWrapper, app: DatabaseWrapper, principal: dict[str, str]) -> None:
    permissions.apply(owner, principal["client_id"])
    run(
        app,
        "INSERT INTO auth_group (name) VALUES ('buyers')",
        "UPDATE auth_group SET name = 'sellers' WHERE name = 'buyers'",
        "DELETE FROM auth_group WHERE name = 'sellers'",
    )
    assert ask(app, "SELECT count(*) FROM django_migrations") > 10


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE ecommerce.mine (id int)",
        "CREATE TABLE public.mine (id int)",
        "ALTER TABLE auth_group ADD COLUMN mine int",
        "ALTER TABLE auth_group OWNER TO CURRENT_USER",
        "ALTER TABLE auth_group DISABLE TRIGGER ALL",
        "CREATE INDEX ON auth_group (name)",
        "DROP TABLE auth_group",
        "TRUNCATE auth_group CASCADE",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'y', now())",
        "DELETE FROM django_migrations",
        "DROP SCHEMA ecommerce CASCADE",
        f'SET ROLE "{OWNER}"',
        "CREATE ROLE mine",
    ],
)
def test_what_the_role_may_not(
    owner: DatabaseWrapper, app: DatabaseWrapper, principal: dict[str, str], statement: str
) -> None:
    permissions.apply(owner, principal["client_id"])
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        run(app, statement)


@ON_A_BRANCH_OF_ITS_OWN
def test_what_the_owner_makes_later_is_covered(
    owner: DatabaseWrapper, app: DatabaseWrapper, principal: dict[str, str]
) -> None:
    permissions.apply(owner, principal["client_id"])
    run(
        owner,
        "CREATE TABLE later (id bigint GENERATED BY DEFAULT AS IDENTITY, word text)",
        "CREATE SEQUENCE later_number",
        "CREATE FUNCTION later_sum(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT a + b'",
        "REVOKE EXECUTE ON FUNCTION later_sum FROM PUBLIC",
    )
    run(app, "INSERT INTO later (word) VALUES ('x')", "UPDATE later SET word = 'y'", "DELETE FROM later")
    assert ask(app, "SELECT nextval('later_number')") == 1
    assert ask(app, "SELECT later_sum(1)") == 2
    assert permissions.missing(owner, principal["client_id"]) == []


@ON_A_BRANCH_OF_ITS_OWN
def test_routines_that_not_everybody_may_call(
    owner: DatabaseWrapper, app: DatabaseWrapper, principal: dict[str, str]
) -> None:
    role = principal["client_id"]
    run(
        owner,
        "CREATE FUNCTION \"Odd name\"(VARIADIC numbers int[], OUT total int) LANGUAGE sql AS 'SELECT 1'",
        "CREATE PROCEDURE tidy(a text) LANGUAGE sql AS 'SELECT 1'",
        "REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA ecommerce FROM PUBLIC",
    )
    granted = [str(grant) for grant in permissions.apply(owner, role)]
    assert f'GRANT EXECUTE ON ROUTINE "ecommerce".tidy(IN a text) TO "{role}";' in granted
    assert ask(app, 'SELECT "Odd name"(1, 2)') == 1
    run(app, "CALL tidy('x')")
    assert permissions.missing(owner, role) == []


def test_declared_tables_get_exactly_what_is_declared(
    owner: DatabaseWrapper, app: DatabaseWrapper, principal: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    role = principal["client_id"]
    permissions.apply(owner, role)
    run(owner, f'GRANT TRUNCATE ON django_session TO "{role}"')
    declaration = {"django_session": ("SELECT",), "not_made_yet": ("SELECT", "INSERT")}
    monkeypatch.setattr(apps.get_app_config("sessions"), "grants", declaration, raising=False)
    assert [str(grant) for grant in permissions.missing(owner, role)] == [
        f'REVOKE DELETE, INSERT, TRUNCATE, UPDATE ON TABLE "ecommerce"."django_session" FROM "{role}";'
    ]
    assert permissions.unmade(owner) == ["not_made_yet"]
    permissions.apply(owner, role)
    assert permissions.apply(owner, role) == []
    assert ask(app, "SELECT count(*) FROM django_session") == 0
    with pytest.raises(ProgrammingError, match="permission denied for table django_session"):
        run(app, "DELETE FROM django_session")


@pytest.mark.parametrize("privileges", ["SELECT", ("select",), ("SELECT", "ALL"), ("SELECT; DROP TABLE x",)])
def test_declaration_that_names_no_privilege(privileges: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apps.get_app_config("sessions"), "grants", {"django_session": privileges}, raising=False)
    with pytest.raises(ImproperlyConfigured, match=r"app sessions give .* on django_session. Write a tuple of words"):
        permissions.needs()


def test_role_that_does_not_exist(owner: DatabaseWrapper) -> None:
    for role in ("nobody", "public", "it's\" me"):
        with pytest.raises(permissions.UnknownRole, match=r"has no Postgres role .* lakebase create-role "):
            permissions.apply(owner, role)


def test_role_with_an_odd_name(owner: DatabaseWrapper) -> None:
    role = "we\"ird %s 'name"
    with owner.cursor() as cursor:
        cursor.execute('CREATE ROLE "we""ird %s \'name"')
    assert permissions.apply(owner, role)
    assert permissions.apply(owner, role) == []


def test_database_that_was_not_migrated(connect: Connect, branch: OwnBranch) -> None:
    run(connect(lakebase=entry(branch)), "CREATE DATABASE bare")
    with registered(connect(lakebase=entry(branch), NAME="bare")) as bare:
        with pytest.raises(permissions.NoSchema, match=r"schema ecommerce does not exist .* Run `manage.py migrate`"):
            permissions.apply(bare, OWNER)
        assert "auth_user" in permissions.unmade(bare)


def test_owner_lacks_only_the_change_into_the_reader(owner: DatabaseWrapper) -> None:
    assert [str(grant) for grant in permissions.apply(owner, OWNER) if "lakeshop_reader" not in str(grant)] == []
    assert permissions.apply(owner, OWNER) == []


@ON_A_BRANCH_OF_ITS_OWN
def test_the_reader_is_made_and_handed_on(owner: DatabaseWrapper, principal: dict[str, str]) -> None:
    role = principal["client_id"]
    permissions.apply(owner, role, only_reading=True)
    run(
        owner,
        "REVOKE ALL ON ALL TABLES IN SCHEMA ecommerce FROM lakeshop_reader",
        "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ecommerce FROM lakeshop_reader",
        "REVOKE ALL ON SCHEMA ecommerce FROM lakeshop_reader",
        "DROP ROLE lakeshop_reader",
    )
    lacking = [str(grant) for grant in permissions.missing(owner, role, only_reading=True)]
    assert lacking[:2] == [
        'CREATE ROLE "lakeshop_reader" NOLOGIN;',
        'GRANT USAGE ON SCHEMA "ecommerce" TO "lakeshop_reader";',
    ]
    assert 'GRANT SELECT ON TABLE "ecommerce"."audit_log" TO "lakeshop_reader";' in lacking
    assert lacking[-1] == f'GRANT "lakeshop_reader" TO "{role}" WITH INHERIT FALSE, SET TRUE;'
    assert [str(grant) for grant in permissions.apply(owner, role, only_reading=True)] == lacking
    assert permissions.missing(owner, role, only_reading=True) == []
    assert any('ON TABLE "ecommerce"."users"' in str(grant) for grant in permissions.missing(owner, role))
    assert permissions.told(role, [], only_reading=True) == (
        f"Role {role} has everything the query builder needs already."
    )


def test_the_role_itself_may_ask_but_not_grant(
    owner: DatabaseWrapper, app: DatabaseWrapper, principal: dict[str, str]
) -> None:
    role = principal["client_id"]
    lacking = permissions.missing(owner, role)
    assert permissions.missing(app, role) == lacking
    with pytest.raises(permissions.MayNotGrant) as refusal:
        permissions.apply(app, role)
    assert str(refusal.value) == (
        f'{role} may not run `GRANT USAGE ON SCHEMA "ecommerce" TO "{role}";` since the owner is {OWNER}. Run '
        f"`manage.py lakebase grant {role}` as {OWNER}; nothing was changed."
    )
    assert permissions.missing(app, role) == lacking


def test_who_may_use_but_not_grant_is_refused_too(
    owner: DatabaseWrapper, app: DatabaseWrapper, principal: dict[str, str]
) -> None:
    """Postgres only warns then, and grants nothing."""
    other = f"reader_{uuid.uuid4().hex[:8]}"
    run(owner, f"CREATE ROLE {other}")
    permissions.apply(owner, principal["client_id"])
    with pytest.raises(permissions.MayNotGrant, match=f"since the owner is {OWNER}"):
        permissions.apply(app, other)


def test_two_at_once(branch: OwnBranch, principal: dict[str, str], connect: Connect) -> None:
    done: list[int] = []

    def grant(connection: DatabaseWrapper) -> Callable[[], None]:
        def work() -> None:
            with registered(connection):
                done.append(len(permissions.apply(connection, principal["client_id"])))

        return work

    wrappers = [connect(lakebase=entry(branch)) for _ in range(3)]
    for wrapper in wrappers:
        wrapper.inc_thread_sharing()
    threads = [threading.Thread(target=grant(wrapper)) for wrapper in wrappers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(done)[:2] == [0, 0]
    assert max(done) > 10
