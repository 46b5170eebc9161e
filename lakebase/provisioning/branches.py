"""Branches: made with an expiry or none, described with their compute, deleted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..control_plane import Endpoint, LakebaseError, NoEndpoint, ask, read_write_endpoint
from ..control_plane_errors import AlreadyExists, NotFound
from .computes import wait_until_ready
from .durations import protobuf, write_duration
from .identifiers import check_identifier
from .operations import TIMEOUT_SECONDS, finish
from .outcome import Outcome, Progress, quiet
from .projects import IdTaken, Project, Protected, aware, list_projects

if TYPE_CHECKING:
    from databricks.sdk.service.postgres import Branch as SdkBranch

LONGEST_LIFE = 30 * 86_400
REQUESTS_AT_ONCE = 8


@dataclass(frozen=True)
class Branch:
    """A branch as the service describes it now; `source` is the id of the branch it was copied from, "" for a root."""

    project: str
    id: str
    state: str | None
    default: bool
    protected: bool
    source: str
    size_bytes: int | None
    expire_time: datetime | None
    delete_time: datetime | None = None


@dataclass(frozen=True)
class BranchWithEndpoint:
    """A branch and its read-write endpoint; None while that is still being made."""

    branch: Branch
    endpoint: Endpoint | None


def find_branch(project: str, branch: str) -> Branch:
    """Raises NotFound."""
    name = f"projects/{project}/branches/{branch}"
    doing = f"find the branch {branch} of project {project}"
    return _described(project, ask(doing, lambda w: w.postgres.get_branch(name=name)))


def list_branches(project: str, *, deleted_too: bool = False) -> list[Branch]:
    """The project's branches, the default one first. Raises NotFound."""
    found = ask(
        f"list the branches of project {project}",
        lambda w: list(w.postgres.list_branches(parent=f"projects/{project}", show_deleted=deleted_too or None)),
    )
    return sorted((_described(project, each) for each in found), key=lambda each: (not each.default, each.id))


def create_branch(
    project: str,
    branch: str,
    *,
    ttl_seconds: int | None,
    source: str | None = None,
    progress: Progress = quiet,
    timeout: float = TIMEOUT_SECONDS,
) -> Outcome:
    """Make a branch of `source` (None: the project's default branch) and wait until it can be connected to.

    It is deleted by the service after `ttl_seconds`; None is never. One that exists is left as it is. Raises
    NotFound, IdTaken and other LakebaseErrors.
    """
    check_identifier(branch, "branch")
    if source is not None:
        check_identifier(source, "branch")
    _check_life(ttl_seconds)
    name = f"projects/{project}/branches/{branch}"
    progress(f"Looking for branch {branch} of project {project}")
    known = {each.id: each for each in list_branches(project, deleted_too=True)}
    if branch in known and known[branch].delete_time is None:
        return Outcome(name, False, f"Branch {branch} of {project} exists already. It is left as it is.")
    if branch in known:
        raise IdTaken(
            f"Branch {branch} of {project} was deleted and holds its id until it is purged. Choose another id, or free "
            f"this one with `manage.py lakebase delete-branch {branch} --project {project} --purge`."
        )
    if source is not None and (source not in known or known[source].delete_time):
        there = ", ".join(each.id for each in known.values() if each.delete_time is None)
        raise NotFound(f"Project {project} has no branch {source} to copy. Choose one of: {there}.")
    progress(f"Making branch {branch} of project {project}")
    made = _make(project, branch, source, ttl_seconds, timeout)
    progress(f"Waiting for the endpoint of branch {branch}")
    wait_until_ready(project, branch, timeout)
    if not made:
        return Outcome(name, False, f"Branch {branch} of {project} exists already. It is left as it is.")
    end = "It does not expire." if ttl_seconds is None else f"It is deleted after {write_duration(ttl_seconds)}."
    return Outcome(name, True, f"Branch {branch} of {project} is made. {end}")


