"""Where things lie on disk: the emulator's directory, and the clusters' own."""

import hashlib
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from lakebase.local.cluster.account import Account
from lakebase.local.cluster.binaries import Binaries
from lakebase.local.cluster.orphan import stop_orphan
from lakebase.local.cluster.postgres import SOCKET, Cluster

# A Unix socket's address holds 104 bytes on macOS, 108 on Linux, and PostgreSQL appends ".lock" to the name.
LONGEST_SOCKET = 98


@dataclass
class DataDirectory:
    """`home`: state, keys and logs; `root`: the clusters, owned by the account that runs them."""

    home: Path
    root: Path
    account: Account
    binaries: Binaries

    def __post_init__(self) -> None:
        self.account.make_directory(self.root)
        self.branches = self.account.make_directory(self.root / "branches")
        self.standbys = self.account.make_directory(self.root / "standbys")
        self.logs = self.account.make_directory(self.root / "logs")
        self.histories = self.account.make_directory(self.root / "history")
        self.snapshots = self.account.make_directory(self.root / "snapshots")
        self._sockets = self.root / "run"
        if len(str(self._sockets / ("x" * 12) / SOCKET)) > LONGEST_SOCKET:
            number = hashlib.sha256(str(self.root).encode()).hexdigest()[:8]
            self._sockets = Path(tempfile.gettempdir()) / f"lbl-{os.getuid()}-{number}"
        self.account.make_directory(self._sockets)

    def cluster(self, uid: str) -> Cluster:
        """The cluster of the branch `uid` ("br-..."), whether it exists yet or not."""
        return Cluster(
            self.binaries, self.account, self.branches / uid, self._sockets / uid[-12:], self.logs / f"{uid}.log"
        )

    def recovering(self, part: Path, uid: str) -> Cluster:
        """The half-made cluster of the branch or snapshot `uid`, for the time in which it replays the log."""
        return Cluster(self.binaries, self.account, part, self._sockets / uid[-12:], self.logs / f"{uid}.recovery.log")

    def standby(self, uid: str) -> Cluster:
        """The cluster of the read-only endpoint `uid` ("ep-..."), whether it exists yet or not."""
        return Cluster(
            self.binaries, self.account, self.standbys / uid, self._sockets / uid[-12:], self.logs / f"{uid}.log"
        )

    def template(self, owner: str) -> Cluster:
        key = hashlib.sha256(f"{self.binaries.bin} {self.binaries.version_text} {owner}".encode()).hexdigest()[:8]
        name = f"template-{key}"
        return Cluster(self.binaries, self.account, self.root / name, self._sockets / key, self.logs / f"{name}.log")

    def sweep(self, known: set[str]) -> None:
        """Stop what a killed emulator left running, and remove what belongs to no acknowledged resource.

        `known`: the uids of branches, bases, snapshots and endpoints.
        """
        for directory in [*self.branches.iterdir(), *self.snapshots.iterdir(), *self.standbys.iterdir()]:
            stop_orphan(directory)
            if directory.name not in known:
                self.remove(directory.name)
        for directory in self.histories.iterdir():
            if directory.name not in known:
                remove_directory(directory)
        for directory in self.histories.glob("*/bases/*"):
            if directory.name not in known:
                remove_directory(directory)
        templates = set()
        for directory in self.root.glob("template-*"):
            stop_orphan(directory)
            if directory.suffix == ".part":
                remove_directory(directory)
            else:
                templates.add(directory.name)
        # What was just being removed may have lost its directory already.
        for log in self.logs.iterdir():
            if log.name.partition(".")[0] not in known | templates:
                log.unlink(missing_ok=True)
        sockets = {uid[-12:] for uid in known} | {name.partition("-")[2] for name in templates}
        for directory in self._sockets.iterdir():
            if directory.name not in sockets:
                remove_directory(directory)

    def remove(self, uid: str) -> None:
        """Everything of a branch, a snapshot or a read-only endpoint."""
        for directory in (self.branches, self.histories, self.snapshots, self.standbys):
            remove_directory(directory / uid)
        remove_directory(self._sockets / uid[-12:])
        for log in self.logs.glob(f"{uid}.*log"):
            log.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove the socket directory where it is outside of our own."""
        if self.root not in self._sockets.parents:
            shutil.rmtree(self._sockets, ignore_errors=True)


def remove_directory(path: Path) -> None:
    """Also where a process that is just being ended still writes into it."""
    for _ in range(20):
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return
        time.sleep(0.05)
    shutil.rmtree(path)
