"""Projects: made, listed, deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..control_plane import LakebaseError, ask
from ..control_plane_errors import AlreadyExists, NotFound
from .computes import Limits, Suspension, wait_until_ready
from .durations import protobuf
from .identifiers import check_identifier
from .operations import TIMEOUT_SECONDS, finish
from .outcome import Outcome, Progress, quiet

if TYPE_CHECKING:
    from databricks.sdk.service.postgres import Project as SdkProject
    from databricks.sdk.service.postgres import ProjectDefaultEndpointSettings

PG_VERSIONS = (16, 17, 18)
PG_VERSION = 17


class Protected(LakebaseError):
    """A protected branch may not be deleted, nor its project."""


class IdTaken(LakebaseError):
    """A deleted resource holds its id until it is purged."""


@dataclass(frozen=True)
class Project:
    """A project as the service describes it now. `default_branch` is the branch's id; times are aware."""

    id: str
    display_name: str
    owner: str
    pg_version: int | None
    default_branch: str
    delete_time: datetime | None = None
    purge_time: datetime | None = None


def find_project(project: str) -> Project:
    """Raises NotFound."""
    name = f"projects/{project}"
    return _described(ask(f"find the project {project}", lambda w: w.postgres.get_project(name=name)))


def list_projects(*, deleted_too: bool = False) -> list[Project]:
    """All projects that the identity sees, by id."""
    found = ask("list the projects", lambda w: list(w.postgres.list_projects(show_deleted=deleted_too)))
    return sorted(map(_described, found), key=lambda project: project.id)


def create_project(
    project: str,
    *,
    pg_version: int = PG_VERSION,
    limits: Limits | None = None,
    suspension: Suspension | None = None,
    progress: Progress = quiet,
    timeout: float = TIMEOUT_SECONDS,
) -> Outcome:
    """Make the project with its default branch and wait until its endpoint can be connected to.

    One that exists is left as it is. Raises LakebaseErrors: IdTaken when it was deleted but not purged.
    """
    check_identifier(project, "project")
    progress(f"Looking for project {project}")
    try:
        found, changed = find_project(project), False
    except NotFound:
        progress(f"Making project {project}")
        changed = _make(project, pg_version, _settings(limits, suspension), timeout)
        found = find_project(project)
    progress(f"Waiting for the endpoint of project {project}")
    wait_until_ready(project, found.default_branch, timeout)
    version = f"PostgreSQL {found.pg_version}, branch {found.default_branch}"
    if changed:
        return Outcome(f"projects/{project}", True, f"Project {project} is made: {version}.")
    return Outcome(f"projects/{project}", False, f"Project {project} exists already: {version}. It is left as it is.")


def delete_project(project: str, *, purge: bool = False, progress: Progress = quiet) -> Outcome:
    """Delete the project with all its branches; it can be had back for 7 days unless `purge`.

    One that does not exist is no error. Raises Protected and other LakebaseErrors.
    """
    check_identifier(project, "project")
    name = f"projects/{project}"
    progress(f"Looking for project {project}")
    found = next((each for each in list_projects(deleted_too=True) if each.id == project), None)
    if found is None:
        return Outcome(name, False, f"There is no project {project}.")
    if found.delete_time and not purge:
        return Outcome(name, False, f"Project {project} is deleted already. {_kept_until(found.purge_time)}")
    if not found.delete_time:
        _check_protection(project)
    progress(f"Deleting project {project}")
    finish(f"delete the project {project}", lambda w: w.postgres.delete_project(name=name, purge=purge or None))
    if purge:
        return Outcome(name, True, f"Project {project} is deleted for good.")
    return Outcome(name, True, f"Project {project} is deleted. It can be undeleted for 7 days.")


def aware(time: Any) -> datetime | None:
    """A protobuf Timestamp as an aware datetime."""
    return time.ToDatetime(tzinfo=UTC) if time else None


def _kept_until(purge_time: datetime | None) -> str:
    until = f"until {purge_time:%Y-%m-%d %H:%M} UTC" if purge_time else "for 7 days"
    return f"Its id stays taken {until}; --purge frees it now."


def _make(project: str, pg_version: int, settings: ProjectDefaultEndpointSettings | None, timeout: float) -> bool:
    from databricks.sdk.service.postgres import Project as SdkProject
    from databricks.sdk.service.postgres import ProjectSpec

    if pg_version not in PG_VERSIONS:
        known = ", ".join(map(str, PG_VERSIONS))
        raise LakebaseError(f"PostgreSQL {pg_version} is not offered. Choose one of {known}.")
    spec = ProjectSpec(display_name=project, pg_version=pg_version, default_endpoint_settings=settings)
    wanted = SdkProject(spec=spec)
    try:
        finish(
            f"make the project {project}",
            lambda w: w.postgres.create_project(project=wanted, project_id=project),
            timeout,
        )
    except AlreadyExists as refusal:
        # Made by another in this moment, or by our own request that was repeated because its answer was slow.
        _check_not_deleted(project, refusal)
        return False
    return True


def _settings(limits: Limits | None, suspension: Suspension | None) -> ProjectDefaultEndpointSettings | None:
    from databricks.sdk.service.postgres import ProjectDefaultEndpointSettings

    if limits is None and suspension is None:
        return None
    settings = ProjectDefaultEndpointSettings()
    if limits is not None:
        settings.autoscaling_limit_min_cu, settings.autoscaling_limit_max_cu = limits.min_cu, limits.max_cu
    if suspension is not None:
        settings.no_suspension = suspension.seconds is None or None
        settings.suspend_timeout_duration = protobuf(suspension.seconds) if suspension.seconds else None
    return settings


def _check_not_deleted(project: str, refusal: AlreadyExists) -> None:
    found = next((each for each in list_projects(deleted_too=True) if each.id == project), None)
    if found is not None and found.delete_time is None:
        return
    if found is None:
        raise IdTaken(f"The id {project} is taken by a project that you cannot see. Choose another id.") from refusal
    raise IdTaken(
        f"Project {project} was deleted and holds its id until it is purged. Choose another id, or free this one with "
        f"`manage.py lakebase delete-project {project} --purge --yes`."
    ) from refusal


def _check_protection(project: str) -> None:
    parent = f"projects/{project}"
    branches = ask(f"list the branches of project {project}", lambda w: list(w.postgres.list_branches(parent=parent)))
    for branch in branches:
        if branch.status and branch.status.is_protected:
            raise Protected(
                f"Project {project} cannot be deleted: its branch {branch.status.branch_id} is protected. Lift the "
                "protection (is_protected, on the branch's page of the workspace or with the SDK's update_branch), "
                "then repeat."
            )


def _described(found: SdkProject) -> Project:
    status = found.status
    # Reads carry no spec, and a project has no state.
    return Project(
        id=(found.name or "").removeprefix("projects/"),
        display_name=(status and status.display_name) or "",
        owner=(status and status.owner) or "",
        pg_version=status.pg_version if status else None,
        default_branch=((status and status.default_branch) or "production").rsplit("/", 1)[-1],
        delete_time=aware(found.delete_time),
        purge_time=aware(found.purge_time),
    )
