"""What the environment makes of the settings: the database it names, and the trust it gives to a proxy."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from lakeshop.databases import database, lakebase_target
from tests.emulator import CHECKOUT, FOREIGN, plain_environment

ENDPOINT = "projects/p/branches/b/endpoints/primary"


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in filter(FOREIGN.fullmatch, list(os.environ)):
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("variables", "target"),
    [
        ({}, {}),
        ({"LAKEBASE_PROJECT_ID": "p"}, {"project": "p", "branch": "production"}),
        ({"LAKEBASE_PROJECT_ID": "p", "LAKEBASE_BRANCH_ID": "dev"}, {"project": "p", "branch": "dev"}),
        ({"LAKEBASE_ENDPOINT": ENDPOINT, "LAKEBASE_PROJECT_ID": "other"}, {"endpoint": ENDPOINT}),
        ({"LAKEBASE_ENDPOINT": ENDPOINT, "PGHOST": "ep-1.example", "PGUSER": "app"}, {"endpoint": ENDPOINT}),
        ({"LAKEBASE_PROJECT_ID": "p", "PGHOST": "h", "PGPASSWORD": "s"}, {"project": "p", "branch": "production"}),
        ({"PGHOST": "instance.example"}, {"provisioned": True}),
        ({"PGHOST": "localhost", "PGPASSWORD": "s"}, None),
    ],
)
def test_the_first_rule_that_fits_decides(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], target: dict[str, Any] | None
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert lakebase_target() == target
    given = database("ecommerce")["OPTIONS"].get("lakebase")
    assert given == (None if target is None else target | {"connect_deadline": 30})


def test_lakebase_asks_for_tls_and_leaves_the_password_to_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEBASE_PROJECT_ID", "p")
    monkeypatch.setenv("PGPASSWORD", "left over")
    monkeypatch.setenv("PGPORT", "54320")
    entry = database("ecommerce")
    assert (entry["NAME"], entry["PORT"], entry["PASSWORD"]) == ("databricks_postgres", 54320, "")
    assert entry["OPTIONS"]["sslmode"] == "require"
    assert entry["OPTIONS"]["options"] == "-c search_path=ecommerce,public"
    assert (entry["CONN_MAX_AGE"], entry["CONN_HEALTH_CHECKS"]) == (0, True)


def test_plain_postgres_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "localhost")
    monkeypatch.setenv("PGPASSWORD", "s")
    entry = database("ecommerce")
    assert "sslmode" not in entry["OPTIONS"] and "pool" not in entry["OPTIONS"]
    assert entry["PASSWORD"] == "s"


def test_verify_full_gets_its_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEBASE_PROJECT_ID", "p")
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    monkeypatch.setenv("PGSSLROOTCERT", "/certs/ca.crt")
    options = database("ecommerce")["OPTIONS"]
    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "/certs/ca.crt")


@pytest.mark.parametrize(
    ("name", "value"), [("PGPORT", "five"), ("PGSSLMODE", "yes"), ("LAKEBASE_CONNECT_DEADLINE", "0")]
)
def test_what_cannot_be_used_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv("LAKEBASE_PROJECT_ID", "p")
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        database("ecommerce")


WANTED = "ALLOWED_HOSTS CSRF_TRUSTED_ORIGINS USE_X_FORWARDED_HOST SECURE_PROXY_SSL_HEADER SESSION_COOKIE_SECURE"


def settings_told(**variables: str) -> subprocess.CompletedProcess[str]:
    """Another process that reads the settings and prints those we look at."""
    names = [*WANTED.split(), "SECRET_KEY", "SECRET_KEY_IS_LASTING", "DEBUG"]
    script = (
        f"import json; from lakeshop import settings as s; print(json.dumps({{n: getattr(s, n) for n in {names}}}))"
    )
    environment = plain_environment() | variables
    return subprocess.run(
        [sys.executable, "-c", script], cwd=CHECKOUT, env=environment, check=False, capture_output=True, text=True
    )


def settings_with(**variables: str) -> dict[str, Any]:
    told = settings_told(**variables)
    assert told.returncode == 0, told.stderr
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def test_a_laptop_trusts_no_proxy_and_serves_itself_alone() -> None:
    found = settings_with()
    assert found["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert (found["USE_X_FORWARDED_HOST"], found["SECURE_PROXY_SSL_HEADER"], found["DEBUG"]) == (False, None, False)
    assert found["SECRET_KEY_IS_LASTING"] is False
    assert found["SECRET_KEY"] != settings_with()["SECRET_KEY"]


def test_databricks_apps_is_behind_its_proxy_and_has_a_lasting_key() -> None:
    apps = {"DATABRICKS_APP_NAME": "lakeshop", "DATABRICKS_CLIENT_SECRET": "of-the-app"}
    found, again = settings_with(**apps), settings_with(**apps)
    assert ".databricksapps.com" in found["ALLOWED_HOSTS"] and "*" not in found["ALLOWED_HOSTS"]
    assert found["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert found["USE_X_FORWARDED_HOST"] and found["SESSION_COOKIE_SECURE"]
    assert found["SECRET_KEY"] == again["SECRET_KEY"] and "of-the-app" not in found["SECRET_KEY"]
    assert settings_with(**apps, DJANGO_SECRET_KEY="mine")["SECRET_KEY"] == "mine"


def test_the_server_refuses_to_start_without_a_lasting_key() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import lakeshop.wsgi"],
        cwd=CHECKOUT,
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode != 0
    assert "Set DJANGO_SECRET_KEY to 50 random characters" in told.stderr
