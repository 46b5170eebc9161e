"""`manage.py lakebase`: what people read, what programs read, and one sentence for every failure."""

import io
import json
import logging
import os
import pty
import re
import subprocess
import sys
import time
import uuid
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from lakebase import control_plane, provisioning, workspace_client
from lakebase.commands import ACTIONS
from lakebase.commands.place import connection_to, place
from tests.conftest import DATABASE
from tests.emulator import CHECKOUT, Emulator, plain_environment

PROJECT = "commanded"
OWNER = "learner@example.com"
ENDPOINT = f"projects/{PROJECT}/branches/production/endpoints/primary"
PSQL = Path("/usr/bin/psql")


@pytest.fixture(scope="module")
def project(local_lakebase: Emulator) -> Iterator[str]:
    provisioning.create_project(PROJECT)
    yield PROJECT
    provisioning.delete_project(PROJECT, purge=True)


@pytest.fixture
def configure(
    local_lakebase: Emulator, monkeypatch: pytest.MonkeyPatch, django_db_blocker: DjangoDbBlocker
) -> Iterator[Callable[..., None]]:
    """Make the alias "default" what settings.py would read from an environment: its OPTIONS["lakebase"]."""
    default = connections["default"]

    def configured(**lakebase: Any) -> None:
        default.close()  # before its settings change: it may hold a connection of theirs
        settings = default.settings_dict | {"NAME": DATABASE, "HOST": "", "USER": "", "PORT": local_lakebase.pg_port}
        settings["OPTIONS"] = {"options": "-c search_path=ecommerce,public", "lakebase": lakebase}
        monkeypatch.setattr(default, "settings_dict", settings)

    with django_db_blocker.unblock():
        configured()
        yield configured
        default.close()


@pytest.fixture
def site(project: str, configure: Callable[..., None]) -> str:
    """The project that the environment names."""
    configure(project=project, branch="production")
    return project


def lakebase(*words: str) -> str:
    """What the command prints."""
    page = io.StringIO()
    call_command("lakebase", *words, stdout=page)
    return page.getvalue()


def read(*words: str) -> Any:
    return json.loads(lakebase(*words, "--json"))


def refusal(*words: str) -> str:
    with pytest.raises(CommandError) as raised:
        lakebase(*words)
    return str(raised.value)


def manage(local: Emulator, *words: str, project: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    """The command as people run it, in a process of its own."""
    environment = plain_environment() | local.environment() | ({"LAKEBASE_PROJECT_ID": project} if project else {})
    command = [sys.executable, "manage.py", "lakebase", *words]
    return subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=60, **options)


def test_whoami(configure: Callable[..., None], local_lakebase: Emulator) -> None:
    host = f"http://127.0.0.1:{local_lakebase.control.port}"
    assert lakebase("whoami") == f"You are {OWNER} on {host}.\n"
    assert read("whoami") == {"user": OWNER, "host": host}


def test_project_from_beginning_to_end(configure: Callable[..., None]) -> None:
    shop = f"shop-{uuid.uuid4().hex[:8]}"
    made = read("create-project", shop, "--pg-version", "18", "--min-cu", "1", "--max-cu", "4", "--suspend-after", "2m")
    assert made == {
        "changed": True, "name": f"projects/{shop}",
        "message": f"Project {shop} is made: PostgreSQL 18, branch production.",
    }  # fmt: skip
    assert "exists already: PostgreSQL 18" in lakebase("create-project", shop)
    (listed,) = read("list", "--project", shop)["projects"]
    assert (listed["project"], listed["pg_version"], listed["owner"]) == (shop, 18, OWNER)
    (branch,) = listed["branches"]
    assert (branch["branch"], branch["default"], branch["expire_time"]) == ("production", True, None)
    assert (branch["min_cu"], branch["max_cu"], branch["suspend_after_seconds"]) == (1, 4, 120)
    assert lakebase("delete-project", shop, "--yes").startswith(f"Project {shop} is deleted. ")
    assert "is deleted already" in lakebase("delete-project", shop)
    assert f"This deletes project {shop} for good. Nobody can answer" in refusal("delete-project", shop, "--purge")
    assert "--purge --yes`" in refusal("create-project", shop)
    assert read("delete-project", shop, "--yes", "--purge")["changed"]
    assert read("delete-project", shop, "--yes", "--purge")["changed"] is False
    assert lakebase("delete-project", shop) == f"There is no project {shop}.\n"


