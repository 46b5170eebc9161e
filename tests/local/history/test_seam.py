"""Between the history of a parent and the first base of its branch nothing can be had, and the refusal says so."""

import re
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from lakebase.local.history import reach
from lakebase.local.history.moment import Moment
from lakebase.local.records import Base, Branch, Project
from lakebase.local.store import Store

PARENT, CHILD = "projects/p/branches/parent", "projects/p/branches/child"
NOW = time.time()
COPIED, MADE = NOW - 60, NOW - 59.8  # the child holds all that was committed by then, and nothing from then on


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "state.db")) as store:
        for record in (
            Project("projects/p", "p", 0, 0),
            Branch(PARENT, "br-1", 0, 0),
            Base(f"{PARENT}/bases/1", "1", 0, 0, NOW - 90, "0/1000000"),
            Branch(CHILD, "br-2", 0, 0, source_branch=PARENT, source_branch_time=COPIED, source_branch_lsn="0/2000000"),
            Base(f"{CHILD}/bases/2", "2", 0, 0, MADE, "0/2000000"),
        ):
            store.put(record)
        yield store


def bounds(store: Store, moment: Moment, log_position: str = "") -> list[tuple[str, str]]:
    child = store.get(Branch, CHILD)
    assert child is not None
    assert reach.locate(store, child, moment) is None or moment.lsn
    said = reach.unreachable(store, child, moment, "spec.source_branch_time", log_position, "").message
    return re.findall(r"from (\S+) to (\S+?)(?=[ ;])", said)


def test_both_stretches_are_named_and_their_ends_can_be_had(store: Store) -> None:
    child = store.get(Branch, CHILD)
    assert child is not None
    ends = [datetime.fromisoformat(end).timestamp() for pair in bounds(store, Moment(NOW - 59.9)) for end in pair]
    assert ends == pytest.approx([NOW - 90, COPIED, MADE, time.time()], abs=1)
    found = [reach.locate(store, child, Moment(end)) for end in ends]
    assert [one and one[1].uid for one in found] == ["1", "1", "2", "2"]


def test_log_positions_have_no_seam(store: Store) -> None:
    assert bounds(store, Moment(lsn="0/9000000"), "0/3000000") == [("0/1000000", "0/3000000")]
