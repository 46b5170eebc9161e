"""The copy of a data directory shares blocks where the file system can, and asks no further where it cannot."""

import errno
import fcntl
import os
import sys
from pathlib import Path

import pytest

from lakebase.local.cluster.clone import FICLONE, Clone

FILES = {name: os.urandom(50_000) for name in ("base/1/100", "global/pg_control", "pg_wal/000000010000000000000001")}


@pytest.mark.parametrize(("able", "method", "asked"), [(True, "reflink", 3), (False, "copy", 1)])
def test_blocks_are_shared_where_the_file_system_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, able: bool, method: str, asked: int
) -> None:
    """The answer to Linux's FICLONE is given for the file system of this machine, which perhaps cannot."""
    requests = []

    def ioctl(target: int, request: int, source: int) -> int:
        requests.append(request)
        if not able:
            raise OSError(errno.EOPNOTSUPP, "not here")
        return os.write(target, os.pread(source, 1 << 20, 0))

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    for name, content in FILES.items():
        (tmp_path / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "source" / name).write_bytes(content)
    clone = Clone(uid=-1, gid=-1, live=False)
    clone.directory(tmp_path / "source", tmp_path / "target")
    assert (clone.copied.method, clone.copied.files, clone.copied.bytes) == (method, 3, 150_000)
    assert requests == [FICLONE] * asked
    for name, content in FILES.items():
        assert (tmp_path / "target" / name).read_bytes() == content
