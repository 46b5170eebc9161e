"""The ring of samples, and the pace of the size."""

import itertools
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lakebase.local.autoscaling import KEPT, Autoscaling, History, Sample, next_size
from lakebase.local.records import ComputeSettings


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


@pytest.mark.parametrize(("cores", "size"), [(0.0, 0.5), (0.4, 0.5), (0.8, 1), (1.6, 2), (12.8, 4)])
def test_busy_processors_alone_drive_the_size_between_its_limits(cores: float, size: float) -> None:
    limits = ComputeSettings(min_cu=0.5, max_cu=4)
    awake: Any = SimpleNamespace(name="p", running=True, sessions=[], endpoint=SimpleNamespace(compute=limits))
    autoscaling = Autoscaling(cast(Any, {"p": awake}))
    for _ in range(20):
        autoscaling._take(awake, cores)
    assert autoscaling.size("p") == size
