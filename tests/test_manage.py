"""manage.py itself: before any command begins."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import manage
from tests.emulator import CHECKOUT, FOREIGN, Emulator, plain_environment

HOST = "http://127.0.0.1:8765"
SITE = {
    "DATABRICKS_HOST": HOST, "DATABRICKS_TOKEN": "dapi-owner", "DATABRICKS_AUTH_TYPE": "pat", "PGPORT": "54320",
    "LAKEBASE_PROJECT_ID": "training-app",
}  # fmt: skip
ENDPOINT = "projects/p/branches/b/endpoints/primary"


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "abc"), ("LAKEBASE_POOL_SIZE", "0"), ("DEBUG", "maybe"), ("PGPORT", "abc")]
)
@pytest.mark.parametrize("command", ["check", "up"])  # Django's own, and one that it finds through the settings
def test_a_variable_that_cannot_be_used_is_one_sentence(command: str, name: str, value: str) -> None:
    # A host that is nobody's, so that no running site's variables are taken.
    environment = plain_environment() | {"DATABRICKS_HOST": "http://127.0.0.1:1", "LAKEBASE_PROJECT_ID": "p"}
    told = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=CHECKOUT, env=environment | {name: value}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith(f"{name} is {value!r}. Set it to ")
    assert len(told.stderr.splitlines()) == 1


@pytest.fixture
def running_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The file that `up` keeps while it runs, and an environment that names nothing."""
    file = tmp_path / "site.env"
    file.write_text("".join(f"export {name}={value}\n" for name, value in SITE.items()))
    monkeypatch.setattr(manage, "SITE_VARIABLES", file)
    monkeypatch.setattr(sys, "argv", ["manage.py", "check"])
    monkeypatch.setattr(os, "environ", plain_environment())
    return monkeypatch


def used(**given: str) -> dict[str, str]:
    """What a command finds of databases and logins when it is given these."""
    os.environ.update(given)
    manage.use_the_running_site()
    return {name: value for name, value in os.environ.items() if FOREIGN.fullmatch(name)}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"DATABRICKS_HOST": "", "LAKEBASE_PROJECT_ID": " "},
        {"DATABRICKS_HOST": f"{HOST}/", "DATABRICKS_TOKEN": "dapi-owner", "PGPORT": "54320"},  # . .lakebase/env
        {"LAKEBASE_PROJECT_ID": "mine"},
        {"LAKEBASE_BRANCH_ID": "dev"},
    ],
)
def test_commands_speak_to_the_running_site(running_site: pytest.MonkeyPatch, given: dict[str, str]) -> None:
    assert used(**given) == SITE | {name: value for name, value in given.items() if value.strip()}


def test_a_given_endpoint_is_not_joined_by_the_sites_project(running_site: pytest.MonkeyPatch) -> None:
    found = used(LAKEBASE_ENDPOINT=ENDPOINT)
    assert (found["LAKEBASE_ENDPOINT"], found["DATABRICKS_HOST"]) == (ENDPOINT, HOST)
    assert "LAKEBASE_PROJECT_ID" not in found


def test_a_given_login_is_not_joined_by_the_owners(running_site: pytest.MonkeyPatch) -> None:
    found = used(DATABRICKS_HOST=HOST, DATABRICKS_CLIENT_ID="app", DATABRICKS_CLIENT_SECRET="s")
    assert found["LAKEBASE_PROJECT_ID"] == "training-app"
    assert not {"DATABRICKS_TOKEN", "DATABRICKS_AUTH_TYPE"} & set(found)


@pytest.mark.parametrize(
    "given",
    [
        {"DATABRICKS_HOST": "https://my-workspace.cloud.databricks.com"},
        {"DATABRICKS_CONFIG_PROFILE": "work"},
        {"PGHOST": "localhost"},
    ],
)
def test_another_workspace_or_database_is_left_alone(running_site: pytest.MonkeyPatch, given: dict[str, str]) -> None:
    assert used(**given) == given


@pytest.mark.parametrize("starter", manage.STARTERS)
def test_what_starts_a_site_does_not_look_for_one(running_site: pytest.MonkeyPatch, starter: str) -> None:
    running_site.setattr(sys, "argv", ["manage.py", starter])
    assert used() == {}


def test_without_a_running_site_nothing_is_added(running_site: pytest.MonkeyPatch) -> None:
    manage.SITE_VARIABLES.unlink()
    assert used() == {}


@pytest.mark.parametrize(
    ("words", "actor"),
    [
        (["seed"], "command:seed"),
        (["lakebase", "info"], "command:lakebase"),
        (["up"], None),  # its children are commands and a site, each with its own actors
        (["lakebase_local"], None),
        (["it's"], None),
        ([], None),
    ],
)
def test_a_command_acts_in_its_own_name(running_site: pytest.MonkeyPatch, words: list[str], actor: str | None) -> None:
    running_site.setattr(sys, "argv", ["manage.py", *words])
    manage.act_as_the_command()
    assert os.environ.get("LAKESHOP_ACTOR") == actor


@pytest.mark.parametrize(("level", "news"), [("", False), ("INFO", True)])
def test_a_command_tells_no_news_unless_asked(local_lakebase: Emulator, level: str, news: bool) -> None:
    environment = plain_environment() | local_lakebase.environment() | {"LAKEBASE_PROJECT_ID": "training-app"}
    connect = "from django.db import connection; connection.ensure_connection(); print('Connected.')"
    told = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", connect],
        cwd=CHECKOUT, env=environment | {"LOG_LEVEL": level}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert ("New database token" in told.stdout) == news
    assert told.stdout.endswith("Connected.\n") and (news or told.stdout == "Connected.\n")


@pytest.mark.parametrize("server", manage.SERVERS)
def test_servers_tell_their_news(running_site: pytest.MonkeyPatch, server: str) -> None:
    running_site.setattr(sys, "argv", ["manage.py", server])
    manage.log_no_news()
    assert "LOG_LEVEL" not in os.environ
