"""The command as a test calls it, in this process and in one of its own."""

import io
import json
import subprocess
import sys
from argparse import Namespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from lakebase.commands.place import place
from tests.emulator import CHECKOUT, Emulator, plain_environment

PROJECT = "commanded"
OWNER = "learner@example.com"
ENDPOINT = f"projects/{PROJECT}/branches/production/endpoints/primary"


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


def place_of(project: str) -> Any:
    return place(Namespace(project=project, branch="production"))
