"""A temporary directory for one run's Lakebase, which the next run removes when this one is killed."""

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lakebase.local.home import CannotServe, claimed, remove_clusters

EMULATOR = "local"


def default_parent() -> Path:
    return Path(tempfile.gettempdir()) / f"lakebase-local-runs-{os.getuid()}"


@contextlib.contextmanager
def run_directory(parent: Path) -> Iterator[Path]:
    """The directory for an emulator, in a new one below `parent`, which is removed at the end.

    Removes those of runs that were killed, too. Raises CannotServe when `parent` is no directory of this user's.
    """
    try:
        parent.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        pass  # What it is, is looked at next.
    except OSError as error:
        raise CannotServe(
            f"The directory {parent} cannot be made: {error.strerror}. Give another with --lakebase-dir."
        ) from error
    about = parent.lstat()
    if about.st_uid != os.geteuid() or not stat.S_ISDIR(about.st_mode):
        raise CannotServe(f"{parent} is no directory of yours. Give another with --lakebase-dir.")
    for left in parent.glob("run-*"):
        _remove_if_left(left)
    run, held = _new(parent)
    try:
        yield run / EMULATOR
    finally:
        _remove(run)
        os.close(held)


def _new(parent: Path) -> tuple[Path, int]:
    """A directory and the descriptor that holds it: the system lets go when the process ends, however it ends."""
    while True:
        try:
            run = Path(tempfile.mkdtemp(prefix="run-", dir=parent))
        except OSError as error:
            raise CannotServe(
                f"The directory {parent} cannot be written: {error.strerror}. Give another with --lakebase-dir."
            ) from error
        held = os.open(run, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
        # Another run may have taken it for one that was left, in the moment before it was held.
        if run.exists():
            return run, held
        os.close(held)


def _remove_if_left(run: Path) -> None:
    try:
        held = os.open(run, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _remove(run)
    except (BlockingIOError, CannotServe):
        pass  # It is in use, or its emulator is just stopping: then the run after this one takes it away.
    finally:
        os.close(held)


def _remove(run: Path) -> None:
    """Raises CannotServe while its emulator runs."""
    if not run.exists():
        return
    with claimed(run / EMULATOR):
        remove_clusters(run / EMULATOR)
        shutil.rmtree(run)
