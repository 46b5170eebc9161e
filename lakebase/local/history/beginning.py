"""Where the history of a branch begins: its first base, made before the branch is started for the first time.

Bases and archived log are only read, so wherever there are such already, links to them will do.
"""

import asyncio
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING

from lakebase.local.cluster.branching import Copied, clone_directory, link_directory
from lakebase.local.cluster.data import remove_directory
from lakebase.local.cluster.postgres import Cluster
from lakebase.local.cluster.wal import position
from lakebase.local.history import reach
from lakebase.local.history.archive import Archive
from lakebase.local.records import Base, Branch

if TYPE_CHECKING:
    from lakebase.local.history.keeper import Keeper


async def begin(history: "Keeper", branch: Branch, cluster: Path, copied: Copied, source: Branch | Path) -> None:
    """For a copy `cluster` of the branch `source` as it is now, or of a directory that nobody writes to."""
    archive = await _empty_archive(history, branch, copied)
    if archive is None:
        return
    base, account = new_base(branch, copied), history.data.account
    target = archive.bases / base.uid
    if isinstance(source, Path):
        await asyncio.to_thread(link_directory, source, target, account)
    elif not await _shared(history, archive, base, source, copied):
        if not history.room.has(copied.bytes):
            return
        await clone_directory(cluster, target, account)
    history.store.put(base)


async def begin_at_moment(
    history: "Keeper", branch: Branch, source: Branch, origin: Base, copied: Copied, cluster: Cluster
) -> None:
    """For a `cluster` that was made from the base `origin` of `source`, whose history the caller holds."""
    archive = await _empty_archive(history, branch, copied)
    if archive is None:
        return
    base = new_base(branch, copied)
    await _link(history, archive, base, source, origin, copied.whole)
    for timeline in (cluster.data / "pg_wal").glob("*.history"):
        if not archive.has(timeline.name):
            cluster.write(archive.log / timeline.name, timeline.read_text())
    history.store.put(base)


def new_base(branch: Branch, copied: Copied) -> Base:
    uid, now = f"ba-{secrets.token_hex(6)}", time.time()
    return Base(
        f"{branch.name}/bases/{uid}", uid, now, now,
        time=copied.time, lsn=copied.lsn, segment=copied.segment, bytes=copied.bytes,
    )  # fmt: skip


async def _empty_archive(history: "Keeper", branch: Branch, copied: Copied) -> Archive | None:
    """None where no base is wanted."""
    if history.limits is None:
        return None
    archive = history.archive(branch.uid)
    await asyncio.to_thread(remove_directory, archive.directory)
    for left in history.store.all(Base, branch.name):  # by an emulator that was killed here
        history.store.drop(left.name)
    archive.prepare()
    branch.logical_size = copied.bytes
    return None if history.room.why_not(branch) else archive


async def _shared(history: "Keeper", archive: Archive, base: Base, source: Branch, copied: Copied) -> bool:
    """Make `base` of the newest base of the source from which its log leads to the copy; False when there is none."""
    history.hold(source)
    try:
        known = [base for base in reach.bases(history.store, source) if position(base.lsn) <= position(copied.lsn)]
        if not known or known[-1].until_time is not None or not copied.whole:
            return False
        if not await asyncio.to_thread(history.archive(source.uid).covers, known[-1].segment, copied.whole):
            return False
        await _link(history, archive, base, source, known[-1], copied.whole)
        return True
    finally:
        history.release(source)


async def _link(history: "Keeper", archive: Archive, base: Base, source: Branch, origin: Base, last: str) -> None:
    """Make `base` of links to `origin` and to the log from there to the segment `last`, "" for none."""
    base.segment, base.bytes, base.early = origin.segment, origin.bytes, origin.early or bool(last)
    theirs = history.archive(source.uid)
    copy = archive.bases / base.uid
    await asyncio.to_thread(link_directory, theirs.bases / origin.uid, copy, history.data.account)
    if last:
        await asyncio.to_thread(archive.share, theirs, origin.segment, last)
