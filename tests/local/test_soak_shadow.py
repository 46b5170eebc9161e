"""What `make soak` compares with: a lost row is told, and one out of its time."""

import random
from array import array
from typing import cast

import pytest

from bench.soak.patient import Patient
from bench.soak.shadow import Shadow, Writer


@pytest.fixture
def writer() -> Writer:
    """Three rows, begun at 10, 20 and 30; nobody knows of the second whether it was written."""
    writer = Writer(0, cast(Patient, None), random.Random(0))
    writer.begun, writer.acknowledged = array("d", [10, 20, 30]), array("d", [11, float("inf"), 31])
    return writer


@pytest.mark.parametrize("found", [{0, 1, 2}, {0, 2}])
def test_a_row_that_was_not_acknowledged_may_be_there_or_not(writer: Writer, found: set[int]) -> None:
    assert writer.compare(found, there_by=40, none_after=40) == []


def test_a_lost_row_is_told(writer: Writer) -> None:
    assert writer.compare({1, 2}, there_by=40, none_after=40) == ["row 0/0, acknowledged 29.000 s before, lost"]
    shadow = Shadow([writer])
    shadow.compare("branch projects/shop/branches/b1", {}, there_by=15, none_after=40)
    assert shadow.faults == ["branch projects/shop/branches/b1: row 0/0, acknowledged 4.000 s before, lost"]
    assert (shadow.comparisons, shadow.acknowledged) == ({"branch": 1}, 2)


def test_a_row_of_later_is_told(writer: Writer) -> None:
    assert writer.compare({0, 1, 2}, there_by=15, none_after=25) == ["row 0/2, begun 5.000 s after, is there"]
    assert writer.compare({0}, there_by=15, none_after=25) == []
