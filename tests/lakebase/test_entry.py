"""OPTIONS["lakebase"]: the mode follows from the entry alone, and a wrong entry is named."""

from typing import Any

import pytest
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.db.backends.postgresql import base

from lakebase.backend.entry import Mode, read_entry
from lakebase.checks import check_entries, tell_mode
from lakebase.tokens import Target
from tests.conftest import ENDPOINT, PROJECT
from tests.emulator import Emulator
from tests.lakebase.conftest import Connect, ask

RIGHT = [
    ({"endpoint": ENDPOINT}, Mode.AUTOSCALING, Target(endpoint=ENDPOINT)),
    ({"project": "shop"}, Mode.AUTOSCALING, Target(project="shop", branch="production")),
    ({"project": "shop", "branch": "dev"}, Mode.AUTOSCALING, Target(project="shop", branch="dev")),
    ({"provisioned": True}, Mode.PROVISIONED, Target(provisioned=True)),
    ({}, Mode.UNCONFIGURED, Target()),
    ({"connect_deadline": 30}, Mode.UNCONFIGURED, Target()),
]
WRONG = [
    ("training-app", "", "mapping"),
    ({"projekt": "shop", "x": 1}, "", "unknown keys: projekt, x"),
    ({"endpoint": "ep-quiet-sea-123"}, "", "no endpoint.*valueFrom: postgres"),
    ({"endpoint": ENDPOINT, "project": "shop"}, "", "endpoint and project"),
    ({"project": "a/b"}, "", "no id of a project"),
    ({"project": "shop", "branch": "b c"}, "", "no id of a branch"),
    ({"branch": "dev"}, "", "LAKEBASE_PROJECT_ID"),
    ({"provisioned": True}, "", "Set PGHOST"),
    ({"provisioned": True}, "ep-quiet-sea-123.database.us-east-1.cloud.databricks.com", "LAKEBASE_ENDPOINT"),
    ({"project": "shop", "client_id": "id"}, "", "client_id and client_secret"),
    ({"project": "shop", "connect_deadline": "soon"}, "", "connect_deadline"),
    ({"project": "shop", "connect_deadline": 0}, "", "connect_deadline"),
]


@pytest.mark.parametrize(("option", "mode", "target"), RIGHT)
def test_mode_follows_from_the_entry(option: Any, mode: Mode, target: Target) -> None:
    entry = read_entry({"HOST": "instance-1.database.cloud.databricks.com", "OPTIONS": {"lakebase": option}})
    assert entry is not None and (entry.mode, entry.target) == (mode, target)


@pytest.mark.parametrize(("option", "host", "said"), WRONG)
def test_wrong_entry_is_named(option: Any, host: str, said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=said):
        read_entry({"HOST": host, "OPTIONS": {"lakebase": option}})


def test_without_the_option_it_is_djangos_own_backend(connect: Connect) -> None:
    connection = connect(lakebase=None, HOST="db.example.com", USER="u", PASSWORD="p", PORT=5432)
    django = base.DatabaseWrapper(connection.settings_dict, alias=connection.alias)
    assert connection.lakebase is None
    ours, theirs = connection.get_connection_params(), django.get_connection_params()
    assert ours.pop("context") is theirs.pop("context")
    assert ours == theirs and "sslmode" not in ours


def test_nothing_configured_says_what_to_set(connect: Connect) -> None:
    connection = connect(lakebase={})
    with pytest.raises(ImproperlyConfigured, match=r"LAKEBASE_PROJECT_ID.*make run"):
        ask(connection)
    with pytest.raises(OperationalError):  # so that pages answer as they do when the database is away
        ask(connection)


def databases(**changes: Any) -> dict[str, Any]:
    options = changes.pop("OPTIONS", {"lakebase": {"project": PROJECT}, "pool": {"min_size": 0, "max_size": 2}})
    entry = {"ENGINE": "lakebase.backend", "NAME": "n", "CONN_HEALTH_CHECKS": True, "OPTIONS": options} | changes
    return {"default": entry, "other": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"OPTIONS": {}}, []),
        ({"OPTIONS": {"lakebase": {}}}, []),
        ({"OPTIONS": {"lakebase": {"projekt": "x"}}}, ["lakebase.E001"]),
        ({"PASSWORD": "p"}, ["lakebase.E002"]),
        ({"OPTIONS": {"lakebase": {"project": "p"}, "sslmode": "prefer"}}, ["lakebase.E003"]),
        ({"CONN_MAX_AGE": 60}, ["lakebase.E004"]),
        ({"CONN_HEALTH_CHECKS": False}, ["lakebase.W001"]),
        (
            {"OPTIONS": {"lakebase": {"project": "p"}, "pool": {"min_size": 2, "max_size": 4, "max_idle": 600}}},
            ["lakebase.W002", "lakebase.W003"],
        ),
    ],
)
def test_checks_find_what_is_wrong(changes: dict[str, Any], found: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATABASES", databases(**changes))
    assert [message.id for message in check_entries()] == found


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"lakebase": {"project": "shop", "branch": "dev"}}, "Lakebase Autoscaling, projects/shop/branches/dev"),
        ({"lakebase": {"project": "shop", "client_id": "id-1", "client_secret": "s3"}}, "service principal id-1"),
        ({"lakebase": {"provisioned": True}}, "Lakebase Provisioned on db.example.com"),
        ({"lakebase": {}}, "nothing configured"),
        ({}, "plain PostgreSQL on db.example.com"),
    ],
)
def test_mode_is_told(options: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATABASES", databases(OPTIONS=options, HOST="db.example.com"))
    (message,) = tell_mode(databases=["default", "other"])
    assert said in message.msg and "s3" not in message.msg
    assert tell_mode(databases=None) == []


def test_mode_is_told_by_the_database_checks(local_lakebase: Emulator) -> None:
    assert tell_mode in checks.registry.registry.get_checks()
    assert checks.Tags.database in tell_mode.tags  # type: ignore[attr-defined]
