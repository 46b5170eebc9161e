"""Static files for the server: collected again only when a source has changed."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def collect_when_changed() -> bool:
    """Run `collectstatic` unless STATIC_ROOT is what it would make; tells whether it ran."""
    root = Path(str(settings.STATIC_ROOT))
    mark, sources = root / ".sources", _sources()
    with _alone_in(root.parent):
        if mark.exists() and mark.read_text() == sources and (root / "staticfiles.json").exists():
            return False
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        mark.write_text(sources)
        return True


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Two sites that start from one checkout collect one after the other: collecting begins with removing."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sources() -> str:
    """One digest of every source's name, size and time of change."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
