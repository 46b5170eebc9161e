"""Moments outside of the history are refused, with its true bounds."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from databricks.sdk.errors import InvalidParameterValue
from databricks.sdk.service.postgres import Branch, BranchSpec
from google.protobuf.timestamp_pb2 import Timestamp

from tests.emulator import Emulator
from tests.local.history.conftest import PROJECT, history, moment, rows
from tests.local.sdk import Sdk

YEAR = 365.2425 * 86_400
BOUNDS = re.compile(r"reaches from (\S+) to (\S+); got")


@pytest.fixture(scope="module")
def sdk(shared_emulator: Emulator) -> Iterator[Sdk]:
    """One project for all that is refused here."""
    sdk = Sdk(shared_emulator)
    sdk.make_project("shop")
    yield sdk
    sdk.postgres.delete_project(PROJECT, purge=True).wait()


@pytest.mark.parametrize("seconds", [-3600, -88 * YEAR, -2020 * YEAR, 60, 10 * YEAR, 7970 * YEAR])
def test_before_the_history_and_in_the_future(sdk: Sdk, seconds: float) -> None:
    with pytest.raises(InvalidParameterValue, match=r"Field 'spec\.source_branch_time' must lie in the history") as no:
        sdk.make_branch(PROJECT, "never", source_branch_time=moment(time.time() + seconds))
    bounds = BOUNDS.search(str(no.value))
    assert bounds is not None
    (span,) = history(sdk)["spans"]
    assert bounds[1] == span["from"]
    assert span["until"] is None
    assert f"{PROJECT}/branches/never" not in [branch.name for branch in sdk.postgres.list_branches(PROJECT)]


@pytest.mark.slow
def test_the_bounds_themselves_can_be_had(sdk: Sdk) -> None:
    first = Timestamp()
    first.FromJsonString(history(sdk)["spans"][0]["from"])
    made = sdk.make_branch(PROJECT, "first", source_branch_time=first)
    assert rows(sdk, made.name, "SELECT 1") == [1]
    before = Timestamp()
    before.FromMilliseconds(first.ToMilliseconds() - 2)
    with pytest.raises(InvalidParameterValue, match="must lie in the history"):
        sdk.make_branch(PROJECT, "before", source_branch_time=before)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"source_branch_lsn": "FFFFFFFF/0"}, r"reaches from 0/\w+ to 0/\w+; got FFFFFFFF/0"),
        ({"source_branch_lsn": "0/1"}, r"reaches from 0/\w+ to 0/\w+; got 0/1"),
        ({"source_branch_lsn": "yesterday"}, "must be a log position such as"),
        ({"source_branch_lsn": "0/16B3740; --"}, "must be a log position such as"),
        ({"source_branch_lsn": "0/1", "source_branch_time": moment(0)}, "At most one of"),
        ({"source_branch_lsn": "0/1", "source_snapshot": f"{PROJECT}/snapshots/x"}, "must be empty"),
    ],
)
def test_log_positions_are_checked_too(sdk: Sdk, spec: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidParameterValue, match=says):
        sdk.make_branch(PROJECT, "never", **spec)


def test_a_replaced_branch_is_refused_another_moment(sdk: Sdk) -> None:
    """First for what a new one would be refused for."""
    name, source = sdk.make_branch(PROJECT, "replaced").name, f"{PROJECT}/branches/production"
    for at, says in ((time.time() + 60, "must lie in the history"), (time.time(), "cannot be changed")):
        spec = BranchSpec(source_branch=source, source_branch_time=moment(at), no_expiry=True)
        with pytest.raises(InvalidParameterValue, match=says):
            sdk.postgres.create_branch(PROJECT, Branch(spec=spec), "replaced", replace_existing=True)
    sdk.postgres.delete_branch(str(name), purge=True).wait()


def test_time_to_which_the_clock_was_moved_is_still_the_future(sdk: Sdk) -> None:
    """PostgreSQL cannot be told another time, so points in time stay on the wall clock."""
    sdk.emulator.advance(7200)
    with pytest.raises(InvalidParameterValue, match="must lie in the history"):
        sdk.make_branch(PROJECT, "never", source_branch_time=moment(time.time() + 3600))
