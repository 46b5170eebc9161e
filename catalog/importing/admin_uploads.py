"""The admin's uploads between preview and import: beside those of uploads.py, under names that nobody can guess."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from .uploads import UploadGone, folder, watch

NAME = re.compile(r"[0-9a-f]{32}\.csv")


def keep(chunks: Iterable[bytes]) -> str:
    """Keep the bytes; gives the name for kept(). Forgets what was kept too long, and these in their turn."""
    name = f"{secrets.token_hex(16)}.csv"
    with open(os.open(folder() / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.writelines(chunks)
    watch()
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
    return folder() / name
