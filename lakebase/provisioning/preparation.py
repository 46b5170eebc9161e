"""Everything that must be there before the site serves: project, branch, role, tables, rights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection as default_connection
from django.db.backends.base.base import BaseDatabaseWrapper

from .. import permissions
from ..control_plane_errors import NotFound
from .branches import create_branch, list_branches
from .outcome import Outcome, Progress, quiet
from .projects import create_project, find_project
from .roles import create_role, has_role


@dataclass(frozen=True)
class Step:
    """Something that is missing, in words, and how to make it."""

    sentence: str
    apply: Callable[[Progress], Outcome]

    def __str__(self) -> str:
        return self.sentence


def plan(project: str, branch: str, role: str | None = None) -> list[Step]:
    """What the workspace lacks, in the order to make it; nothing when all is there."""
    steps: list[Step] = []
    there: set[str] = set()
    try:
        default = find_project(project).default_branch
        there = {each.id for each in list_branches(project)}
    except NotFound:
        default = "production"
        steps.append(Step(f"Make project {project}", lambda progress: create_project(project, progress=progress)))
    if branch not in there | {default}:
        steps.append(
            Step(
                f"Make branch {branch} of project {project}",
                lambda progress: create_branch(project, branch, ttl_seconds=None, progress=progress),
            )
        )
    if role and not (branch in there and has_role(project, branch, role)):
        steps.append(
            Step(
                f"Make the Postgres role {role} on branch {branch}",
                lambda progress: create_role(project, branch, role, progress=progress),
            )
        )
    return steps


def prepare(
    project: str,
    branch: str,
    role: str,
    *,
    reader: str | None = None,
    migrate: Callable[[], object],
    connection: BaseDatabaseWrapper = default_connection,
    progress: Progress = quiet,
) -> list[Outcome]:
    """Make what is missing, `migrate`, and grant to `role` what the installed apps need; safe to repeat.

    `reader` is a login of its own for the query builder, which may change into the roles that only read. `connection`
    and `migrate` act as the owner. Returns what was done, changed or not. Raises LakebaseErrors, and django.db.Error
    when the database refuses.
    """
    outcomes: list[Outcome] = []
    for login in filter(None, (role, reader)):
        for step in plan(project, branch, login):
            progress(str(step))
            outcomes.append(step.apply(progress))
    progress("Applying the migrations")
    migrate()
    progress(f"Granting to {role}")
    granted = permissions.apply(connection, role)
    outcomes.append(Outcome(role, bool(granted), permissions.told(role, granted)))
    if reader:
        granted = permissions.apply(connection, reader, only_reading=True)
        outcomes.append(Outcome(reader, bool(granted), permissions.told(reader, granted, only_reading=True)))
    return outcomes
