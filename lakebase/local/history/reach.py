"""Which moments of a branch can be had, and from which base: its own, or those of the branch that it was made from."""

import math
import time
from dataclasses import replace

from lakebase.local.cluster.wal import position
from lakebase.local.encoding import timestamp
from lakebase.local.history.moment import Moment
from lakebase.local.history.retention import Span, spans
from lakebase.local.records import Base, Branch, Project
from lakebase.local.refusal import Refusal, invalid
from lakebase.local.store import Store


def bases(store: Store, branch: Branch) -> list[Base]:
    """Oldest first."""
    return sorted(store.all(Base, branch.name), key=lambda base: base.time)


def horizon(store: Store, branch: Branch) -> float:
    """Before this moment nothing is kept: the project's history_retention_duration ago, on the wall clock."""
    project = store.get(Project, branch.parent)
    return time.time() - (project.history_retention if project else 0.0)


def locate(store: Store, branch: Branch, moment: Moment) -> tuple[Branch, Base] | None:
    """The newest base that lies at or before the moment, and whose it is; None where no history reaches."""
    if moment.time is not None and not horizon(store, branch) <= moment.time <= time.time():
        return None
    source = store.get(Branch, branch.source_branch)
    while source is not None and not moment.is_from(branch.source_branch_time, branch.source_branch_lsn):
        branch, source = source, store.get(Branch, source.source_branch)
    for base in reversed(bases(store, branch)):
        if moment.is_from(base.time, base.lsn) and moment.is_until(base.until_time, base.until_lsn):
            return branch, base
    return None


def reachable(store: Store, branch: Branch) -> list[Span]:
    """The whole history of a branch, oldest first: of the branches before it until it was made, then its own."""
    own = spans(bases(store, branch), horizon(store, branch))
    source = store.get(Branch, branch.source_branch)
    if source is None:
        return own
    at, lsn = branch.source_branch_time, branch.source_branch_lsn
    before = [span for span in reachable(store, source) if span.time < at]
    return [replace(span, until_time=at, until_lsn=lsn) if _goes_on(span, at) else span for span in before] + own


def _goes_on(span: Span, at: float) -> bool:
    return span.until_time is None or span.until_time > at


def unreachable(store: Store, branch: Branch, moment: Moment, field: str, log_position: str, stopped: str) -> Refusal:
    """The refusal of a moment, with the true bounds, and why it goes on no more where it has `stopped`."""
    stretches = ["from {} to {}".format(*ends) for ends in _bounds(store, branch, moment.time is None, log_position)]
    reach = " and ".join(stretches) or "nowhere yet"
    said = f"Field '{field}' must lie in the history of '{branch.name}', which reaches {reach}; got {moment}."
    return invalid(f"{said} {stopped}".strip())


def _bounds(store: Store, branch: Branch, by_lsn: bool, log_position: str) -> list[tuple[str, str]]:
    """A branch is copied while its parent goes on: by time there is a gap between the two histories, by position none.

    Log positions of a branch go on from its parent's, so they are in order too.
    """
    joined: list[Span] = []
    for span in reachable(store, branch):
        if joined and _follows(joined[-1], span, by_lsn):
            span = replace(joined.pop(), until_time=span.until_time, until_lsn=span.until_lsn)
        joined.append(span)
    if by_lsn:
        return [(span.lsn, span.until_lsn or log_position) for span in joined if position(span.lsn)]
    return [(first_millisecond(span.time), last_millisecond(span.until_time or time.time())) for span in joined]


def _follows(before: Span, span: Span, by_lsn: bool) -> bool:
    if by_lsn:
        return 0 < position(span.lsn) <= position(before.until_lsn)
    return before.until_time is not None and span.time <= before.until_time


def first_millisecond(epoch_seconds: float) -> str:
    """The first one that does not lie before."""
    return timestamp(math.ceil(epoch_seconds * 1000) / 1000)


def last_millisecond(epoch_seconds: float) -> str:
    return timestamp(math.floor(epoch_seconds * 1000) / 1000)
