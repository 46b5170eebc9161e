"""Branching copies nothing into the log: what its files have of nothing takes no room, and they stay what they are."""

import os
from pathlib import Path

import pytest

from lakebase.local.history.holes import release, room_taken
from tests.local.history.conftest import PROJECT, archived, history, until
from tests.local.sdk import Sdk

SEGMENT = 16 << 20


@pytest.mark.parametrize(
    ("written", "left"), [(b"", 0), (b"x", 4096), (b"\0" * 70_000 + b"x", 73_728), (b"x" * SEGMENT, SEGMENT)]
)
def test_the_zeros_at_the_end_are_given_back(tmp_path: Path, written: bytes, left: int) -> None:
    file, whole = tmp_path / "segment", written.ljust(SEGMENT, b"\0")
    file.write_bytes(whole)
    os.utime(file, (1_000_000, 1_000_000))
    os.sync()
    release(file)
    assert file.stat().st_mtime == 1_000_000
    assert room_taken(file) == left
    assert file.read_bytes() == whole


def test_branches_of_a_running_branch_take_next_to_nothing(sdk: Sdk) -> None:
    """Each backup finishes a file of the log in which hardly anything is written."""
    sdk.connect(f"{PROJECT}/branches/production/endpoints/primary").close()
    sdk.make_branch(PROJECT, "first")
    before, files = history(sdk)["bytes"], len(archived(sdk))
    for number in range(2):
        sdk.make_branch(PROJECT, f"cheap-{number}")
    until(lambda: len(archived(sdk)) > files + 1)
    until(lambda: before < history(sdk)["bytes"] < before + SEGMENT)
