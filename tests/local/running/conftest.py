"""An emulator for each test that kills it, starves it or moves its clock."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.emulator import Emulator, commands
from tests.local.sdk import Sdk, new_project

BRANCH = "projects/shop/branches/production"
PRIMARY = f"{BRANCH}/endpoints/primary"


@pytest.fixture
def sdk(tmp_path: Path) -> Iterator[Sdk]:
    """The owner of project `shop` on a new emulator."""
    with new_project(tmp_path) as sdk:
        yield sdk
    assert postmasters(sdk.emulator) == []


def postmasters(emulator: Emulator) -> list[psutil.Process]:
    """The postgres servers whose data lie below the emulator's directory, told by their command lines."""
    root = str(data_root(emulator))
    return [process for process, words in commands() if "-D" in words and any(root in word for word in words)]


def data_root(emulator: Emulator) -> Path:
    from lakebase.local.cluster.account import data_directory

    return data_directory(emulator.directory)
