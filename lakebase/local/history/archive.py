"""The log archive of one branch: the files of its write-ahead log that PostgreSQL has finished, as hard links.

PostgreSQL archives when a file is full, when it is asked to switch, and once more when it is shut down, so that all
that a stopped server has committed is here. https://www.postgresql.org/docs/current/continuous-archiving.html
"""

import contextlib
import math
import os
import shlex
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from lakebase.local.cluster.account import Account
from lakebase.local.cluster.wal import end_of, segment_before
from lakebase.local.history.holes import release, room_taken
from lakebase.local.history.moment import Moment

NAME_LENGTH = 24  # timeline, log and segment, eight hexadecimal digits each


class Segment(NamedTuple):
    """`bytes` on the disk, which are few where most of the file is empty."""

    name: str
    bytes: int

    @property
    def place(self) -> str:
        """Where in the log it lies, whatever the timeline."""
        return self.name[8:NAME_LENGTH]


class Archive:
    """`directory` holds `log`, the archived files; `bases`, the copies; and `stopped` while nothing is archived."""

    def __init__(self, directory: Path, account: Account) -> None:
        self.directory = directory
        self.log = directory / "log"
        self.bases = directory / "bases"
        self._stopped = directory / "stopped"
        self._account = account

    def prepare(self) -> None:
        for path in (self.directory, self.log, self.bases):
            self._account.make_directory(path)

    def settings(self) -> dict[str, str]:
        """What the branch's server needs. A file archived twice, as after a crash, replaces its like."""
        stopped, file, part = self._word("stopped"), self._word("log/%f"), self._word("log/%f.part")
        command = f"test -e {stopped} || ln -f %p {file} 2>/dev/null || (cp %p {part} && mv -f {part} {file})"
        return {"archive_mode": "on", "archive_command": command}

    def restore_command(self, unfinished: Path) -> str:
        """`unfinished`: the branch's pg_wal, for what is not archived yet; what is moves from there to here.

        PostgreSQL only reads the log that it restores, and goes on in a file of its own: a link will do.
        """
        archived = f"ln {self._word('log/%f')} %p 2>/dev/null"
        return f"{archived} || cp {_escaped(unfinished)}/%f %p 2>/dev/null || {archived}"

    def segments(self) -> list[Segment]:
        """In the order of the log; backup labels and the like too, but no timeline histories."""
        found = []
        with contextlib.suppress(FileNotFoundError):
            for path in self.log.iterdir():
                if len(path.name) >= NAME_LENGTH and path.suffix != ".part":
                    with contextlib.suppress(FileNotFoundError):
                        found.append(Segment(path.name, room_taken(path)))
        return sorted(found, key=lambda segment: (segment.place, segment.name))

    def shrink(self, known: Iterable[Segment]) -> None:
        """Give back the empty ends of the files that are not among the `known` ones, which were looked at before."""
        names = {segment.name for segment in known}
        for segment in self.segments():
            if len(segment.name) == NAME_LENGTH and segment.name not in names:
                with contextlib.suppress(FileNotFoundError):
                    release(self.log / segment.name)

    def end(self) -> tuple[float, str] | None:
        """A moment up to which all commits are here, told by the newest file, and the log position where it ends."""
        whole = [segment for segment in self.segments() if len(segment.name) == NAME_LENGTH]
        if not whole:
            return None
        newest = whole[-1]
        # A commit is dated shortly before it reaches the log, perhaps in the next file.
        written = (self.log / newest.name).stat().st_mtime - 1.0
        return written, end_of(newest.name)

    def ended_by(self, moment: Moment) -> bool:
        """Whether a server that has been shut down had written all its log by the moment."""
        newest = max((path.stat().st_mtime for path in self.log.iterdir()), default=math.inf)
        return moment.time is not None and moment.time > newest

    def covers(self, first: str, last: str) -> bool:
        """Whether all the log from one segment to the other is here; files are archived in their order."""
        places = {segment.place for segment in self.segments() if len(segment.name) == NAME_LENGTH}
        missing = last
        while missing[8:] >= first[8:] and missing[8:] in places:
            missing = segment_before(missing)
        return missing[8:] < first[8:] and (missing == last or self.has(last))

    def share(self, other: "Archive", first: str, last: str) -> None:
        """Take over the log of another branch from one segment to the other, whatever the timeline, by links."""
        for path in other.log.iterdir():
            within = len(path.name) == NAME_LENGTH and first[8:] <= path.name[8:] <= last[8:]
            if within or path.suffix == ".history":
                _link(path, self.log / path.name)

    def prune(self, first: str | None) -> None:
        """Remove what lies before the segment `first`, None: everything."""
        for segment in self.segments():
            if first is None or segment.place < first[8:NAME_LENGTH]:
                (self.log / segment.name).unlink(missing_ok=True)

    def has(self, segment: str) -> bool:
        return (self.log / segment).exists()

    @property
    def is_stopped(self) -> bool:
        return self._stopped.exists()

    def stop(self) -> None:
        """From now on the server's log goes by unarchived; a running server sees it at its next file."""
        self._stopped.touch()

    def resume(self) -> None:
        self._stopped.unlink(missing_ok=True)

    def _word(self, name: str) -> str:
        directory, _, file = name.rpartition("/")
        quoted = _escaped(self.directory / directory)
        return f"{quoted}/{file}"


def _link(source: Path, target: Path) -> None:
    """Also where it is just being archived once more, and replaced by its like."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        time.sleep(0.05)
        os.link(source, target)


def _escaped(path: Path) -> str:
    """A path in a command of PostgreSQL's: quoted for the shell, its percent signs for PostgreSQL."""
    return shlex.quote(str(path)).replace("%", "%%")
