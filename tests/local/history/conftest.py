"""A Lakebase Local for each test, whose history may be made as small as the test needs."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from tests.emulator import Emulator
from tests.local.running.conftest import BRANCH, PRIMARY, data_root, postmasters
from tests.local.sdk import Sdk, new_project

__all__ = ["BRANCH", "PRIMARY", "archived", "bases", "history", "moment", "rows", "until"]
PROJECT = "projects/shop"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Sdk]]:
    """Start an emulator with these options more; the owner of its project `shop`."""
    with ExitStack() as stack:
        started: list[Sdk] = []

        def start(*arguments: str) -> Sdk:
            started.append(stack.enter_context(new_project(tmp_path, *arguments)))
            return started[-1]

        yield start
        stack.close()
        for sdk in started:
            assert postmasters(sdk.emulator) == []


@pytest.fixture(scope="session")
def shared_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path_factory.mktemp("history") / "local")
    yield emulator
    emulator.destroy()


@pytest.fixture
def sdk(shared_emulator: Emulator) -> Iterator[Sdk]:
    """The owner of a new project `shop`, for tests that leave the emulator as it is."""
    sdk = Sdk(shared_emulator)
    sdk.make_project("shop")
    yield sdk
    sdk.postgres.delete_project(PROJECT, purge=True).wait()


def moment(at: float) -> Timestamp:
    made = Timestamp()
    made.FromMicroseconds(int(at * 1_000_000))
    return made


def history(sdk: Sdk, branch: str = BRANCH) -> dict[str, Any]:
    """What the control surface says of a branch's history."""
    (found,) = [one["history"] for one in sdk.emulator.get("/_local/info")["branches"] if one["name"] == branch]
    assert isinstance(found, dict)
    return found


def archived(sdk: Sdk, branch: str = BRANCH) -> list[str]:
    """The names of the log files in a branch's archive."""
    return sorted(path.name for path in (_directory(sdk, branch) / "log").iterdir())


def bases(sdk: Sdk, branch: str = BRANCH) -> list[Path]:
    """The copies from which a branch's log can be replayed."""
    return sorted((_directory(sdk, branch) / "bases").iterdir())


def _directory(sdk: Sdk, branch: str) -> Path:
    uid = str(sdk.postgres.get_branch(branch).uid)
    return data_root(sdk.emulator) / "history" / uid


def rows(sdk: Sdk, branch: object, query: str = "SELECT number FROM counted ORDER BY number") -> list[Any]:
    with sdk.connect(f"{branch}/endpoints/primary") as session:
        return [value for (value,) in session.execute(query)]  # type: ignore[call-overload]


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)