def test_branch_from_beginning_to_end(site: str) -> None:
    assert lakebase("create-branch", "trial") == f"Branch trial of {site} is made. It is deleted after 7d.\n"
    as_it_is = f"Branch trial of {site} exists already. It is left as it is."
    assert lakebase("create-branch", "trial") == f"{as_it_is}\n"
    for option in (["--ttl", "1h"], ["--no-expiry"]):
        told = lakebase("create-branch", "trial", *option)
        assert told == f"{as_it_is} Its expiry, too: {option[0]} is for a new branch only.\n"
    kept = lakebase("create-branch", "kept", "--from", "production", "--no-expiry", "--project", site)
    assert kept.endswith("It does not expire.\n")
    branches = {each["branch"]: each for each in read("list", "--project", site)["projects"][0]["branches"]}
    assert branches["trial"]["expire_time"].startswith("20")
    assert (branches["kept"]["source"], branches["kept"]["expire_time"]) == ("production", None)
    for branch in ("trial", "kept"):
        assert read("delete-branch", branch, "--purge")["changed"]
        assert lakebase("delete-branch", branch) == f"Project {site} has no branch {branch}.\n"


def test_resize_and_suspend_after(site: str) -> None:
    assert read("resize", "--min-cu", "0.5", "--max-cu", "4")["name"] == ENDPOINT
    assert lakebase("resize", "--max-cu", "4") == f"Branch production of {site} has 0.5 to 4 CU already.\n"
    assert lakebase("suspend-after", "never").startswith(f"Branch production of {site} now never suspends")
    assert lakebase("suspend-after", "90s") == f"Branch production of {site} now suspends after 90s.\n"
    assert read("suspend-after", "90s")["changed"] is False
    told = read("info")
    assert (told["min_cu"], told["max_cu"], told["suspend_after_seconds"]) == (0.5, 4, 90)


def test_info(site: str, local_lakebase: Emulator) -> None:
    page = lakebase("info")
    for line in (
        f"Endpoint  {ENDPOINT}",
        "Host      127.0.0.1",
        f"Port      {local_lakebase.pg_port}",
        f"User      {OWNER}",
    ):
        assert line in page.splitlines()
    told = read("info")
    assert (told["endpoint"], told["host"], told["port"]) == (ENDPOINT, "127.0.0.1", local_lakebase.pg_port)
    assert (told["database"], told["user"], told["project"], told["branch"]) == (DATABASE, OWNER, site, "production")
    assert [each["branch"] for each in told["branches"]] == ["production"]
    assert told["psql"] in page


def test_token_is_shown_only_when_asked_for(site: str) -> None:
    is_token = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
    assert not is_token.search(lakebase("info") + lakebase("info", "--json"))
    assert is_token.search(lakebase("info", "--token"))
    told = read("info", "--token")
    assert told["token"] in told["psql"]
    assert told["token_expires_at"].startswith("20")
    assert is_token.fullmatch(lakebase("info", "--token-only").removesuffix("\n"))


