"""Static files for the server: collected again only when a source has changed."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def collect_when_changed() -> bool:
    """Run `collectstatic` unless STATIC_ROOT is what it would make; tells whether it ran."""
    root = Path(str(settings.STATIC_ROOT))
    mark, sources = root / ".sources", _sources()
    if mark.exists() and mark.read_text() == sources and (root / "staticfiles.json").exists():
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    mark.write_text(sources)
    return True


def _sources() -> str:
    """One digest of every source's name, size and time of change."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
