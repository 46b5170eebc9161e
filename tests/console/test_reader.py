"""What the reader's role may do, whoever is logged in: asked of Postgres itself, past the parser."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connections
from psycopg.errors import InsufficientPrivilege, ReadOnlySqlTransaction
from pytest_django.plugin import DjangoDbBlocker

from console.apps import ALIAS, ConsoleConfig
from console.mistakes import QueryFailed, Reason
from console.running import SHOWN, beginning
from lakebase import permissions
from lakebase.backend.base import DatabaseWrapper
from tests.conftest import make_role
from tests.console.conftest import Principal, ask, reading_as, value
from tests.emulator import Emulator

ROLE = "lakeshop_reader"


@pytest.fixture
def session(console: str) -> Iterator[psycopg.Connection]:
    """Where a statement runs, without the parser before it."""
    wrapper = connections[ALIAS]
    wrapper.ensure_connection()
    connection: psycopg.Connection = wrapper.connection
    connection.pgconn.exec_(beginning(connection, "", SHOWN).encode())
    yield connection
    connection.pgconn.exec_(b"ROLLBACK")
    wrapper.close()


def held(owner: DatabaseWrapper, question: str) -> list[tuple[object, ...]]:
    with owner.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchall()


def test_it_reads_the_shops_tables_by_name_and_nothing_else(console: str, owner: DatabaseWrapper) -> None:
    rights = (
        "SELECT relname FROM pg_class WHERE relnamespace = 'ecommerce'::regnamespace AND relkind IN ('r', 'v') AND "
    )
    reads = f"(has_table_privilege('{ROLE}', oid, 'SELECT') OR has_any_column_privilege('{ROLE}', oid, 'SELECT'))"
    assert {name for (name,) in held(owner, rights + reads)} == set(ConsoleConfig.reads)
    writes = f"has_table_privilege('{ROLE}', oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')"
    assert held(owner, rights + writes) == []
    sequences = (
        "SELECT 1 FROM pg_class WHERE relnamespace = 'ecommerce'::regnamespace AND "
        f"CASE WHEN relkind = 'S' THEN has_sequence_privilege('{ROLE}', oid, 'SELECT, USAGE, UPDATE') END"
    )
    assert held(owner, sequences) == []


def test_it_is_nobody_to_log_in_and_owns_nothing(console: str, owner: DatabaseWrapper) -> None:
    assert held(
        owner,
        "SELECT rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication,"
        f" (SELECT count(*) FROM pg_auth_members WHERE member = r.oid),"
        f" (SELECT count(*) FROM pg_class WHERE relowner = r.oid) FROM pg_roles AS r WHERE rolname = '{ROLE}'",
    ) == [(False, False, False, False, False, False, 0, 0)]
    assert held(owner, f"SELECT has_schema_privilege('{ROLE}', 'ecommerce', 'CREATE')") == [(False,)]
    assert held(owner, f"SELECT has_schema_privilege('{ROLE}', 'public', 'CREATE')") == [(False,)]


def test_logins_must_change_into_it_and_have_none_of_its_rights_before(console: str, owner: DatabaseWrapper) -> None:
    members = held(
        owner,
        "SELECT inherit_option, set_option, admin_option FROM pg_auth_members"
        f" WHERE roleid = '{ROLE}'::regrole AND member = '\"{console}\"'::regrole",
    )
    assert members == [(False, True, False)]
    assert held(owner, f"SELECT has_table_privilege('{console}', 'ecommerce.users', 'SELECT')") == [(False,)]


@pytest.mark.parametrize(
    "table",
    ["auth_user", "auth_group", "auth_user_groups", "auth_user_user_permissions", "django_session", "django_admin_log",
     "django_migrations", "csv_imports", "order_placements", "daily_figures"],
)  # fmt: skip
def test_sign_in_tables_and_the_sites_own_are_closed(session: psycopg.Connection, table: str) -> None:
    with pytest.raises(InsufficientPrivilege, match=f"permission denied for table {table}"):
        session.execute(f"SELECT * FROM ecommerce.{table}")


@pytest.mark.parametrize("relation", ["pg_authid", "pg_shadow", "pg_statistic", "pg_user_mapping", "pg_largeobject"])
def test_passwords_of_roles_are_closed(session: psycopg.Connection, relation: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        session.execute(f"TABLE {relation}")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM ecommerce.users",
        "UPDATE ecommerce.products SET price = 0",
        "TRUNCATE ecommerce.audit_log",
        "CREATE TABLE public.mine (a int)",
        "CREATE SCHEMA mine",
        "CREATE TEMP TABLE mine (a int)",
        "SELECT nextval('ecommerce.users_user_id_seq')",
        "SELECT * FROM ecommerce.users FOR UPDATE",
        "SELECT lo_create(0)",
    ],
)
def test_writing_is_refused_by_role_or_transaction(session: psycopg.Connection, statement: str) -> None:
    with pytest.raises((InsufficientPrivilege, ReadOnlySqlTransaction)):
        session.execute(statement)


def test_a_login_of_its_own_has_nothing_to_return_to(session: psycopg.Connection) -> None:
    session.execute("SELECT set_config('role', 'none', true)")
    with pytest.raises(InsufficientPrivilege):
        session.execute("SELECT * FROM ecommerce.auth_user")


def test_a_transaction_that_reads_cannot_be_made_one_that_writes(session: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.ActiveSqlTransaction):
        session.execute("SET TRANSACTION READ WRITE")


def test_what_other_sessions_run_is_hidden(console: str, owner: DatabaseWrapper) -> None:
    with owner.cursor() as cursor:
        cursor.execute("SELECT 'a secret of the owner'")
        seen = ask("SELECT query FROM pg_stat_activity").rows
    assert seen and not [query for (query,) in seen if query and "a secret of the owner" in query]


def test_the_sites_own_login_reads_as_the_reader_too(
    console_database: str, app_principal: Principal, django_db_blocker: DjangoDbBlocker
) -> None:
    """A Databricks App has one login; what it may beyond the reader is left aside in a run."""
    with django_db_blocker.unblock(), reading_as(console_database, app_principal):
        assert ask("SELECT current_user, session_user = current_user").rows == [(ROLE, "f")]
        assert value("SELECT count(*) FROM users") == "5"
        assert value("SELECT has_table_privilege('ecommerce.auth_user', 'SELECT')") == "f"


def test_a_login_that_may_not_change_into_it_is_told_what_to_run(
    console_database: str, local_lakebase: Emulator, django_db_blocker: DjangoDbBlocker
) -> None:
    stranger = local_lakebase.service_principal("stranger")
    make_role(stranger["client_id"])
    told = pytest.raises(QueryFailed, match=f"manage.py lakebase grant {stranger['client_id']}")
    with django_db_blocker.unblock(), reading_as(console_database, stranger), told as failed:
        ask("SELECT 1")
    assert failed.value.reason is Reason.NOT_READY


def test_what_was_given_beyond_it_is_taken_back(console: str, owner: DatabaseWrapper) -> None:
    with owner.cursor() as cursor:
        cursor.execute(f"GRANT SELECT, UPDATE ON ecommerce.auth_user TO {ROLE}")
        cursor.execute(f"GRANT USAGE ON SEQUENCE ecommerce.users_user_id_seq TO {ROLE}")
        connections["console_owner"] = owner
        try:
            found = [str(grant) for grant in permissions.missing(owner, console, only_reading=True)]
            permissions.apply(owner, console, only_reading=True)
            assert permissions.missing(owner, console, only_reading=True) == []
        finally:
            del connections["console_owner"]
    assert found == [
        f'REVOKE SELECT, UPDATE ON TABLE "ecommerce"."auth_user" FROM "{ROLE}";',
        f'REVOKE USAGE ON SEQUENCE "ecommerce"."users_user_id_seq" FROM "{ROLE}";',
    ]
