"""Copies of clusters: the template that every project starts from, and the branches.

A stopped parent is copied as it lies. A running one is put into backup mode, copied, and its write-ahead log of that
time added, so that no session is cut and the copy is consistent.
https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
"""

import asyncio
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from lakebase.local.cluster import clone
from lakebase.local.cluster.account import Account
from lakebase.local.cluster.data import remove_directory
from lakebase.local.cluster.postgres import Cluster, Killed
from lakebase.local.cluster.wal import segment_before, segments_between

DATABASE = "databricks_postgres"
ATTEMPTS, PAUSE = 5, 0.1
SEGMENT = re.compile(r"[0-9A-F]{24}(\.partial)?|[0-9A-F]{8}\.history")


class CannotCopy(Exception):
    """The copy failed; nothing of it is left."""


class LogRemoved(CannotCopy):
    """A server that is restarted amid the end of a copy removes log that the copy needs: it holds nothing back then."""


@dataclass(frozen=True)
class Copied:
    """A consistent copy of a cluster: log position, "reflink" or "copy", bytes of its files.

    It has everything that was committed by `holds_all_by`, and nothing that was committed after `time` (epoch seconds).
    `segment` is the first file of the log that it needs when it starts; `whole` is the last one that is its source's as
    well, "" for none: its own log begins in the next.
    """

    lsn: str
    method: str
    bytes: int
    segment: str
    holds_all_by: float
    time: float
    whole: str = ""


async def build_template(cluster: Cluster, owner: str) -> None:
    """Make a stopped cluster as each project starts: the owner, who is no superuser, and the database of the owner."""
    await cluster.initialise()
    await cluster.start(20)
    try:
        for statement in (
            "CREATE ROLE databricks_superuser NOLOGIN",
            "GRANT pg_read_all_data, pg_write_all_data, pg_monitor, pg_signal_backend"
            " TO databricks_superuser WITH ADMIN OPTION",
            "CREATE ROLE {owner} LOGIN CREATEDB CREATEROLE BYPASSRLS",
            "GRANT databricks_superuser TO {owner}",
            "CREATE DATABASE {database} OWNER {owner}",
        ):
            await cluster.execute(
                sql.SQL(statement).format(owner=sql.Identifier(owner), database=sql.Identifier(DATABASE))
            )
    finally:
        await cluster.stop()


async def copy_stopped(parent: Cluster, target: Path) -> Copied:
    """Copy a cluster that does not run. The caller keeps it from starting meanwhile."""
    copied = await clone_directory(parent.data, target, parent.account)
    checkpoint, now = await parent.last_checkpoint(), time.time()
    # A server that archives begins a new file when it is shut down, of which that checkpoint is all.
    whole = segment_before(checkpoint.segment)
    return Copied(checkpoint.lsn, copied.method, copied.bytes, checkpoint.segment, now, now, whole)


async def copy_running(parent: Cluster, target: Path, *, unhurried: bool = False) -> Copied:
    """Copy a running cluster without disturbing it; `target` replays the log of that time when it first starts.

    An `unhurried` copy leaves the processor to who works meanwhile.
    """
    connection = await parent.connect()
    try:
        # The slot keeps log segments that a checkpoint would remove during a long copy.
        # Another name each time: that of a session which was cut may go a moment later.
        slot = f"branch_{target.name.split('.')[0].replace('-', '_')}_{secrets.token_hex(4)}"
        await connection.execute("SELECT pg_create_physical_replication_slot(%s, true, true)", [slot])
        started = await (
            await connection.execute("SELECT pg_walfile_name(pg_backup_start(%s, true))", [slot])
        ).fetchone()
        copied = await clone_directory(parent.data, target, parent.account, live=True, unhurried=unhurried)
        holds_all_by = time.time()
        stopped = await (
            await connection.execute(
                "SELECT lsn::text, pg_walfile_name(lsn), labelfile FROM (SELECT * FROM pg_backup_stop(false)) AS backup"
            )
        ).fetchone()
        assert started is not None and stopped is not None
        stopped_at = time.time()
        lsn, last_segment, label = stopped
        await asyncio.to_thread(_add_log, parent, target, started[0], last_segment)
        parent.write(target / "backup_label", label)
    finally:
        await connection.close()
    return Copied(lsn, copied.method, copied.bytes, started[0], holds_all_by, stopped_at, last_segment)


