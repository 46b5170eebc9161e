"""New bases come as the log grows, the old ones go by size, and each moment is replayed from the right one."""

import time
from collections.abc import Callable

import pytest
from databricks.sdk.errors import InvalidParameterValue

from tests.local.history.conftest import BRANCH, PRIMARY, PROJECT, archived, history, moment, rows, until
from tests.local.running.conftest import data_root
from tests.local.sdk import Sdk

FILL = "INSERT INTO filler SELECT repeat(md5(n::text), 30) FROM generate_series(1, 20000) n"
MEGABYTE = 1 << 20

SOAK = pytest.mark.soak


def write(sdk: Sdk, number: int) -> float:
    """About 25 MB of log and one row; the moment at which it is there."""
    with sdk.connect(PRIMARY) as session:
        session.execute(FILL)
        session.execute("INSERT INTO counted VALUES (%s)", [number])
        session.execute("TRUNCATE filler")
    time.sleep(0.05)
    return time.time()


def prepare(sdk: Sdk) -> None:
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE counted (number int); CREATE TABLE filler (x text STORAGE PLAIN)")


def bases(sdk: Sdk) -> int:
    number = history(sdk)["bases"]
    assert isinstance(number, int)
    return number


@SOAK
def test_each_moment_is_replayed_from_its_own_base(start: Callable[..., Sdk]) -> None:
    sdk = start("--history-every", "32")
    prepare(sdk)
    moments = []
    for number in range(1, 7):
        moments.append(write(sdk, number))
        if number % 2 == 0:
            until(lambda at_least=1 + number // 2: bases(sdk) >= at_least)  # type: ignore[misc]
    for number in (1, 2, 3, 5, 6):
        made = sdk.make_branch(PROJECT, f"at-{number}", source_branch_time=moment(moments[number - 1]))
        assert rows(sdk, made.name) == list(range(1, number + 1))
    assert bases(sdk) == 1 + len([made for made in sdk.emulator.events("base-made") if made["branch"] == BRANCH])


@SOAK
def test_history_stays_within_its_size(start: Callable[..., Sdk]) -> None:
    sdk = start("--history-every", "32", "--history-size", "250")
    prepare(sdk)
    first = write(sdk, 1)
    until(lambda: bool(archived(sdk)))
    oldest = archived(sdk)[0]
    for number in range(2, 14):
        last = write(sdk, number)
    until(lambda: len(sdk.emulator.events("history-pruned")) > 0)
    until(lambda: history(sdk)["bytes"] <= 250 * MEGABYTE or bases(sdk) == 2)
    with pytest.raises(InvalidParameterValue, match="must lie in the history") as refused:
        sdk.make_branch(PROJECT, "first", source_branch_time=moment(first))
    assert history(sdk)["spans"][0]["from"] in str(refused.value)
    assert rows(sdk, sdk.make_branch(PROJECT, "last", source_branch_time=moment(last)).name) == list(range(1, 14))
    until(lambda: oldest not in archived(sdk))
    uid = str(sdk.postgres.get_branch(BRANCH).uid)
    copies = data_root(sdk.emulator) / "history" / uid / "bases"
    until(lambda: len(list(copies.iterdir())) == bases(sdk))


@SOAK
def test_archive_grows_with_what_is_written_only(start: Callable[..., Sdk]) -> None:
    sdk = start()
    before = archived(sdk)
    with sdk.connect(PRIMARY) as session:
        for _ in range(50):
            session.execute("SELECT count(*) FROM pg_class")
    time.sleep(2)
    assert archived(sdk) == before
    for _ in range(3):
        sdk.emulator.suspend(PRIMARY)
        with sdk.connect(PRIMARY) as session:
            session.execute("SELECT 1")
    assert len(archived(sdk)) <= len(before) + 3


@pytest.mark.slow
def test_too_large_a_branch_has_no_history_and_says_so(start: Callable[..., Sdk]) -> None:
    sdk = start("--history-size", "10")
    until(lambda: bool(history(sdk)["stopped"]))
    assert "Give a larger --history-size." in history(sdk)["stopped"]
    assert history(sdk)["spans"] == []
    with pytest.raises(InvalidParameterValue, match="reaches nowhere yet"):
        sdk.make_branch(PROJECT, "then", source_branch_time=moment(time.time()))
