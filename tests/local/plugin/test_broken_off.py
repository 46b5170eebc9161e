"""Nothing of a Lakebase stays when pytest is interrupted, and the next run takes away what a killed one left."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lakebase.local.cluster.account import data_directory
from tests.local.plugin.other_project import OtherProject, processes_below

WAITS = """
import time

def test_waits(lakebase_branch):
    print("waiting", flush=True)
    time.sleep(60)

def test_is_quick(lakebase):
    pass
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> OtherProject:
    return OtherProject(tmp_path, WAITS)


@pytest.fixture
def waiting(project: OtherProject) -> Iterator[subprocess.Popen[str]]:
    """A pytest in the middle of a test that has a branch."""
    process = project.start("-s", "-k", "waits")
    assert process.stdout is not None
    while "waiting" not in (line := process.stdout.readline()):
        assert line, "it ended before its time"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_interrupted_run_leaves_nothing_and_none_takes_it_before(
    project: OtherProject, waiting: subprocess.Popen[str]
) -> None:
    (home,) = project.homes()
    before = {process.pid for process in processes_below(home)}
    assert len(before) >= 2
    project.run("-k", "quick")
    assert {process.pid for process in processes_below(home)} == before
    waiting.send_signal(signal.SIGINT)
    said, _ = waiting.communicate(timeout=30)
    assert waiting.returncode == 2 and "KeyboardInterrupt" in said
    assert processes_below(home) == []
    assert list(project.runs.iterdir()) == [] and not data_directory(home).exists()


@pytest.mark.parametrize("emulator_too", [False, True])
def test_next_run_takes_away_what_a_killed_one_left(
    project: OtherProject, waiting: subprocess.Popen[str], emulator_too: bool
) -> None:
    (home,) = project.homes()
    emulator = int((home / "lock").read_text())
    if emulator_too:
        os.kill(emulator, signal.SIGKILL)
    waiting.kill()
    waiting.wait()
    if emulator_too:
        # Its servers live on, which the next run must stop.
        assert processes_below(home)
    else:
        until(lambda: processes_below(home) == [])
    assert project.homes() == [home]
    project.run("-k", "quick")
    assert processes_below(home) == []
    assert list(project.runs.iterdir()) == [] and not data_directory(home).exists()


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)