def delete_branch(project: str, branch: str, *, purge: bool = False, progress: Progress = quiet) -> Outcome:
    """Delete the branch; it can be had back for 7 days unless `purge`. One that does not exist is no error.

    Raises Protected and other LakebaseErrors (the service keeps root branches and branches that have children).
    """
    check_identifier(branch, "branch")
    name = f"projects/{project}/branches/{branch}"
    progress(f"Looking for branch {branch} of project {project}")
    found = next((each for each in list_branches(project, deleted_too=True) if each.id == branch), None)
    if found is None:
        return Outcome(name, False, f"Project {project} has no branch {branch}.")
    if found.delete_time and not purge:
        kept = "Its id stays taken for 7 days; --purge frees it now."
        return Outcome(name, False, f"Branch {branch} of {project} is deleted already. {kept}")
    if found.protected:
        raise Protected(
            f"Branch {branch} of {project} is protected. Lift the protection (is_protected, on the branch's page of "
            "the workspace or with the SDK's update_branch), then repeat."
        )
    progress(f"Deleting branch {branch} of project {project}")
    finish(
        f"delete the branch {branch} of project {project}",
        lambda w: w.postgres.delete_branch(name=name, purge=purge or None),
    )
    if purge:
        return Outcome(name, True, f"Branch {branch} of {project} is deleted for good.")
    return Outcome(name, True, f"Branch {branch} of {project} is deleted. It can be undeleted for 7 days.")


def survey(project: str | None = None) -> list[tuple[Project, list[BranchWithEndpoint]]]:
    """All projects (or this one) with their branches and endpoints, asked for a few at a time."""
    if project:
        check_identifier(project, "project")
    projects = [each for each in list_projects() if project in (None, each.id)]
    if project and not projects:
        raise NotFound(f"There is no project {project}. `manage.py lakebase create-project {project}` makes it.")
    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
        return list(zip(projects, pool.map(branches_with_endpoints, [each.id for each in projects]), strict=True))


def branches_with_endpoints(project: str) -> list[BranchWithEndpoint]:
    """The project's branches, the default one first, each with its compute."""
    found: list[BranchWithEndpoint] = []
    for branch in list_branches(project):
        try:
            found.append(BranchWithEndpoint(branch, read_write_endpoint(project, branch.id)))
        except NoEndpoint:
            found.append(BranchWithEndpoint(branch, None))
        except NotFound:
            continue  # it was deleted since the list was made
    return found


def _check_life(ttl_seconds: int | None) -> None:
    if ttl_seconds is not None and ttl_seconds > LONGEST_LIFE:
        raise LakebaseError(
            f"A branch cannot live {write_duration(ttl_seconds)} and then expire: the longest is "
            f"{write_duration(LONGEST_LIFE)}. Give a shorter --ttl, or --no-expiry."
        )


def _make(project: str, branch: str, source: str | None, ttl_seconds: int | None, timeout: float) -> bool:
    from databricks.sdk.service.postgres import Branch as SdkBranch
    from databricks.sdk.service.postgres import BranchSpec

    parent = f"projects/{project}"
    # The service wants exactly one of ttl, expire_time and no_expiry.
    spec = BranchSpec(no_expiry=True) if ttl_seconds is None else BranchSpec(ttl=protobuf(ttl_seconds))
    spec.source_branch = f"{parent}/branches/{source}" if source else None
    try:
        finish(
            f"make the branch {branch} of project {project}",
            lambda w: w.postgres.create_branch(parent=parent, branch=SdkBranch(spec=spec), branch_id=branch),
            timeout,
        )
    except AlreadyExists:
        return False
    return True


def _described(project: str, found: SdkBranch) -> Branch:
    status = found.status
    return Branch(
        project=project,
        id=(found.name or "").rsplit("/", 1)[-1],
        state=status.current_state.value if status and status.current_state else None,
        default=bool(status and status.default),
        protected=bool(status and status.is_protected),
        source=((status and status.source_branch) or "").rsplit("/", 1)[-1],
        size_bytes=status.logical_size_bytes if status else None,
        expire_time=aware(status.expire_time) if status else None,
        delete_time=aware(status.delete_time) if status else None,
    )
