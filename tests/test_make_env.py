"""`make env` says in one sentence what is missing; what it builds is what this suite runs in."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.emulator import CHECKOUT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What `make env` needs of a fresh clone."""
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(CHECKOUT / name, tmp_path)
    (tmp_path / "scripts").mkdir()
    shutil.copy(CHECKOUT / "scripts" / "env.sh", tmp_path / "scripts")
    return tmp_path


def make_env(clone: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", "env"]
    environment = os.environ | variables
    return subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)


def python_that(clone: Path, script: str) -> str:
    path = clone / "python"
    path.write_text(f'#!/bin/sh\n{script}\nexec "{sys.executable}" "$@"\n')
    path.chmod(0o755)
    return str(path)


def refusal(told: subprocess.CompletedProcess[str]) -> str:
    """The one sentence; what make adds by itself left out."""
    assert told.returncode != 0
    lines = [line for line in told.stderr.splitlines() if not line.startswith("make")]
    assert len(lines) == 1, told.stderr
    return lines[0]


def test_a_missing_python_is_one_sentence(clone: Path) -> None:
    assert "needs Python 3.11 or later" in refusal(make_env(clone, PYTHON="/nowhere/python3"))


def test_an_old_python_is_one_sentence(clone: Path) -> None:
    assert "needs Python 3.11 or later" in refusal(make_env(clone, PYTHON=python_that(clone, "exit 1")))


def test_a_missing_venv_module_is_one_sentence(clone: Path) -> None:
    without = python_that(clone, 'case "$*" in *ensurepip*) exit 1;; esac')
    assert "apt-get install python3-venv" in refusal(make_env(clone, PYTHON=without))


def test_a_missing_package_is_one_sentence(clone: Path) -> None:
    (clone / "requirements-dev.txt").write_text("lakeshop-no-such-package==1\n")
    told = make_env(clone, PYTHON=sys.executable, PIP_NO_INDEX="1")
    sentence = refusal(told)
    assert "lakeshop-no-such-package==1" in sentence
    assert "run make env again" in sentence
    assert (clone / ".venv" / "install.log").exists()


def test_the_second_time_nothing_is_done(clone: Path) -> None:
    (clone / "requirements-dev.txt").write_text("")
    (clone / "requirements.txt").write_text("")
    assert "Making .venv" in make_env(clone, PYTHON=sys.executable).stdout
    again = make_env(clone, PYTHON="/nowhere/python3")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    (clone / "requirements.txt").write_text("# another\n")
    assert "Installing" in make_env(clone, PYTHON=sys.executable).stdout
