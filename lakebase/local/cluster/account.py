"""The operating-system account under which postgres runs: PostgreSQL refuses to run as root.

An ordinary user runs it as themselves, with the data in the emulator's own directory. Root runs it as an existing
unprivileged user (`postgres`, else `nobody`), with the data under /var/lib/lakebase-local, because the
checkout may lie under /root, which no other user may enter. Nothing is chmodded outside our own directories.
"""

import hashlib
import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT_DATA = Path("/var/lib/lakebase-local")


@dataclass(frozen=True)
class Account:
    """Whom postgres runs as; `uid` None means: as ourselves."""

    uid: int | None = None
    gid: int | None = None

    def process_options(self) -> dict[str, Any]:
        """Keyword arguments for subprocess that make a child run under this account."""
        if self.uid is None:
            return {"cwd": "/"}
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "cwd": "/"}

    def own(self, path: Path) -> Path:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)
        return path

    def make_directory(self, path: Path, mode: int = 0o700) -> Path:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
        return self.own(path)

    def may_enter(self, path: Path) -> bool:
        """Whether this account can reach `path`: every directory above it lets others through."""
        if self.uid is None:
            return True
        return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


def postgres_account() -> Account:
    """Raises RuntimeError when we are root and there is no unprivileged user to run postgres as."""
    if os.geteuid() != 0:
        return Account()
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(user.pw_uid, user.pw_gid)
    raise RuntimeError(
        "PostgreSQL does not run as root, and this machine has neither a user `postgres` nor `nobody`. "
        "Run Lakebase Local as an ordinary user, or make one: useradd --system postgres"
    )


def data_directory(directory: Path) -> Path:
    """Where the clusters of the emulator in `directory` lie: inside it, or for root below /var/lib."""
    if os.geteuid() != 0:
        return directory / "pg"
    return ROOT_DATA / hashlib.sha256(str(directory.resolve()).encode()).hexdigest()[:12]
