"""The emulator's directory: whose it is, that only one emulator uses it, and the env file that it hands out."""

import contextlib
import fcntl
import os
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

from lakebase.local.cluster.account import data_directory
from lakebase.local.cluster.orphan import stop_orphan

HOME = "home"
OWN_FILES = ("state.db*", "events.db*", "env", "env.part", "ca.crt", "server.crt", "server.key", "lock")


class CannotServe(Exception):
    """The emulator cannot start; the text says why and what to do."""


@contextlib.contextmanager
def claimed(directory: Path) -> Iterator[None]:
    """Hold the directory for this process alone. Raises CannotServe when another emulator runs in it."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (directory / "lock").open("a+")
    except OSError as error:
        raise CannotServe(
            f"The directory {directory} cannot be written: {error.strerror}. Give another --dir."
        ) from error
    with lock:
        owner = os.fstat(lock.fileno()).st_uid
        if owner != os.geteuid():
            raise CannotServe(
                f"The data in {directory} belong to the user with number {owner}. "
                "Run Lakebase Local as that user, or give another --dir."
            )
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            raise CannotServe(
                f"Another Lakebase Local (process {lock.read().strip() or 'unknown'}) runs in {directory}. "
                "Use that one, stop it, or give another --dir."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
        lock.truncate(0)


def private(path: Path) -> Path:
    """The SQLite file, and what SQLite keeps beside it, for its owner alone: it holds the tokens' secret."""
    path.touch(mode=0o600)
    for each in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        with contextlib.suppress(FileNotFoundError):
            each.chmod(0o600)
    return path


def write_environment(directory: Path, host: str, token: str, pg_port: int) -> None:
    """DIR/env: what the SDK and the site need, as of a real workspace; never PGHOST, PGUSER or PGPASSWORD."""
    values = {
        "DATABRICKS_HOST": host,
        "DATABRICKS_TOKEN": token,
        "DATABRICKS_AUTH_TYPE": "pat",
        "NO_PROXY": "127.0.0.1,localhost",
        "PGPORT": str(pg_port),
        "PGSSLMODE": "require",
    }
    part = directory / "env.part"
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())
    part.replace(directory / "env")


def settle(directory: Path, before: str | None) -> Path:
    """The clusters' directory; `before` is where it was at the last start. Raises CannotServe for a copied directory.

    For root the clusters lie elsewhere, found by the path of `directory`: they follow when that is moved.
    """
    root = data_directory(directory)
    if before is not None and before != str(root) and (Path(before) / HOME).exists():
        home = Path((Path(before) / HOME).read_text())
        if (home / "state.db").exists():
            raise CannotServe(f"{directory} is a copy of {home}, and its clusters are there. Give another --dir.")
        Path(before).rename(root)
    if root.parent != directory:
        root.parent.mkdir(parents=True, exist_ok=True)
        # Our own directory, through which the account must come, whatever the umask is.
        root.parent.chmod(0o755)
    root.mkdir(mode=0o700, exist_ok=True)
    (root / HOME).write_text(str(directory))
    return root


def destroy(directory: Path) -> str:
    """Remove what a stopped emulator has in `directory`, for root also below /var/lib; a sentence about it.

    Files that are not the emulator's stay. Raises CannotServe while it runs, and where there is no emulator's data.
    """
    if not directory.exists():
        remove_clusters(directory)
        return f"There is no {directory}."
    if not (directory / "state.db").exists() and {path.name for path in directory.iterdir()} - {"lock"}:
        raise CannotServe(f"{directory} holds no data of Lakebase Local, and nothing was removed. Give its --dir.")
    with claimed(directory):
        remove_clusters(directory)
        for pattern in OWN_FILES:
            for path in directory.glob(pattern):
                path.unlink()
    left = sorted(path.name for path in directory.iterdir())
    if left:
        return f"Removed Lakebase Local's data from {directory}; left {', '.join(left)}."
    directory.rmdir()
    return f"Removed {directory}."


def sweep(directory: Path) -> str:
    """Stop the servers that a killed emulator has left running in `directory`; a sentence about it.

    Raises CannotServe while an emulator runs there.
    """
    if not directory.exists():
        return f"There is no {directory}."
    with claimed(directory):
        return f"Stopped {stop_orphans(data_directory(directory))} servers of {directory}."


def stop_orphans(root: Path) -> int:
    """How many there were."""
    kinds = ("branches/*", "snapshots/*", "standbys/*", "template-*")
    return sum(stop_orphan(data) for kind in kinds for data in root.glob(kind))


def remove_clusters(directory: Path) -> None:
    """Stop what runs of a killed emulator in `directory`, and remove its data."""
    root = data_directory(directory)
    stop_orphans(root)
    shutil.rmtree(root, ignore_errors=True)
    if root.parent != directory:
        # The last one takes the directory that all of root's have in common along.
        with contextlib.suppress(OSError):
            root.parent.rmdir()
