"""`manage.py dbshell`: a shell on the database, with a token made this moment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.core.management import CommandError
from django.db.backends.postgresql import client

from ..control_plane import LakebaseError
from .entry import NOTHING_CONFIGURED, Entry, Mode, read_entry

# Without TLS psql refuses this before it connects to anything: "sslmode value "require" invalid when SSL support ...".
TLS_PROBE = ("-X", "-w", "-d", "host=127.0.0.1 port=1 sslmode=require connect_timeout=2", "-c", "")
NO_TLS = "SSL support is not compiled in"


class DatabaseClient(client.DatabaseClient):
    """Django's shell; in Lakebase modes a psql that has TLS, else pgcli, told where and as whom to log in."""

    def runshell(self, parameters: Iterable[str]) -> None:
        entry = read_entry(self.connection.settings_dict, self.connection.alias)
        if entry is None:
            super().runshell(parameters)
        elif entry.mode is Mode.UNCONFIGURED:
            raise CommandError(NOTHING_CONFIGURED)
        else:
            LoggedInShell(shell_with_tls(), logged_in(self.connection.settings_dict, entry)).runshell(parameters)


class LoggedInShell(client.DatabaseClient):
    """Django's shell on settings that hold a token. They live as long as the shell; no command line shows it."""

    def __init__(self, command: str, settings: dict[str, Any]) -> None:
        super().__init__(SimpleNamespace(settings_dict=settings))  # type: ignore[arg-type]
        self.command = command

    def settings_to_cmd_args_env(  # type: ignore[override]
        self, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str]]:
        args, env = super().settings_to_cmd_args_env(settings_dict, parameters)
        session = settings_dict["OPTIONS"].get("options")
        return [self.command, *args[1:]], {**(env or {}), **({"PGOPTIONS": session} if session else {})}


def logged_in(settings: dict[str, Any], entry: Entry) -> dict[str, Any]:
    """A copy of an alias's settings with host, user and token filled in; CommandError when there is no login."""
    try:
        login = entry.tokens.login(entry.user)
    except LakebaseError as error:
        raise CommandError(str(error)) from None
    return {
        **settings,
        "HOST": login.endpoint.host if login.endpoint else entry.host,
        "USER": login.user,
        "PASSWORD": login.token.value.reveal(),
        "OPTIONS": {"sslmode": "require", **settings["OPTIONS"]},
    }


def shell_with_tls() -> str:
    """The command of a psql on PATH that speaks TLS, else of pgcli; CommandError when there is neither."""
    for folder in os.get_exec_path():
        if (psql := shutil.which("psql", path=folder)) and _has_tls(psql):
            return psql
    beside_python = shutil.which("pgcli", path=str(Path(sys.executable).parent))
    if pgcli := beside_python or shutil.which("pgcli"):
        return pgcli
    raise CommandError(
        "There is no psql with TLS on PATH and no pgcli. Install one of them: `pip install pgcli`, `apt-get install "
        "postgresql-client` or `brew install libpq`."
    )


def _has_tls(psql: str) -> bool:
    with subprocess.Popen([psql, *TLS_PROBE], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as probe:
        return NO_TLS not in probe.communicate(timeout=10)[1]
