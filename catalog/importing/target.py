"""The file that a command writes rejected lines to: it changes only when there are some, and then as a whole."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .file import FileRefused


@contextmanager
def reading(file: str) -> Iterator[IO[bytes]]:
    """The file, open. Raises FileRefused where there is none that can be read."""
    with _opened(file) as opened:
        if not opened.seekable():
            raise FileRefused(f"{file} is no file on a disk, and the import reads one twice. Save it, and name that.")
        yield opened


def _opened(file: str) -> IO[bytes]:
    try:
        return open(file, "rb")
    except FileNotFoundError:
        raise FileRefused(f"There is no file {file}.") from None
    except IsADirectoryError:
        raise FileRefused(f"{file} is a directory. Name a CSV file in it.") from None
    except OSError as error:
        raise FileRefused(f"{file} cannot be read: {error.strerror}.") from None


class Target:
    """Where the rejected lines of `source` go. They are written beside it; keep() puts them in its place."""

    def __init__(self, name: str, source: IO[bytes]) -> None:
        self.name = name
        self.place = Path(os.path.realpath(name))  # through a link, which stays one
        self.aside = self.place.with_name(f".rejected-{secrets.token_hex(8)}")
        self._refuse_wrong_places(source)

    @contextmanager
    def writing(self) -> Iterator[IO[bytes]]:
        """The file beside it, which is gone afterwards unless it was kept."""
        with self._opened() as aside:
            try:
                yield aside
            finally:
                self.aside.unlink(missing_ok=True)

    def keep(self, aside: IO[bytes]) -> None:
        aside.flush()
        self.aside.replace(self.place)

    def _opened(self) -> IO[bytes]:
        mode = stat.S_IMODE(self.place.stat().st_mode) if self.place.exists() else 0o666
        try:
            return open(os.open(self.aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")
        except OSError as error:
            raise FileRefused(f"{self.name} cannot be written: {error.strerror}. Nothing was imported.") from None

    def _refuse_wrong_places(self, source: IO[bytes]) -> None:
        if not self.place.parent.is_dir():
            raise FileRefused(f"There is no directory {self.place.parent} for the rejected lines. Make it first.")
        if not self.place.exists():
            return
        if os.path.samestat(self.place.stat(), os.fstat(source.fileno())):
            raise FileRefused(
                f"{self.name} is the file to import itself. Name another one for the rejected lines with --rejected."
            )
        if not self.place.is_file():
            raise FileRefused(f"{self.name} is no file that rejected lines could be written to. Name another one.")