async def copied_at_last(
    source: str, part: Path, copy: Callable[[], Awaitable[Copied]], interrupted: Callable[[str], None]
) -> Copied:
    """Copy to `part`; again when the server of `source` died meanwhile.

    Raises CannotCopy when it did each time, and when the server is there and does not let itself be copied.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await copy()
        except (psycopg.Error, Killed, LogRemoved) as error:
            interrupted(str(error))
            await asyncio.to_thread(remove_directory, part)
            if not _was_lost(error):
                raise CannotCopy(f"The server of {source} refused the copy: {error}") from error
        await asyncio.sleep(attempt * PAUSE)
    raise CannotCopy(f"The server of {source} ended {ATTEMPTS} times during the copy.")


def _was_lost(error: psycopg.Error | Killed | LogRemoved) -> bool:
    """Whether the server, or our session on it, came to an end: what it says itself has an SQLSTATE, such as 57P01."""
    if isinstance(error, Killed | LogRemoved):
        return True
    return isinstance(error, psycopg.OperationalError) and (error.sqlstate or "57P0").startswith("57P0")


async def clone_directory(
    source: Path, target: Path, account: Account, *, live: bool = False, unhurried: bool = False
) -> clone.Copied:
    """Copy a data directory in a process of its own. Raises CannotCopy; nothing is left then."""
    needed = await asyncio.to_thread(size_of, source)
    free = shutil.disk_usage(target.parent).free
    if free < needed * 1.1:
        raise CannotCopy(
            f"The copy needs {needed >> 20} MB and the disk has {free >> 20} MB left. "
            "Delete branches or other files and try again."
        )
    shutil.rmtree(target, ignore_errors=True)
    command = [sys.executable, "-I", "-S", str(Path(clone.__file__)), str(source), str(target)]
    if account.uid is not None:
        command += ["--uid", str(account.uid), "--gid", str(account.gid)]
    command += [option for option, is_given in (("--live", live), ("--unhurried", unhurried)) if is_given]
    ours, theirs = os.pipe()  # its end tells the copy that we are gone
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=ours, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
        try:
            printed, said = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
    finally:
        os.close(ours)
        os.close(theirs)
    if process.returncode:
        shutil.rmtree(target, ignore_errors=True)
        raise CannotCopy(f"Copying {source} failed: {said.decode(errors='replace').strip()[-500:]}")
    return clone.Copied(**json.loads(printed))


def _add_log(parent: Cluster, target: Path, first: str, last: str) -> None:
    """The files of the log from `first` to `last`, on whatever timeline, and the histories. Raises LogRemoved."""
    wanted, there = set(segments_between(first, last)), parent.data / "pg_wal"
    for source in sorted(there.iterdir()):
        place = source.name[8:24]
        if SEGMENT.fullmatch(source.name) and (source.suffix == ".history" or place in wanted):
            copy = target / "pg_wal" / source.name
            try:
                shutil.copyfile(source, copy)
            except FileNotFoundError as error:
                raise LogRemoved(f"{source.name} was removed amid the copy.") from error
            copy.chmod(0o600)
            parent.account.own(copy)
    found = {path.name[8:24] for path in (target / "pg_wal").iterdir()}
    if missing := sorted(wanted - found):
        raise LogRemoved(f"The log's file {missing[0]} was removed before it was copied.")


def link_directory(source: Path, target: Path, account: Account) -> None:
    """A copy for those who only read: the same files once more."""
    account.make_directory(target)
    for entry in os.scandir(source):
        if entry.is_dir(follow_symlinks=False):
            link_directory(Path(entry.path), target / entry.name, account)
        else:
            os.link(entry.path, target / entry.name, follow_symlinks=False)


def size_as_copied(data: Path) -> int:
    """Of a cluster's data as a copy of the running one counts it: without its log."""
    return size_of(data) - size_of(data / "pg_wal")


def size_of(directory: Path) -> int:
    total = 0
    for path in directory.rglob("*"):
        try:
            total += path.lstat().st_size
        except FileNotFoundError:
            continue
    return total
