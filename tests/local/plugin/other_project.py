"""A project that knows nothing of this one: a directory with tests, run by a pytest of its own with the plugin."""

import subprocess
import sys
from pathlib import Path

import psutil

from lakebase.local.cluster.account import data_directory
from tests.emulator import CHECKOUT, commands, plain_environment
from tests.running_site import heed_signals

ALONE = ("-p", "lakebase.local.pytest_plugin", "-p", "no:django", "-p", "no:cacheprovider", "-q")
CONFTEST = """
import pytest

@pytest.fixture(scope="session")
def lakebase_seed():
    def seed(branch):
        with branch.connect() as session:
            session.execute("CREATE TABLE item (name text)")
            session.execute("INSERT INTO item VALUES ('seeded')")
    return seed
"""
SETTINGS = """
[pytest]
filterwarnings = error
lakebase_project = elsewhere
"""


class OtherProject:
    """Lives in `directory`; its Lakebases lie in `runs`."""

    def __init__(self, directory: Path, tests: str) -> None:
        self.directory, self.runs = directory / "project", directory / "runs"
        self.directory.mkdir()
        for name, text in {"conftest.py": CONFTEST, "pytest.ini": SETTINGS, "test_items.py": tests}.items():
            (self.directory / name).write_text(text)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "pytest", *ALONE, f"--lakebase-dir={self.runs}", *arguments],
            cwd=self.directory,
            env=plain_environment() | {"PYTHONPATH": str(CHECKOUT)} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=heed_signals,
        )

    def run(self, *arguments: str, **environment: str) -> str:
        """What pytest said; it must have passed."""
        process = self.start(*arguments, **environment)
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
        return said

    def homes(self) -> list[Path]:
        """The directories of emulators of this project that are there now."""
        return list(self.runs.glob("run-*/local"))


def processes_below(*directories: Path) -> list[psutil.Process]:
    """The emulators in these directories, and the postgres servers of their branches, by their command lines."""
    roots = [str(root) for directory in directories for root in (directory, data_directory(directory))]
    return [process for process, words in commands() if any(word.startswith(root) for word in words for root in roots)]
