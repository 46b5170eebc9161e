"""What an emulator that was killed amid a removal has left is removed by the next one."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lakebase.local.cluster.account import postgres_account
from lakebase.local.cluster.branching import LogRemoved, _add_log
from lakebase.local.cluster.data import DataDirectory

KEPT, GONE = "br-0123456789ab", "br-ba9876543210"


def test_logs_and_sockets_go_with_what_they_belonged_to(data: DataDirectory) -> None:
    (data.root / "template-1a2b3c4d").mkdir()
    sockets = data.cluster(KEPT).sockets.parent
    for uid in (KEPT, GONE):
        (sockets / uid[-12:]).mkdir()
        for name in (f"{uid}.log", f"{uid}.old.log", f"{uid}.recovery.log"):
            (data.logs / name).touch()
    (data.logs / "template-1a2b3c4d.log").touch()
    (sockets / "1a2b3c4d").mkdir()
    data.sweep({KEPT})
    assert {path.name.partition(".")[0] for path in data.logs.iterdir()} == {KEPT, "template-1a2b3c4d"}
    assert {path.name for path in sockets.iterdir()} == {KEPT[-12:], "1a2b3c4d"}


@pytest.mark.parametrize("left", [("0F",), ("10",), (), ("0F", "11")])
def test_a_copy_without_all_of_its_log_is_none(tmp_path: Path, left: tuple[str, ...]) -> None:
    parent, target = tmp_path / "parent", tmp_path / "target"
    for directory in (parent / "pg_wal" / "archive_status", target / "pg_wal"):
        directory.mkdir(parents=True)
    names = [f"{1:08X}{1:08X}{number:>08}" for number in ("0E", "0F", "10", "11", "12")]
    cluster = cast(Any, SimpleNamespace(data=parent, account=postgres_account()))
    for name in names:
        if name[-2:] in left:
            (parent / "pg_wal" / name).write_bytes(b"log")
    with pytest.raises(LogRemoved, match="was removed before"):
        _add_log(cluster, target, names[1], names[3])
    for name in names:
        (parent / "pg_wal" / name).write_bytes(b"log")
    _add_log(cluster, target, names[1], names[3])
    assert sorted(path.name for path in (target / "pg_wal").iterdir()) == names[1:4]
