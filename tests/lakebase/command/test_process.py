"""The command in a process of its own: its two outputs, its prompt, the line for psql."""

import json
import os
import pty
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from lakebase import provisioning
from tests.emulator import CHECKOUT, Emulator, plain_environment
from tests.lakebase.command.commanding import OWNER, manage

PSQL = Path("/usr/bin/psql")


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