def test_tables_fit_eighty_columns(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    long = "a-branch-with-a-name-that-goes-on-and-on-for-sixty-letters-or-so"[:63].rstrip("-")
    lakebase("create-branch", long)
    try:
        page = lakebase("list")
        assert max(map(len, page.splitlines())) <= 80
        assert page.startswith(" Project")
        assert max(len(line) for line in lakebase("info").splitlines() if "psql" not in line) <= 80
    finally:
        lakebase("delete-branch", long, "--purge")


@pytest.mark.slow
@pytest.mark.parametrize("words", [["info", "--token"], ["info"]], ids=["token", "no token"])
@pytest.mark.skipif(not PSQL.exists(), reason="psql is not installed")
def test_psql_line_works_as_pasted_anywhere(
    project: str, local_lakebase: Emulator, words: list[str], tmp_path: Path
) -> None:
    line = manage(local_lakebase, *words, project=project).stdout.splitlines()[-1]
    environment = plain_environment() | local_lakebase.environment() | {"LAKEBASE_PROJECT_ID": project}
    asked = subprocess.run(
        ["sh", "-c", f"{line} -XAtc 'SELECT current_user' -c 'SHOW search_path'"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (asked.stdout, asked.stderr, asked.returncode) == (f"{OWNER}\necommerce,public\n", "", 0)


def test_psql_line_of_another_branch(project: str, configure: Callable[..., None]) -> None:
    configure(project="other-project", branch="production")
    line = read("info", "--project", project)["psql"]
    assert f"lakebase info --token-only --project {project} --branch production)" in line


def test_grant_and_role(site: str, local_lakebase: Emulator, configure: Callable[..., None]) -> None:
    role = local_lakebase.service_principal("site")["client_id"]
    assert f"has no Postgres role {role}. Make it with `manage.py lakebase create-role {role}`" in refusal(
        "grant", role
    )
    assert lakebase("create-role", role).startswith(f"Branch production of {site} now has the role {role}")
    assert "already" in lakebase("create-role", role)
    assert "schema ecommerce does not exist in this database" in refusal("grant", role)
    with connection_to(place_of(site)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA ecommerce")
        cursor.execute("CREATE TABLE ecommerce.django_session (session_key text)")
    shown = read("grant", role, "--dry-run")
    assert not shown["changed"]
    assert f'GRANT USAGE ON SCHEMA "ecommerce" TO "{role}";' in shown["statements"]
    assert "auth_user" in shown["unmade_tables"]
    page = lakebase("grant", role, "--dry-run")
    assert page.startswith(f"Role {role} lacks {len(shown['statements'])} statements on branch production of {site}:")
    assert f'GRANT USAGE ON SCHEMA "ecommerce" TO "{role}";' in page.splitlines()
    granted = read("grant", role)
    assert granted["changed"]
    assert granted["statements"] == shown["statements"]
    again = lakebase("grant", role)
    assert again.startswith(f"Role {role} has everything the site needs already.\nNot made yet, so not granted: ")
    assert "auth_user" in again


def test_grant_by_who_owns_nothing(site: str, local_lakebase: Emulator, configure: Callable[..., None]) -> None:
    principal = local_lakebase.service_principal("stranger")
    lakebase("create-role", principal["client_id"])
    with connection_to(place_of(site)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS ecommerce")
    configure(project=site, branch="production", **principal)
    said = refusal("grant", principal["client_id"])
    assert f"since the owner is {OWNER}. Run `manage.py lakebase grant" in said


def place_of(project: str) -> Any:
    return place(Namespace(project=project, branch="production"))


def test_endpoint_in_the_environment_names_the_place(project: str, configure: Callable[..., None]) -> None:
    configure(endpoint=ENDPOINT)
    assert read("info")["endpoint"] == ENDPOINT
    configure(endpoint="projects/elsewhere/branches/dev/endpoints/primary")
    assert "branch dev of project elsewhere" in refusal("info")
    assert "branch production of project other" in refusal("info", "--project", "other")
    assert "branch trial of project elsewhere" in refusal("info", "--branch", "trial")


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


def test_process_tells_one_sentence_and_fails(local_lakebase: Emulator, project: str) -> None:
    ended = manage(local_lakebase, "resize", "--min-cu", "0.3", project=project)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "CommandError: The smallest size cannot be 0.3 CU. Give 0.5 or a whole number, 1 to 112.\n"


@pytest.mark.slow
def test_nothing_but_json_on_stdout(local_lakebase: Emulator, project: str) -> None:
    role = local_lakebase.service_principal("site")["client_id"]
    assert manage(local_lakebase, "create-role", role, project=project).returncode == 0
    ended = manage(local_lakebase, "info", "--json", "--token", project=project)
    assert json.loads(ended.stdout)["user"] == OWNER
    assert ended.stderr == ""


def test_log_is_as_before_afterwards(site: str) -> None:
    level = logging.getLogger("lakebase").level
    lakebase("info")
    assert logging.getLogger("lakebase").level == level


@pytest.mark.parametrize(("typed", "gone"), [("{}\n", True), ("no\n", False), ("\n", False)])
def test_deletion_is_confirmed_by_the_id(local_lakebase: Emulator, typed: str, gone: bool) -> None:
    shop = f"shop-{uuid.uuid4().hex[:8]}"
    provisioning.create_project(shop)
    person, terminal = pty.openpty()
    try:
        os.write(person, typed.format(shop).encode())
        ended = manage(local_lakebase, "delete-project", shop, stdin=terminal)
    finally:
        os.close(person)
        os.close(terminal)
    assert f"This deletes project {shop} with all its branches. Type {shop} to confirm: " in ended.stderr
    assert (ended.returncode == 0) is gone
    assert (shop not in {each.id for each in provisioning.list_projects()}) is gone
    if not gone:
        assert f"That was not {shop}. Nothing was changed." in ended.stderr
    provisioning.delete_project(shop, purge=True)


def test_progress_is_shown_to_people_only(local_lakebase: Emulator, project: str) -> None:
    person, terminal = pty.openpty()
    try:
        environment = plain_environment() | local_lakebase.environment() | {"TERM": "xterm"}
        command = [sys.executable, "manage.py", "lakebase", "list", "--project", project, "--json"]
        ended = subprocess.run(
            command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, stderr=terminal, timeout=60
        )
        shown = os.read(person, 65536).decode()
    finally:
        os.close(person)
        os.close(terminal)
    assert json.loads(ended.stdout)["projects"][0]["project"] == project
    assert "Looking for projects" in shown


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_explains_itself(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("lakebase", action, "--help")
    assert ended.value.code == 0
    assert ACTIONS[action].help in " ".join(capsys.readouterr().out.split())
