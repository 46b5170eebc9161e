"""An uploaded file between its preview and its import: kept for a day, for whoever runs the site and nobody else."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO

KEPT_SECONDS = 24 * 3600
NAME = re.compile(r"[0-9a-f]{32}\.csv")


class UploadGone(LookupError):
    """The file was kept no longer, or by another machine."""


def keep(chunks: Iterable[bytes]) -> str:
    """Keep the bytes; gives the name for kept(), which nobody can guess. Forgets what was kept too long."""
    folder = _folder()
    for old in folder.iterdir():
        if old.stat().st_mtime < time.time() - KEPT_SECONDS:
            old.unlink(missing_ok=True)
    name = f"{secrets.token_hex(16)}.csv"
    with open(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.writelines(chunks)
    return name


def kept(name: str) -> IO[bytes]:
    """The kept file, open for reading. Raises UploadGone."""
    try:
        return open(_path(name), "rb")
    except FileNotFoundError as error:
        raise UploadGone("The uploaded file is no longer here: files wait for a day. Upload it again.") from error


def forget(name: str) -> None:
    _path(name).unlink(missing_ok=True)


def _path(name: str) -> Path:
    if not NAME.fullmatch(name):
        raise UploadGone("This names no uploaded file. Upload it again.")
    return _folder() / name


def _folder() -> Path:
    """Below the system's temporary files, this user's own."""
    folder = Path(tempfile.gettempdir()) / f"lakeshop-uploads-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077 or folder.is_symlink():
        raise PermissionError(f"{folder} belongs to somebody else or is open to others. Remove it.")
    return folder
