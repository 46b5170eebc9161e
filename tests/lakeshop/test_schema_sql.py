"""docs/schema.sql: made from the migrations, gives what they give, and `migrate` goes on from there."""

import os
import subprocess
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from catalog.models import Product
from lakebase.local.cluster.account import data_directory
from lakebase.local.cluster.binaries import find_binaries
from lakeshop.schema_sql import FILE, schema_sql
from orders.models import Order
from tests.conftest import act_as, as_owner, drop_as_owner
from tests.emulator import Emulator, plain_environment
from tests.shop import sql, value

# All that makes up a schema, by name and in words; rights apart, which `grant` gives.
CATALOG = {
    "columns": """SELECT table_name, column_name, ordinal_position, data_type, udt_name, is_nullable, column_default,
        character_maximum_length, numeric_precision, numeric_scale, is_identity, identity_generation,
        generation_expression
        FROM information_schema.columns WHERE table_schema = 'ecommerce'""",
    "constraints": """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'ecommerce'::regnamespace""",
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'ecommerce'",
    "triggers": """SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(pg_trigger.oid), tgenabled
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE relnamespace = 'ecommerce'::regnamespace AND NOT tgisinternal""",
    "functions": """SELECT oid::regprocedure::text, pg_get_functiondef(oid),
        has_function_privilege('public', oid, 'EXECUTE')
        FROM pg_proc WHERE pronamespace = 'ecommerce'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')""",
    "extensions": "SELECT extname, extnamespace::regnamespace::text FROM pg_extension",
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'ecommerce'",
    "sequences": """SELECT sequencename, data_type, start_value, increment_by FROM pg_sequences
        WHERE schemaname = 'ecommerce'""",
    "comments": """SELECT classoid::regclass::text, objoid::regclass::text, objsubid, description FROM pg_description
        JOIN pg_class ON pg_class.oid = objoid AND relnamespace = 'ecommerce'::regnamespace""",
    "relations": """SELECT relname, relkind, relpersistence, reloptions::text, relrowsecurity
        FROM pg_class WHERE relnamespace = 'ecommerce'::regnamespace""",
    "outside": "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace",
}


def catalog() -> dict[str, list[tuple[Any, ...]]]:
    return {kind: sorted(sql(query), key=repr) for kind, query in CATALOG.items()}


@pytest.fixture
def empty_database(own_database: str) -> Iterator[str]:
    """A database with nothing in it, and its owner logged in to it."""
    act_as(connection, None)
    name = f"{own_database}_empty"
    as_owner(connection, f"CREATE DATABASE {name} TEMPLATE template0")
    connection.settings_dict["NAME"] = name
    try:
        yield name
    finally:
        act_as(connection, None)
        connection.settings_dict["NAME"] = own_database
        drop_as_owner(connection, name)


def psql(emulator: Emulator, database: str) -> subprocess.CompletedProcess[str]:
    """Run the file as the owner, by the psql that comes with PostgreSQL; it knows no TLS, hence through the socket."""
    owner = value("SELECT current_user")
    program = find_binaries(os.environ.get("LAKEBASE_LOCAL_PG_BIN")).bin / "psql"
    command = [str(program), "-X", "-q", "-h", str(socket_of(emulator, database)), "-U", owner, "-d", database]
    command += ["-f", str(FILE)]
    return subprocess.run(command, env=plain_environment(), capture_output=True, text=True, check=False)


def socket_of(emulator: Emulator, database: str) -> Path:
    """Where the server of the branch that has this database listens."""
    owner = value("SELECT current_user")
    for socket in data_directory(emulator.directory).glob("run/*/.s.PGSQL.5432"):
        try:
            psycopg.connect(host=str(socket.parent), port=5432, user=owner, dbname=database).close()
        except psycopg.OperationalError:
            continue
        return socket.parent
    raise AssertionError(f"no server has {database}")


def test_file_is_up_to_date() -> None:
    outdated = "Run manage.py schema_sql --output docs/schema.sql and commit the result."
    assert FILE.read_text() == schema_sql(), outdated


def test_command_writes_it_without_a_database(tmp_path: Path) -> None:
    out = StringIO()
    call_command("schema_sql", output=tmp_path / "schema.sql", stdout=out)
    assert (tmp_path / "schema.sql").read_text() == schema_sql()
    call_command("schema_sql", stdout=out)
    assert out.getvalue() == f"Wrote {tmp_path / 'schema.sql'}.\n{schema_sql()}"


def test_it_gives_what_the_migrations_give_and_migrate_goes_on(local_lakebase: Emulator, empty_database: str) -> None:
    ran = psql(local_lakebase, empty_database)
    lacking = ("Without pg_trgm", "Without pgvector")  # as some servers do
    told = [line for line in ran.stderr.splitlines() if not any(each in line for each in lacking)]
    assert (ran.returncode, ran.stdout, told) == (0, "", [])
    assert value("SELECT count(*) FROM ecommerce.audit_log") == 5 + 10 + 4 + 8
    assert (Product.objects.count(), Order.objects.count()) == (10, 4)
    out = StringIO()
    call_command("migrate", stdout=out)
    assert "Applying auth.0001_initial... OK" in out.getvalue()
    assert not [app for app in ("audit", "catalog", "orders") if f"Applying {app}." in out.getvalue()]
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    call_command("seed", stdout=out)
    assert "The sample is there already" in out.getvalue()
    from_file = catalog()
    act_as(connection, None)
    connection.settings_dict["NAME"] = empty_database.removesuffix("_empty")
    migrated = catalog()
    act_as(connection, None)
    connection.settings_dict["NAME"] = empty_database
    for kind in CATALOG:
        assert from_file[kind] == migrated[kind]


def test_second_run_says_so_and_changes_nothing(local_lakebase: Emulator, empty_database: str) -> None:
    psql(local_lakebase, empty_database)
    sql("UPDATE ecommerce.products SET name = 'Mine'")
    again = psql(local_lakebase, empty_database)
    assert again.returncode != 0
    assert "The schema ecommerce exists already, and nothing was changed" in again.stderr
    assert "Name another database" in again.stderr and again.stderr.count("ERROR") == 1
    assert Product.objects.filter(name="Mine").count() == 10
