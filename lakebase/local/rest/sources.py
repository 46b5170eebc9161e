"""What a branch is made from: another branch, now or at a moment of its past, or a snapshot."""

from typing import TYPE_CHECKING, Any

from lakebase.local.cluster.wal import position
from lakebase.local.encoding import timestamp
from lakebase.local.history.moment import Moment
from lakebase.local.records import Branch, Project, Snapshot
from lakebase.local.refusal import bad_request, invalid, not_found
from lakebase.local.rest import moments
from lakebase.local.rest.fields import Fields

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace

BRANCH, SNAPSHOT = "source_branch", "source_snapshot"
FIELDS = (BRANCH, *moments.FIELDS, SNAPSHOT)


def find(ws: "Workspace", project: Project, spec: Fields, default: str = "") -> Branch | Snapshot:
    """The source that `spec` names, or the branch `default`, or the project's. Raises Refusal 400 or 404."""
    if spec.has(SNAPSHOT):
        return _snapshot(ws, project, spec)
    source = source_branch(ws, project.name, spec.text(BRANCH) or default or project.default_branch)
    if source.expire_time is not None:
        raise bad_request(
            f"branch '{source.name}' expires, so it cannot be a source; set its expiration to no_expiry first"
        )
    return source


def source_branch(ws: "Workspace", project: str, name: str) -> Branch:
    """The branch `name` of `project`, to be copied. Raises Refusal 404."""
    source = ws.store.get(Branch, name)
    if source is None or source.parent != project or not ws.alive(name):
        raise not_found(f'source branch not found; source_branch:"{name}". It must be a branch of {project}.')
    return source


def origin(source: Branch | Snapshot, moment: Moment | None, now: float) -> dict[str, Any]:
    """The fields of a new branch that tell where it comes from."""
    if isinstance(source, Snapshot):
        return {"source_snapshot": source.name}
    asked = moment or Moment(now)
    return {
        "source_branch": source.name, "source_branch_time": asked.time or now,
        "source_branch_lsn": asked.lsn, "asked_lsn": asked.lsn,
    }  # fmt: skip


async def check_unchanged(ws: "Workspace", project: Project, branch: Branch, spec: Fields) -> None:
    """Raises Refusal where `spec` wants an existing branch from elsewhere: its data come from where they come from."""
    moments.check_one(spec)
    other = [name for name in FIELDS if spec.has(name) and not _is_its_own(branch, spec, name)]
    if not other:
        return
    # What a new branch would be refused for is told first.
    source = find(ws, project, spec, branch.source_branch)
    if isinstance(source, Branch):
        await moments.read(ws, source, spec)
    raise invalid(
        f"Field 'spec.{other[0]}' cannot be changed: '{branch.name}' exists and was made from {_told(branch)}. Leave "
        "the source out to change its other fields, or delete the branch and create it anew."
    )


def _is_its_own(branch: Branch, spec: Fields, name: str) -> bool:
    """Also as its status shows it, in milliseconds and to the record's end."""
    if name == moments.TIME:
        given = spec.time(name)
        shown = timestamp(branch.source_branch_time) == timestamp(given)
        return bool(branch.source_branch) and (shown or abs(branch.source_branch_time - given) < 1e-6)
    if name == moments.LOG_POSITION:
        at = position(moments.read_lsn(spec))
        return bool(branch.source_branch) and at in map(position, (branch.source_branch_lsn, branch.asked_lsn))
    return spec.text(name) == (branch.source_branch if name == BRANCH else branch.source_snapshot)


def _told(branch: Branch) -> str:
    if branch.source_snapshot:
        return f"the snapshot '{branch.source_snapshot}'"
    if not branch.source_branch:
        return "nothing, with its project"
    at = f"as of {timestamp(branch.source_branch_time)}, log position {branch.source_branch_lsn or 'not known yet'}"
    return f"'{branch.source_branch}' {at}"


def _snapshot(ws: "Workspace", project: Project, spec: Fields) -> Snapshot:
    for name in (BRANCH, *moments.FIELDS):
        if spec.has(name):
            raise invalid(f"Field 'spec.{name}' must be empty where spec.source_snapshot is set.")
    name = spec.text(SNAPSHOT)
    snapshot = ws.store.get(Snapshot, name)
    if snapshot is None or snapshot.parent != project.name or ws.is_leaving(name):
        raise not_found(f'snapshot not found; source_snapshot:"{name}". It must be a snapshot of {project.name}.')
    return snapshot
