"""whoami, info: who you are, where the database is, and how to open it."""

from __future__ import annotations

import shlex
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.conninfo import make_conninfo

from .. import control_plane
from ..backend.entry import read_entry
from ..control_plane import Credential, Endpoint
from ..provisioning import BranchWithEndpoint, Project, branches_with_endpoints, find_project
from .action import Action, Report
from .place import Place, add_place, configured_place, place
from .projects import branch_payload, size, sleeps
from .terminal import Terminal

if TYPE_CHECKING:
    from rich.table import Table

PASSWORD = "PGPASSWORD"


@dataclass(frozen=True)
class Access:
    """All that logging in to a branch needs, but the token."""

    where: Place
    endpoint: Endpoint
    port: int
    database: str
    user: str
    sslmode: str
    sslrootcert: str | None

    def psql(self, password: str) -> str:
        """A line to paste into a shell, `password` being shell text. Tables need no schema before their names."""
        conninfo = make_conninfo(
            host=self.endpoint.host, port=self.port, dbname=self.database, user=self.user, sslmode=self.sslmode,
            sslrootcert=self.sslrootcert, options=f"-csearch_path={settings.SHOP_SCHEMA},public",
        )  # fmt: skip
        return f"{PASSWORD}={password} psql {shlex.quote(conninfo)}"


def access(where: Place) -> Access:
    """Raises NotFound and other LakebaseErrors."""
    entry_settings = connections[DEFAULT_DB_ALIAS].settings_dict
    options = entry_settings["OPTIONS"]
    entry = read_entry(entry_settings)
    endpoint = control_plane.read_write_endpoint(where.project, where.branch)
    configured = entry.user if entry and where == configured_place() else ""
    sslmode = options.get("sslmode", "require")
    return Access(
        where, endpoint, port=int(entry_settings["PORT"] or 5432), database=entry_settings["NAME"],
        user=configured or control_plane.current_user(),
        sslmode=sslmode if sslmode.startswith("verify-") else "require", sslrootcert=options.get("sslrootcert"),
    )  # fmt: skip


def _whoami(options: Namespace, terminal: Terminal) -> Report:
    with terminal.working():
        user = control_plane.current_user()
    host = control_plane.host()
    return Report({"user": user, "host": host}, f"You are {user} on {host}.")


def _info_arguments(parser: ArgumentParser) -> None:
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--token", action="store_true", help="with a fresh database token, good for an hour")
    shown.add_argument("--token-only", action="store_true", help="nothing but a fresh database token")
    add_place(parser)


def _info(options: Namespace, terminal: Terminal) -> Report:
    where = place(options)
    with terminal.working() as progress:
        progress(f"Looking for branch {where.branch} of {where.project}")
        found = access(where)
        credential = None
        if options.token or options.token_only:
            credential = control_plane.database_credential(found.endpoint.name)
        if options.token_only and credential:
            token = credential.token.reveal()
            return Report({"token": token, "token_expires_at": credential.expire_time}, to_copy=token)
        project, branches = find_project(where.project), branches_with_endpoints(where.project)
    return _described(found, project, branches, credential)


def _described(
    found: Access, project: Project, branches: list[BranchWithEndpoint], credential: Credential | None
) -> Report:
    line = found.psql(shlex.quote(credential.token.reveal()) if credential else f'"$({_token_command(found.where)})"')
    payload: dict[str, Any] = {
        "project": found.where.project, "branch": found.where.branch, "pg_version": project.pg_version,
        "endpoint": found.endpoint.name, "host": found.endpoint.host, "port": found.port, "database": found.database,
        "user": found.user, "state": found.endpoint.state, "disabled": found.endpoint.disabled,
        "min_cu": found.endpoint.min_cu, "max_cu": found.endpoint.max_cu,
        "suspend_after_seconds": found.endpoint.suspend_after_seconds,
        "branches": [branch_payload(each) for each in branches], "psql": line,
    }  # fmt: skip
    if credential:
        payload |= {"token": credential.token.reveal(), "token_expires_at": credential.expire_time}
    return Report(payload, _card(found, project, branches, credential), f"{line}\n")


def _card(found: Access, project: Project, branches: list[BranchWithEndpoint], credential: Credential | None) -> Table:
    from rich.table import Table

    endpoint = found.endpoint
    card = Table.grid(padding=(0, 2))
    card.add_column(style="bold", no_wrap=True)
    card.add_column(overflow="fold")
    rows = {
        "Project": f"{project.id}, PostgreSQL {project.pg_version}, owner {project.owner}",
        "Branch": found.where.branch,
        "Endpoint": endpoint.name,
        "Host": endpoint.host,
        "Port": str(found.port),
        "Database": found.database,
        "User": found.user,
        "State": f"{endpoint.state or 'unknown'}{', disabled' if endpoint.disabled else ''}",
        "Size": size(endpoint.min_cu, endpoint.max_cu),
        "Suspends": sleeps(endpoint.suspend_after_seconds),
        "Branches": ", ".join(each.branch.id for each in branches),
    }
    if credential:
        rows["Token"] = f"good until {credential.expire_time:%Y-%m-%d %H:%M} UTC; keep it to yourself"
    for name, value in rows.items():
        card.add_row(name, value)
    card.add_row()
    return card


def _token_command(where: Place) -> str:
    """What prints a fresh token, typed in any directory."""
    words = [sys.executable, str(settings.BASE_DIR / "manage.py"), "lakebase", "info", "--token-only"]
    if where != configured_place():
        words += ["--project", where.project, "--branch", where.branch]
    return shlex.join(words)


CONNECTING = (
    Action("whoami", "Who the workspace takes you for.", lambda parser: None, _whoami),
    Action("info", "Where a branch is, how it is set, and a psql line for it.", _info_arguments, _info),
)
