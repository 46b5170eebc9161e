"""The suite's own database: made by the owner, used by a service principal that owns nothing."""

import os

import pytest
from django.contrib.auth.models import Group
from django.db import ProgrammingError, connection, transaction

from lakebase.local.cluster.binaries import find_binaries


@pytest.mark.django_db
def test_tests_log_in_as_the_service_principal(app_principal: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user, current_database()")
        assert cursor.fetchone() == (app_principal["client_id"], "test_databricks_postgres")


@pytest.mark.django_db
def test_service_principal_reads_and_writes_rows() -> None:
    Group.objects.create(name="vendors")
    assert Group.objects.filter(name="vendors").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "remedy"),
    [("TRUNCATE auth_group CASCADE", "lakebase grant"), ("DROP TABLE auth_group CASCADE", "run this as the owner")],
)
def test_service_principal_owns_nothing(statement: str, remedy: str) -> None:
    with pytest.raises(ProgrammingError, match=remedy), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_own_database_takes_commits(own_database: str) -> None:
    Group.objects.create(name="committed")
    connection.close()
    assert connection.settings_dict["NAME"] == own_database
    assert Group.objects.filter(name="committed").exists()


@pytest.mark.django_db
def test_commits_of_another_test_are_not_seen() -> None:
    assert not Group.objects.filter(name__in=["vendors", "committed"]).exists()


@pytest.mark.django_db
def test_server_is_the_one_that_was_named() -> None:
    """`make test-postgres` names others than the one that is found by itself."""
    named = find_binaries(os.environ.get("LAKEBASE_LOCAL_PG_BIN"))
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        assert cursor.fetchone() == (named.version_text,)
