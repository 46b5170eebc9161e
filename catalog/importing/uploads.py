"""Uploaded files between their preview and their import: private to whoever uploaded them, and kept for a day.

An upload is known by its owner and its content, so that every worker on this machine finds it from the address of a
page, and nobody finds another person's.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from django.conf import settings

KEPT_SECONDS = 24 * 3600
MOST_OF_ONE = 5
LONGEST_NAME = 200
SHA256 = re.compile(r"[0-9a-f]{64}")
CONTENT, NAME = "content.csv", "name"
SOON = 0.1  # seconds
_turn = threading.Lock()
_timers: list[threading.Timer] = []


class UploadGone(LookupError):
    """There is no such file of this person's, or there is none any more."""


@dataclass(frozen=True)
class Upload:
    """One person's file, under the name it was given there, with the wrong lines found in it for each kind."""

    owner: int
    sha256: str

    @property
    def place(self) -> Path:
        return folder() / f"{self.owner}-{self.sha256}"

    @property
    def name(self) -> str:
        with self._read(NAME) as file:
            return file.read().decode()

    @property
    def size(self) -> int:
        return (self.place / CONTENT).stat().st_size

    def open(self) -> IO[bytes]:
        return self._read(CONTENT)

    def has_rejected(self, kind: str) -> bool:
        return (self.place / _rejected(kind)).exists()

    def open_rejected(self, kind: str) -> IO[bytes]:
        return self._read(_rejected(kind))

    @contextmanager
    def writing_rejected(self, kind: str) -> Iterator[IO[bytes]]:
        """A file for the wrong lines. It takes the earlier one's place when it is whole; left empty, neither stays."""
        path = self.place / _rejected(kind)
        with _written_aside(path) as file:
            yield file
            file.flush()
            is_empty = os.fstat(file.fileno()).st_size == 0
        if is_empty:
            path.unlink(missing_ok=True)

    def _read(self, name: str) -> IO[bytes]:
        try:
            return (self.place / name).open("rb")
        except FileNotFoundError:
            raise UploadGone from None


def keep(path: Path, sha256: str, name: str, *, owner: int) -> Upload:
    """Move a file that lies in the folder to where `kept` finds it; `sha256` is that of its content."""
    sweep(owner)
    upload = Upload(owner, sha256)
    upload.place.mkdir(mode=0o700, exist_ok=True)
    os.utime(upload.place)
    with _written_aside(upload.place / NAME) as file:
        file.write(name[:LONGEST_NAME].encode())
    path.replace(upload.place / CONTENT)
    watch()
    return upload


def kept(owner: int, sha256: str) -> Upload:
    """The upload. Raises UploadGone."""
    sweep()
    upload = Upload(owner, sha256)
    if not SHA256.fullmatch(sha256) or not (upload.place / CONTENT).exists():
        raise UploadGone
    return upload


def sweep(owner: int | None = None) -> None:
    """Remove what has been here for a day, and what `owner` has beyond the newest few."""
    own = []
    for path in folder().iterdir():
        since = _since(path)
        if since < time.time() - KEPT_SECONDS:
            _remove(path)
        elif path.name.startswith(f"{owner}-"):
            own.append((since, path))
    for _, path in sorted(own)[: -(MOST_OF_ONE - 1)]:
        _remove(path)


def watch() -> None:
    """Sweep, and again by itself as soon as the next one has been here for a day: perhaps nobody opens a page then."""
    sweep()
    since = [_since(path) for path in folder().iterdir()]
    with _turn:
        while _timers:
            _timers.pop().cancel()
        if since:
            _timers.append(threading.Timer(max(min(since) + KEPT_SECONDS - time.time(), 0) + SOON, _watch_on))
            _timers[0].daemon = True
            _timers[0].start()


def _watch_on() -> None:
    with suppress(OSError):  # told to whoever uploads next
        watch()


def folder() -> Path:
    """Where uploads are kept, open to whoever runs the site and nobody else."""
    place = Path(settings.UPLOADS_DIR)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = place.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077 or place.is_symlink():
        raise PermissionError(f"{place} is another's or open to others: remove it, or set LAKESHOP_UPLOADS_DIR.")
    return place


def _rejected(kind: str) -> str:
    return f"rejected-{kind}.csv"


@contextmanager
def _written_aside(path: Path) -> Iterator[IO[bytes]]:
    with NamedTemporaryFile(dir=path.parent, delete=False) as aside:
        place = Path(aside.name)
        try:
            yield aside
            aside.close()
            place.replace(path)
        finally:
            place.unlink(missing_ok=True)


def _since(path: Path) -> float:
    """When it was put here; now, where another worker has just removed it."""
    try:
        return path.lstat().st_mtime
    except FileNotFoundError:
        return time.time()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
