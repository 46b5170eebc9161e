"""Copies a PostgreSQL data directory, sharing blocks where the file system can (XFS, btrfs, APFS).

A program of its own, of the standard library only, so that the copy never holds up the emulator's event loop:
    python clone.py SOURCE TARGET [--uid N --gid N] [--live] [--unhurried]
prints {"files", "bytes", "method": "reflink" | "copy"} as JSON. `--live`: the source's postmaster is running and in
backup mode: its write-ahead log and what belongs to the process are left out, and files that vanish meanwhile are
passed over, as PostgreSQL's documentation of the low-level base backup asks. `--unhurried`: nobody waits for it, so who
works meanwhile has the processor first.
It ends when its standard input does: a copy must not go on for an emulator that was killed.
"""

import argparse
import ctypes
import errno
import fcntl
import json
import os
import select
import shutil
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

FICLONE = 0x40049409
UNHURRIED = 10  # about a tenth of what another process gets: the log that the copy needs must not pile up either
# https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP-DATA
OF_THE_PROCESS = {"postmaster.pid", "postmaster.opts", "pg_internal.init"}
EMPTIED_WHEN_LIVE = {
    "pg_wal",
    "pg_replslot",
    "pg_dynshmem",
    "pg_notify",
    "pg_serial",
    "pg_snapshots",
    "pg_stat_tmp",
    "pg_subtrans",
}
CANNOT_SHARE = {errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.ENOTTY, errno.ENOSYS, errno.EPERM}


@dataclass
class Copied:
    files: int = 0
    bytes: int = 0
    method: str = "reflink"


@dataclass
class Clone:
    uid: int
    gid: int
    live: bool

    def __post_init__(self) -> None:
        self.copied = Copied()

    def directory(self, source: Path, target: Path, *, top: bool = True) -> None:
        target.mkdir(mode=0o700)
        self._own(target)
        for entry in os.scandir(source):
            if entry.name in OF_THE_PROCESS or entry.name.startswith("pgsql_tmp"):
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    if top and self.live and entry.name in EMPTIED_WHEN_LIVE:
                        self._emptied(target / entry.name)
                    else:
                        self.directory(Path(entry.path), target / entry.name, top=False)
                elif entry.is_file(follow_symlinks=False):
                    self.file(Path(entry.path), target / entry.name)
            except FileNotFoundError:
                if not self.live:
                    raise

    def file(self, source: Path, target: Path) -> None:
        if self.copied.method == "reflink" and not _share(source, target):
            self.copied.method = "copy"
        if self.copied.method == "copy":
            _copy(source, target)
        target.chmod(0o600)
        self._own(target)
        self.copied.files += 1
        self.copied.bytes += target.stat().st_size

    def _emptied(self, target: Path) -> None:
        target.mkdir(mode=0o700)
        self._own(target)
        if target.name == "pg_wal":
            self._own(_made(target / "archive_status"))
            self._own(_made(target / "summaries"))

    def _own(self, path: Path) -> None:
        if self.uid >= 0:
            os.chown(path, self.uid, self.gid)


def _made(path: Path) -> Path:
    path.mkdir(mode=0o700)
    return path


def _share(source: Path, target: Path) -> bool:
    """Make `target` share the blocks of `source`; False, with at most an empty target, where the file system cannot."""
    try:
        if sys.platform == "darwin":
            library = ctypes.CDLL(None, use_errno=True)
            if library.clonefile(os.fsencode(source), os.fsencode(target), 0) != 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(source))
        else:
            with source.open("rb") as reader, target.open("xb") as writer:
                fcntl.ioctl(writer.fileno(), FICLONE, reader.fileno())
    except OSError as error:
        if error.errno not in CANNOT_SHARE:
            raise
        return False
    return True


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as reader, target.open("wb") as writer:
        if hasattr(os, "copy_file_range"):
            try:
                while os.copy_file_range(reader.fileno(), writer.fileno(), 1 << 30):
                    pass
                return
            except OSError as error:
                if error.errno not in CANNOT_SHARE:
                    raise
        shutil.copyfileobj(reader, writer, 1 << 20)


def _end_with_parent() -> None:
    while os.read(0, 1):
        pass
    os._exit(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--uid", type=int, default=-1)
    parser.add_argument("--gid", type=int, default=-1)
    parser.add_argument("--live", action="store_true")
    parser.add_argument("--unhurried", action="store_true")
    options = parser.parse_args()
    if select.select([0], [], [], 0)[0]:
        os._exit(1)  # killed before we began: its next run may have swept already
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if options.unhurried:
        os.nice(UNHURRIED)
    clone = Clone(options.uid, options.gid, options.live)
    try:
        clone.directory(options.source, options.target)
    except OSError as error:
        sys.exit(str(error))
    sys.stdout.write(json.dumps(asdict(clone.copied)))


if __name__ == "__main__":
    main()
