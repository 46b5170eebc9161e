"""The ring of samples, and the pace of the size."""

import itertools

import pytest

from lakebase.local.autoscaling import KEPT, History, Sample, next_size


@pytest.mark.parametrize("count", [0, 1, KEPT - 1, KEPT, KEPT + 1, 2 * KEPT + 7])
def test_the_last_hour_is_kept(count: int) -> None:
    history = History()
    for number in range(count):
        history.add(Sample(float(number), number % 5, number % 3, 0.25))
    expected = range(max(0, count - KEPT), count)
    assert history.since(-1) == [Sample(float(number), number % 5, number % 3, 0.25) for number in expected]
    assert [sample.at for sample in history.since(count - 3)] == list(map(float, expected[-2:]))


def test_up_within_seconds_and_down_within_two_minutes() -> None:
    def steps(size: float, wanted: float) -> int:
        for number in itertools.count():
            if size == wanted:
                return number
            size = next_size(size, wanted)
        raise AssertionError

    assert steps(1, 16) < 10 < 60 < steps(16, 1) < 180
    assert next_size(2, 2) == 2
