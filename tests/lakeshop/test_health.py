"""/healthz says that the process answers, /readyz that its database does."""

import pytest
from django.db import connections
from django.test import Client


def test_healthz_answers_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections["default"].settings_dict["OPTIONS"], "lakebase", {})
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer.json()["mode"] == "unconfigured"


def test_healthz_names_the_endpoint(client: Client, django_db_setup: None) -> None:
    assert client.get("/healthz").json()["endpoint"].endswith("/endpoints/primary")


@pytest.mark.django_db
def test_readyz_asks_the_database_once(client: Client, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


@pytest.mark.django_db
def test_readyz_is_not_ready_before_the_first_migration(client: Client) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SET LOCAL search_path = pg_catalog")  # where no django_migrations is
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "manage.py migrate" in answer.json()["reason"]


@pytest.mark.usefixtures("database_away")
def test_readyz_says_why_the_database_is_away(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "Connection refused" in answer.json()["reason"]
    assert "not-to-be-shown" not in answer.content.decode()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_no_cache_keeps_the_answer(client: Client, path: str, database_away: None) -> None:
    assert "no-store" in client.get(path)["Cache-Control"]
