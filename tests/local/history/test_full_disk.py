"""With little room on the disk the history stops, says so, goes on by itself, and its gap is told as a gap."""

import shutil
import time
from collections.abc import Callable
from typing import Any

import pytest
from databricks.sdk.errors import InvalidParameterValue, NotImplemented

from tests.local.history.conftest import BRANCH, PRIMARY, PROJECT, archived, history, moment, rows, until
from tests.local.running.conftest import data_root
from tests.local.sdk import Sdk


def restart(sdk: Sdk, *arguments: str) -> None:
    sdk.emulator.stop()
    sdk.emulator.arguments = arguments
    sdk.emulator.start()


def write(sdk: Sdk, number: int) -> float:
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE IF NOT EXISTS counted (number int)")
        session.execute("INSERT INTO counted VALUES (%s)", [number])
    time.sleep(0.05)
    return time.time()


def at(sdk: Sdk, name: str, when: float) -> list[Any]:
    return rows(sdk, sdk.make_branch(PROJECT, name, source_branch_time=moment(when)).name)


@pytest.mark.slow
def test_nothing_is_archived_where_there_is_too_little_room(start: Callable[..., Sdk]) -> None:
    more_than_there_is = 10**9 - 1
    sdk = start("--history-min-free", str(more_than_there_is))
    until(lambda: bool(sdk.emulator.events("history-stopped")))
    told, before = history(sdk)["stopped"], archived(sdk)
    assert f"under {more_than_there_is} MB: no history is kept until there is room" in told
    second = write(sdk, 1)
    sdk.emulator.suspend(PRIMARY)  # which finishes a file of the log
    assert archived(sdk) == before
    with pytest.raises(
        InvalidParameterValue, match=r"must lie in the history .*no history is kept until there is room"
    ):
        at(sdk, "second", second)


@pytest.mark.soak
def test_history_stops_and_goes_on(start: Callable[..., Sdk]) -> None:
    sdk = start()
    first = write(sdk, 1)
    more_than_free = shutil.disk_usage(data_root(sdk.emulator)).total >> 20
    restart(sdk, "--history-min-free", str(more_than_free))
    until(lambda: bool(history(sdk)["spans"][0]["until"]))
    told = history(sdk)
    assert f"under {more_than_free} MB: no history is kept until there is room" in told["stopped"]
    (stopped,) = sdk.emulator.events("history-stopped")
    assert stopped["message"] == told["stopped"]
    second, before = write(sdk, 2), archived(sdk)
    sdk.emulator.suspend(PRIMARY)  # which finishes a file of the log
    assert archived(sdk) == before
    assert at(sdk, "first", first) == [1]
    with pytest.raises(InvalidParameterValue, match="must lie in the history"):
        at(sdk, "second", second)

    restart(sdk)
    third = write(sdk, 3)
    until(lambda: len(history(sdk)["spans"]) == 2)
    fourth = write(sdk, 4)
    assert history(sdk)["stopped"] is None
    assert len(sdk.emulator.events("history-resumed")) == 1
    assert at(sdk, "again", first) == [1]
    assert at(sdk, "fourth", fourth) == [1, 2, 3, 4]
    with pytest.raises(InvalidParameterValue, match=r"from \S+ to \S+ and from \S+ to \S+; got"):
        at(sdk, "third", (second + third) / 2)


@pytest.mark.slow
def test_no_history_leaves_postgres_alone(start: Callable[..., Sdk]) -> None:
    sdk = start()
    first = write(sdk, 1)
    restart(sdk, "--no-history")
    write(sdk, 2)
    with sdk.connect(PRIMARY) as session:
        assert session.execute("SHOW archive_mode").fetchone() == ("off",)
    with pytest.raises(NotImplemented, match="--no-history"):
        at(sdk, "first", first)
    assert [branch["history"] for branch in sdk.emulator.get("/_local/info")["branches"]] == [None]
    restart(sdk)
    (span,) = [span for span in history(sdk)["spans"] if span["until"] is not None]
    assert span["branch"] == BRANCH
    with sdk.connect(PRIMARY):
        until(lambda: len(history(sdk)["spans"]) == 2)
    last = write(sdk, 3)
    assert at(sdk, "last", last) == [1, 2, 3]
