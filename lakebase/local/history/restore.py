"""A new cluster with the state of a branch at a moment of its history."""

import asyncio
import shutil
from functools import partial
from pathlib import Path

from lakebase.local.cluster.branching import CannotCopy, Copied, clone_directory, size_of
from lakebase.local.cluster.postgres import Cluster
from lakebase.local.cluster.wal import position, segment_of
from lakebase.local.compute import Sealed
from lakebase.local.history import reach, recovery
from lakebase.local.history.beginning import begin_at_moment
from lakebase.local.history.keeper import Keeper
from lakebase.local.history.moment import Moment
from lakebase.local.history.recovery import LogEndsBefore, Recovered
from lakebase.local.records import Base, Branch, Snapshot


async def restore(history: Keeper, branch: Branch, moment: Moment, part: Path, made: Branch | Snapshot) -> Copied:
    """Make the cluster `part` of `made`, and the first base of a branch. Raises CannotCopy and CannotStart."""
    found = reach.locate(history.store, branch, moment)
    if found is None:
        raise CannotCopy(f"The history of {branch.name} does not reach {moment} any more.")
    source, base = found
    history.hold(source)
    try:
        # The moment lies before this: what the server commits from now on is after it.
        sealed = await history.compute_of(source.name).seal()
        await asyncio.to_thread(shutil.rmtree, part, True)
        cloned = await clone_directory(history.archive(source.uid).bases / base.uid, part, history.data.account)
        cluster = history.data.recovering(part, made.uid)
        recovered = await _replay(history, source, base, moment, sealed, cluster)
        last_commit = recovered.last_commit if recovered else None
        at = (last_commit or base.time) if moment.time is None else moment.time
        size = await asyncio.to_thread(size_of, part)
        if recovered is None:
            copied = Copied(base.lsn, cloned.method, size, base.segment, at, at)
        else:
            segment = (await cluster.last_checkpoint()).segment
            copied = Copied(recovered.lsn, cloned.method, size, segment, at, at, segment_of(recovered.lsn))
        if isinstance(made, Branch):
            await begin_at_moment(history, made, source, base, copied, cluster)
        return copied
    finally:
        history.release(source)


async def _replay(
    history: Keeper, source: Branch, base: Base, moment: Moment, sealed: Sealed, cluster: Cluster
) -> Recovered | None:
    """None where nothing happened since the base, which then is the moment's state."""
    asleep = sealed.segment is None
    if asleep and not base.early and base.until_time is None and position(sealed.lsn) <= position(base.lsn):
        return None
    archive, unfinished = history.archive(source.uid), history.data.cluster(source.uid).data / "pg_wal"
    replay = partial(recovery.recover, cluster, archive.restore_command(unfinished), early=base.early)
    # Named by its position: the server may be woken meanwhile, and commit more.
    end = Moment(lsn=sealed.lsn)
    if asleep and base.until_time is None and await asyncio.to_thread(archive.ended_by, moment):
        return await replay(end.settings())
    try:
        recovered = await replay(moment.settings())
    except LogEndsBefore:
        # Nothing was committed between the moment and the end of the log, so that is the same.
        if base.until_time is not None:
            return await recovery.recover(cluster, archive.restore_command(archive.log), {}, early=base.early)
        if not asleep:
            raise CannotCopy(f"The log of {source.name} lacks what it wrote after {moment}.") from None
        recovered = await replay(end.settings())
    recovery.check(recovered, moment)
    return recovered
