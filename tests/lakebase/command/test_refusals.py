"""One sentence for every failure."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from lakebase import control_plane, workspace_client
from lakebase.commands.place import connection_to
from tests.emulator import Emulator
from tests.lakebase.command.commanding import ENDPOINT, OWNER, lakebase, place_of, read, refusal


def test_grant_by_who_owns_nothing(site: str, local_lakebase: Emulator, configure: Callable[..., None]) -> None:
    principal = local_lakebase.service_principal("stranger")
    lakebase("create-role", principal["client_id"])
    with connection_to(place_of(site)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS ecommerce")
    configure(project=site, branch="production", **principal)
    said = refusal("grant", principal["client_id"])
    assert f"since the owner is {OWNER}. Run `manage.py lakebase grant" in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["create-project", "Shop"], "'Shop' cannot be the id of a project. Write 1 to 63 lower-case letters"),
        (["create-project", "x", "--pg-version", "9"], "PostgreSQL '9' is not offered. Choose one of 16, 17, 18."),
        (["create-project", "x", "--min-cu", "1"], "takes both sizes or none. Add the other of --min-cu and --max-cu"),
        (["create-project", "x", "--suspend-after", "soon"], "'soon' is no duration"),
        (["create-branch", "x", "--ttl", "7"], "'7' is no duration. Write a whole number and a unit: 90s, 5m, 1h, 7d."),
        (["create-branch", "x", "--from", "nowhere"], "has no branch nowhere to copy. Choose one of: production."),
        (["delete-branch", "production"], "Root branches cannot be deleted independently"),
        (["resize"], "No size is given. Add --min-cu, --max-cu or both."),
        (["resize", "--min-cu", "big"], "'big' is no number of compute units. Give 0.5, or 1, 2, 3 ..."),
        (["resize", "--min-cu", "1", "--max-cu", "18"], "1 and 18 CU are 17 CU apart, and an endpoint scales over 16"),
        (["resize", "--max-cu", "0.5", "--min-cu", "1"], "smallest size, 1 CU, exceeds the largest, 0.5 CU"),
        (["suspend-after", "1s"], "cannot suspend after 1s. Give 60s to 7d, or never."),
        (
            ["info", "--project", "no-such"],
            "project no-such: project id not found. `manage.py lakebase list` shows what",
        ),
        (["info", "--branch", "no-such"], "branch no-such of project commanded: branch id not found"),
        (["info", "--project", "no-such"], "`manage.py lakebase create-project ID` makes a project."),
        (["info", "--branch", "no-such"], "`manage.py lakebase create-branch ID` makes a branch."),
        (["list", "--project", "no-such"], "There is no project no-such. `manage.py lakebase create-project no-such`"),
        (["grant", "x", "--project", "no-such"], "project no-such: project id not found"),
        (["delete-project", "commanded"], "This deletes project commanded with all its branches. Nobody can answer"),
    ],
)
def test_one_sentence(site: str, words: list[str], sentence: str) -> None:
    said = refusal(*words)
    assert sentence in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["info", "--branch", "a/b"], "'a/b' cannot be the id of a branch."),
        (["resize", "--max-cu", "2", "--project", "A_B"], "'A_B' cannot be the id of a project."),
        (["list", "--project", "A_B"], "'A_B' cannot be the id of a project."),
        (["delete-project", "A_B"], "'A_B' cannot be the id of a project."),
        (["create-branch", "x", "--from", "a/b"], "'a/b' cannot be the id of a branch."),
        (["delete-branch", "a/b"], "'a/b' cannot be the id of a branch."),
    ],
)
def test_no_request_is_made_for_what_can_be_no_id(
    site: str, monkeypatch: pytest.MonkeyPatch, words: list[str], sentence: str
) -> None:
    def asked(*request: Any, **options: Any) -> None:
        raise AssertionError(request)

    monkeypatch.setattr(workspace_client.Client, "call", asked)
    assert refusal(*words).startswith(f"{sentence} Write 1 to 63 lower-case letters")


def test_no_project_is_named(configure: Callable[..., None]) -> None:
    for words in (
        ["info"],
        ["resize", "--min-cu", "1"],
        ["suspend-after", "5m"],
        ["create-branch", "x"],
        ["grant", "x"],
    ):
        assert refusal(*words).startswith("No project is named. Add --project ID, or set LAKEBASE_PROJECT_ID")
    configure(endpoint="nonsense")
    assert "'nonsense' is no endpoint" in refusal("info")


def test_plain_postgres_is_configured(configure: Callable[..., None], project: str) -> None:
    connections["default"].settings_dict["OPTIONS"].pop("lakebase")
    assert "No project is named" in refusal("info")
    assert read("info", "--project", project)["endpoint"] == ENDPOINT


@pytest.mark.slow
def test_control_plane_that_is_down(site: str, local_lakebase: Emulator) -> None:
    with local_lakebase.control.broken():
        for words in (["whoami"], ["create-project", "x"], ["grant", "x"]):
            control_plane.forget_clients()
            began = time.monotonic()
            said = refusal(*words)
            assert time.monotonic() - began < 10
            assert "does not answer" in said
            assert "that it is running (`make run`)" in said


def test_token_that_the_workspace_does_not_know(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_TOKEN", "dapi-wrong")
    control_plane.forget_clients()
    assert "does not accept the identity of DATABRICKS_*" in refusal("list")


def test_service_principal_may_not_provision(site: str, local_lakebase: Emulator) -> None:
    made = local_lakebase.service_principal("site")
    environment = {
        "DATABRICKS_AUTH_TYPE": "oauth-m2m", "DATABRICKS_TOKEN": "", "DATABRICKS_CLIENT_ID": made["client_id"],
        "DATABRICKS_CLIENT_SECRET": made["client_secret"],
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value) if value else patch.delenv(name)
        control_plane.forget_clients()
        assert lakebase("whoami").startswith(f"You are {made['client_id']} on ")
        assert "does not allow it to" in refusal("create-project", "theirs")
