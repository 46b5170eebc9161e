"""docs/schema.sql makes the same as the migrations, from psql alone, and `migrate` goes on from there."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection

from audit.models import AuditEntry
from orders.models import Order
from tests.conftest import act_as
from tests.local.cluster import Cluster
from tests.shop import sql

FILE = Path(settings.BASE_DIR) / "docs" / "schema.sql"
SHOP = "'ecommerce'::regnamespace"
# Django's and its apps' own tables come with `migrate`; what is told of the others must not differ.
OTHERS = "'^(auth|django)_'"
CATALOG = {
    "tables": f"SELECT relname, relkind FROM pg_class WHERE relnamespace = {SHOP} AND relname !~ {OTHERS}",
    "columns": f"""SELECT attrelid::regclass::text, attnum, attname, format_type(atttypid, atttypmod), attnotnull,
        attidentity, attgenerated, pg_get_expr(adbin, adrelid), col_description(attrelid, attnum)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = {SHOP} AND relkind IN ('r', 'v') AND attnum > 0 AND relname !~ {OTHERS}""",
    "constraints": f"""SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), condeferrable, condeferred
        FROM pg_constraint WHERE connamespace = {SHOP} AND conrelid::regclass::text !~ {OTHERS}""",
    "indexes": f"SELECT indexdef FROM pg_indexes WHERE schemaname = 'ecommerce' AND tablename !~ {OTHERS}",
    "triggers": f"""SELECT pg_get_triggerdef(pg_trigger.oid), tgenabled
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE relnamespace = {SHOP} AND NOT tgisinternal AND relname !~ {OTHERS}""",
    "functions": f"SELECT pg_get_functiondef(oid), proacl IS NULL FROM pg_proc WHERE pronamespace = {SHOP}",
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'ecommerce'",
}


def catalog() -> dict[str, list[tuple[object, ...]]]:
    return {what: sorted(sql(query), key=repr) for what, query in CATALOG.items()}


def applied() -> list[tuple[object, ...]]:
    return sql("SELECT app, name FROM ecommerce.django_migrations ORDER BY app, name")


def test_file_is_what_the_command_prints() -> None:
    call_command("schema_sql", stdout=(printed := StringIO()))
    assert FILE.read_text() == printed.getvalue(), "Run `manage.py schema_sql --output docs/schema.sql`."


def test_it_gives_the_same_catalog_as_the_migrations(empty_database: str, migrated: Callable[[], None]) -> None:
    act_as(connection, None)
    sql(FILE.read_text())
    by_file = catalog()
    assert len(by_file["tables"]) > 10 and len(by_file["triggers"]) > 20
    sql("DROP SCHEMA ecommerce CASCADE")
    migrated()
    by_migrations = catalog()
    for what, found in by_migrations.items():
        assert by_file[what] == found, what


@pytest.fixture
def migrated() -> Callable[[], None]:
    return lambda: call_command("migrate", verbosity=0, interactive=False)


def test_migrate_takes_it_on(empty_database: str, migrated: Callable[[], None]) -> None:
    act_as(connection, None)
    sql(FILE.read_text())
    orders = list(Order.objects.values())
    done = applied()
    assert {app for app, _ in done} == {"audit", "catalog", "orders"}
    migrated()
    assert set(done) < set(applied())
    assert list(Order.objects.values()) == orders != []
    assert AuditEntry.objects.in_table("orders", "INSERT").count() == len(orders)
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    plan = StringIO()
    call_command("migrate", plan=True, stdout=plan)
    assert "No planned migration operations." in plan.getvalue()


def test_second_time_is_refused_and_changes_nothing(empty_database: str) -> None:
    act_as(connection, None)
    sql(FILE.read_text())
    before = catalog(), list(Order.objects.values())
    with pytest.raises(ProgrammingError, match='schema "ecommerce" already exists'):
        sql(FILE.read_text())
    sql("ROLLBACK")
    assert (catalog(), list(Order.objects.values())) == before


def test_psql_runs_it() -> None:
    cluster = Cluster()
    try:
        cluster.ready()
        cluster.run_file(FILE)
        cluster.sql("DO 'BEGIN ASSERT (SELECT count(*) = 10 FROM ecommerce.products); END'")
    finally:
        cluster.remove()


def test_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nowhere/schema\.sql cannot be written: No such file or directory\."):
        call_command("schema_sql", output=tmp_path / "nowhere" / "schema.sql")
