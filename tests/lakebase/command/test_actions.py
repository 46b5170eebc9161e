"""What each action does, and prints for people and programs."""

import logging
import re
import uuid
from collections.abc import Callable

import pytest
from django.core.management import call_command

from lakebase.commands import ACTIONS
from lakebase.commands.place import connection_to
from tests.conftest import DATABASE
from tests.emulator import Emulator
from tests.lakebase.command.commanding import ENDPOINT, OWNER, lakebase, place_of, read, refusal


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


def test_endpoint_in_the_environment_names_the_place(project: str, configure: Callable[..., None]) -> None:
    configure(endpoint=ENDPOINT)
    assert read("info")["endpoint"] == ENDPOINT
    configure(endpoint="projects/elsewhere/branches/dev/endpoints/primary")
    assert "branch dev of project elsewhere" in refusal("info")
    assert "branch production of project other" in refusal("info", "--project", "other")
    assert "branch trial of project elsewhere" in refusal("info", "--branch", "trial")


def test_log_is_as_before_afterwards(site: str) -> None:
    level = logging.getLogger("lakebase").level
    lakebase("info")
    assert logging.getLogger("lakebase").level == level


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_explains_itself(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("lakebase", action, "--help")
    assert ended.value.code == 0
    assert ACTIONS[action].help in " ".join(capsys.readouterr().out.split())
