"""list, create-project, delete-project."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from django.core.management import CommandError

from ..provisioning import (
    Branch,
    BranchWithEndpoint,
    Limits,
    Project,
    create_project,
    delete_project,
    list_projects,
    survey,
    write_duration,
)
from ..provisioning.identifiers import check_identifier
from ..provisioning.projects import PG_VERSION, PG_VERSIONS
from .action import Action, Report, compute_units, outcome_report
from .computes import add_suspension, suspension
from .terminal import Terminal

if TYPE_CHECKING:
    from rich.table import Table

VERSIONS = ", ".join(map(str, PG_VERSIONS))


def _list_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--project", metavar="ID", help="only this one; default: all that you may see")


def _list(options: Namespace, terminal: Terminal) -> Report:
    with terminal.working() as progress:
        progress("Looking for projects")
        found = survey(options.project)
    payload = {"projects": [_project_payload(project, branches) for project, branches in found]}
    if not found:
        return Report(payload, "There is no project yet. `manage.py lakebase create-project ID` makes one.")
    return Report(payload, _table(found))


def _project_payload(project: Project, branches: list[BranchWithEndpoint]) -> dict[str, Any]:
    return {
        "project": project.id, "pg_version": project.pg_version, "owner": project.owner,
        "default_branch": project.default_branch, "branches": [branch_payload(each) for each in branches],
    }  # fmt: skip


def branch_payload(found: BranchWithEndpoint) -> dict[str, Any]:
    """A branch and its compute as `list` and `info` tell programs."""
    branch, endpoint = found.branch, found.endpoint
    return {
        "branch": branch.id, "state": branch.state, "default": branch.default, "protected": branch.protected,
        "source": branch.source or None, "size_bytes": branch.size_bytes, "expire_time": branch.expire_time,
        "endpoint": endpoint and endpoint.name, "host": endpoint and endpoint.host,
        "endpoint_state": endpoint and endpoint.state, "min_cu": endpoint and endpoint.min_cu,
        "max_cu": endpoint and endpoint.max_cu, "suspend_after_seconds": endpoint and endpoint.suspend_after_seconds,
    }  # fmt: skip


def _table(found: list[tuple[Project, list[BranchWithEndpoint]]]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for heading in ("Project", "Branch"):
        table.add_column(heading, overflow="fold")
    for heading in ("State", "Size", "Suspends", "Expires (UTC)"):
        table.add_column(heading, no_wrap=True)
    for project, branches in found:
        for number, each in enumerate(branches):
            table.add_row("" if number else project.id, _marked(each.branch), *_compute_cells(each))
    return table


def _marked(branch: Branch) -> str:
    marks = [mark for mark, is_so in (("default", branch.default), ("protected", branch.protected)) if is_so]
    return f"{branch.id} ({', '.join(marks)})" if marks else branch.id


def _compute_cells(found: BranchWithEndpoint) -> tuple[str, str, str, str]:
    expires = f"{found.branch.expire_time:%Y-%m-%d %H:%M}" if found.branch.expire_time else "never"
    endpoint = found.endpoint
    if endpoint is None:
        return found.branch.state or "?", "", "", expires
    return (
        endpoint.state or "?",
        size(endpoint.min_cu, endpoint.max_cu),
        sleeps(endpoint.suspend_after_seconds),
        expires,
    )


def size(min_cu: float | None, max_cu: float | None) -> str:
    if min_cu is None or max_cu is None:
        return "?"
    return f"{min_cu:g} CU" if min_cu == max_cu else f"{min_cu:g}-{max_cu:g} CU"


def sleeps(seconds: float | None) -> str:
    return "never" if seconds is None else f"after {write_duration(seconds)}"


def _create_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="lower-case letters, digits and hyphens")
    parser.add_argument("--pg-version", metavar="N", default=str(PG_VERSION), help=f"{VERSIONS}; default: %(default)s")
    parser.add_argument("--min-cu", metavar="CU", help="smallest size; default: the workspace's")
    parser.add_argument("--max-cu", metavar="CU", help="largest size; default: the workspace's")
    add_suspension(parser, "--suspend-after")


def _create(options: Namespace, terminal: Terminal) -> Report:
    min_cu, max_cu = compute_units(options.min_cu), compute_units(options.max_cu)
    if (min_cu is None) != (max_cu is None):
        raise CommandError("A new project takes both sizes or none. Add the other of --min-cu and --max-cu.")
    limits = None if min_cu is None or max_cu is None else Limits(min_cu, max_cu)
    sleep = suspension(options.suspend_after) if options.suspend_after else None
    if options.pg_version not in map(str, PG_VERSIONS):
        raise CommandError(f"PostgreSQL {options.pg_version!r} is not offered. Choose one of {VERSIONS}.")
    version = int(options.pg_version)
    with terminal.working() as progress:
        return outcome_report(
            create_project(options.id, pg_version=version, limits=limits, suspension=sleep, progress=progress)
        )


def _delete_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--purge", action="store_true", help="for good: it cannot be undeleted, and its id is free")


def _delete(options: Namespace, terminal: Terminal) -> Report:
    check_identifier(options.id, "project")
    if not options.yes and _is_there(options, terminal):
        what = "for good" if options.purge else "with all its branches"
        terminal.confirm(f"This deletes project {options.id} {what}.", options.id, "add --yes.")
    with terminal.working() as progress:
        return outcome_report(delete_project(options.id, purge=options.purge, progress=progress))


def _is_there(options: Namespace, terminal: Terminal) -> bool:
    """Whether there is anything to delete, and so to ask about."""
    with terminal.working() as progress:
        progress(f"Looking for project {options.id}")
        return any(each.id == options.id for each in list_projects(deleted_too=options.purge))


PROJECTS = (
    Action("list", "All projects with their branches and computes.", _list_arguments, _list),
    Action(
        "create-project", "Make a project with its branch production, unless it exists.", _create_arguments, _create
    ),
    Action("delete-project", "Delete a project with all its branches.", _delete_arguments, _delete),
)
