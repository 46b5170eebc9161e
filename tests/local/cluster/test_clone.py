"""The copy of a data directory, as a program of its own."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from lakebase.local.cluster import clone


def run(*arguments: str) -> dict[str, object]:
    command = [sys.executable, "-I", "-S", clone.__file__, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told: dict[str, object] = json.loads(process.stdout.read())
    assert process.returncode == 0
    return told


def make(directory: Path) -> Path:
    for name in (
        "base/1/100",
        "pg_wal/000000010000000000000001",
        "postmaster.pid",
        "global/pg_control",
        "base/pgsql_tmp/1",
    ):
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(50_000))
    return directory


def files(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}


def test_stopped_directory_is_copied_but_for_what_belongs_to_the_process(tmp_path: Path) -> None:
    source = make(tmp_path / "source")
    told = run(str(source), str(tmp_path / "target"))
    assert told["files"] == 3
    assert told["bytes"] == 150_000
    assert told["method"] in ("copy", "reflink")
    copied = files(tmp_path / "target")
    assert copied == {"base/1/100", "pg_wal/000000010000000000000001", "global/pg_control"}
    for name in copied:
        assert (tmp_path / "target" / name).read_bytes() == (source / name).read_bytes()
        assert (tmp_path / "target" / name).stat().st_mode & 0o777 == 0o600


def test_running_directory_is_copied_without_its_log(tmp_path: Path) -> None:
    run(str(make(tmp_path / "source")), str(tmp_path / "target"), "--live")
    assert files(tmp_path / "target") == {"base/1/100", "global/pg_control"}
    assert (tmp_path / "target/pg_wal/archive_status").is_dir()


def test_copy_and_original_are_independent(tmp_path: Path) -> None:
    source = make(tmp_path / "source")
    run(str(source), str(tmp_path / "target"))
    before = (tmp_path / "target/base/1/100").read_bytes()
    (source / "base/1/100").write_bytes(b"changed")
    assert (tmp_path / "target/base/1/100").read_bytes() == before


def test_copy_ends_with_whoever_asked_for_it(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for number in range(20_000):
        path = source / str(number % 100) / str(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    command = [sys.executable, "-I", "-S", clone.__file__, str(source), str(tmp_path / "target")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        while not (tmp_path / "target").exists():
            time.sleep(0.001)
        assert process.stdin is not None and process.stdout is not None
        process.stdin.close()
        assert process.stdout.read() == b""
    assert process.returncode == 1


def test_what_went_wrong_is_told_in_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", clone.__file__, str(tmp_path / "gone"), str(tmp_path / "target")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.read()
    assert process.returncode == 1
    assert said == f"[Errno 2] No such file or directory: '{tmp_path / 'gone'}'\n"
