"""The shop's schema is made before anything else, and everything lands in it."""

import pytest
from django.core.management import call_command
from django.db import connection

from tests.conftest import act_as
from tests.shop import ann, lamp, order_of, sql, value

PLACES = """
SELECT nspname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%%' GROUP BY nspname
"""


@pytest.mark.parametrize("migrates", ["owner", "role that may only create"])
def test_migrate_makes_it_first(empty_database: str, app_principal: dict[str, str], migrates: str) -> None:
    act_as(connection, None if migrates == "owner" else app_principal)
    call_command("migrate", verbosity=0, interactive=False)
    assert sql(PLACES) == [("ecommerce",)]
    owner = value("SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'ecommerce'")
    assert owner == value("SELECT session_user")
    assert (owner == empty_database) == (migrates != "owner")
    order_of(ann(), (lamp(), 1))
    assert value("SELECT count(*) FROM ecommerce.audit_log") == 4
    call_command("migrate", verbosity=0, interactive=False)


def test_migrate_goes_to_zero_and_back(empty_database: str) -> None:
    act_as(connection, None)
    call_command("migrate", verbosity=0, interactive=False)
    for app in ("admin", "auth", "contenttypes", "sessions", "orders", "catalog", "audit"):
        call_command("migrate", app, "zero", verbosity=0, interactive=False)
    left = "SELECT relname FROM pg_class WHERE relnamespace = 'ecommerce'::regnamespace AND relkind = 'r'"
    assert sql(left) == [("django_migrations",)]
    call_command("migrate", verbosity=0, interactive=False)
    assert sql(PLACES) == [("ecommerce",)]
