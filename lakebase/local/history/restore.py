"""A new cluster with the state of a branch at a moment of its history."""

import asyncio
import shutil
from pathlib import Path

from lakebase.local.branching import CannotCopy, Copied, clone_directory, size_of
from lakebase.local.compute import Sealed
from lakebase.local.history import reach, recovery
from lakebase.local.history.keeper import Keeper
from lakebase.local.history.moment import Moment, position
from lakebase.local.history.recovery import LogEndsBefore, Recovered
from lakebase.local.records import Base, Branch


async def restore(history: Keeper, branch: Branch, moment: Moment, part: Path, uid: str) -> Copied:
    """Make the cluster `part`, of the branch or snapshot `uid`. Raises CannotCopy and CannotStart."""
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
        recovered = await _replay(history, source, base, moment, sealed, part, uid)
    finally:
        history.release(source)
    cluster = history.data.recovering(part, uid)
    size = await asyncio.to_thread(size_of, part)
    if recovered is None:
        at = base.time if moment.time is None else moment.time
        return Copied(base.lsn, cloned.method, size, base.segment, at, at)
    at = (recovered.last_commit or base.time) if moment.time is None else moment.time
    return Copied(recovered.lsn, cloned.method, size, (await cluster.last_checkpoint()).segment, at, at)


async def _replay(
    history: Keeper, source: Branch, base: Base, moment: Moment, sealed: Sealed, part: Path, uid: str
) -> Recovered | None:
    """None where nothing happened since the base, which then is the moment's state."""
    asleep = sealed.segment is None
    if asleep and base.until_time is None and position(sealed.lsn) <= position(base.lsn):
        return None
    archive, cluster = history.archive(source.uid), history.data.recovering(part, uid)
    unfinished = history.data.cluster(source.uid).data / "pg_wal"
    try:
        recovered = await recovery.recover(cluster, archive.restore_command(unfinished), moment.settings())
    except LogEndsBefore:
        # Nothing was committed between the moment and the end of the log, so that is the same.
        if base.until_time is not None:
            return await recovery.recover(cluster, archive.restore_command(archive.log), {})
        if not asleep:
            raise CannotCopy(f"The log of {source.name} lacks what it wrote after {moment}.") from None
        # Named by its position: the server may be woken meanwhile, and commit more.
        end = Moment(lsn=sealed.lsn)
        recovered = await recovery.recover(cluster, archive.restore_command(unfinished), end.settings())
    recovery.check(recovered, moment)
    return recovered
