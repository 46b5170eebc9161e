"""A simulated size follows the real load of an endpoint between its limits, and is told as simulated."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest

from tests.emulator import Emulator
from tests.local.running.conftest import PRIMARY
from tests.local.sdk import Sdk, new_project

SESSIONS = 16
SLEEP = "DO $$ BEGIN RAISE NOTICE 'begun'; PERFORM pg_sleep(60); END $$"
BURN = "SELECT count(*) FROM (SELECT generate_series(1, 1000000000)) AS numbers"


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sdk]:
    with new_project(tmp_path_factory.mktemp("autoscaling")) as sdk:
        limits = ["spec.autoscaling_limit_min_cu", "spec.autoscaling_limit_max_cu"]
        sdk.update_endpoint(PRIMARY, limits, autoscaling_limit_min_cu=0.5, autoscaling_limit_max_cu=4)
        yield sdk


def compute(emulator: Emulator, more: str = "") -> dict[str, Any]:
    found: dict[str, Any] = emulator.get(f"/_local/compute?endpoint={PRIMARY}{more}")
    return found


def until(emulator: Emulator, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while not reached(told := compute(emulator)):
        assert time.monotonic() < deadline, told
        time.sleep(0.1)
    return told


def test_up_with_the_sessions_at_work_and_slowly_down_again(sdk: Sdk) -> None:
    sessions = [sdk.connect(PRIMARY) for _ in range(SESSIONS)]
    idle = until(sdk.emulator, lambda told: told["samples"] and not told["samples"][-1]["active_sessions"])
    with ThreadPoolExecutor(SESSIONS) as pool:
        # Sessions that work without CPU time count too: they hold locks and memory.
        # Nor is it over with the first that PostgreSQL says.
        work = [pool.submit(session.execute, SLEEP) for session in sessions]
        busy = until(sdk.emulator, lambda told: told["cu"] >= 1.5)
        for session in sessions:
            session.cancel()
        assert all(one.exception() for one in work)
    assert busy["samples"][-1]["active_sessions"] == SESSIONS
    assert 1.5 <= busy["cu"] <= 4
    assert sdk.emulator.endpoint(PRIMARY)["simulated_cu"] >= 0.5
    since = busy["samples"][-1]["at"]
    falling = until(sdk.emulator, lambda told: [s for s in told["samples"] if s["at"] > since and s["cu"] < busy["cu"]])
    assert falling["cu"] > idle["min_cu"]
    for session in sessions:
        session.close()


def test_cpu_time_is_that_of_the_endpoints_processes(sdk: Sdk) -> None:
    with sdk.connect(PRIMARY) as session, ThreadPoolExecutor(1) as pool:
        burning = pool.submit(session.execute, BURN)
        until(sdk.emulator, lambda told: any(s["cores"] > 0.2 for s in told["samples"]))
        session.cancel()
        assert burning.exception()
    # Once it is over they are idle again.
    until(sdk.emulator, lambda told: told["samples"][-1]["cores"] < 0.1)


def test_nothing_while_asleep_and_from_the_minimum_when_awake(sdk: Sdk) -> None:
    sdk.connect(PRIMARY).close()
    until(sdk.emulator, lambda told: told["cu"] > 0)
    sdk.emulator.suspend(PRIMARY)
    assert compute(sdk.emulator)["cu"] == 0 == sdk.emulator.endpoint(PRIMARY)["simulated_cu"]
    asleep = until(sdk.emulator, lambda told: told["samples"][-1]["cu"] == 0)
    time.sleep(1.5)
    assert compute(sdk.emulator) == asleep
    sdk.connect(PRIMARY).close()
    assert until(sdk.emulator, lambda told: told["samples"][-1]["cu"] > 0)["samples"][-1]["cu"] == 0.5


def test_it_is_called_simulated_and_the_api_does_not_show_it(sdk: Sdk) -> None:
    told = compute(sdk.emulator)
    assert (told["simulated"], told["min_cu"], told["max_cu"]) == (True, 0.5, 4)
    assert "cu" not in sdk.postgres.get_endpoint(PRIMARY).status.as_dict()  # type: ignore[union-attr]


def test_only_newer_samples_and_only_so_many(sdk: Sdk) -> None:
    sdk.connect(PRIMARY).close()
    samples = until(sdk.emulator, lambda told: len(told["samples"]) >= 3)["samples"]
    # One a second: never more often, however late one is.
    assert all(later["at"] - earlier["at"] >= 0.99 for earlier, later in pairwise(samples))
    newer = compute(sdk.emulator, f"&after={samples[-2]['at']}")["samples"]
    assert newer[0] == samples[-1]
    assert len(compute(sdk.emulator, "&limit=2")["samples"]) == 2
    assert compute(sdk.emulator, "&limit=0")["samples"] == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("?endpoint=projects/none", 404),
        (f"?endpoint={PRIMARY}&after=noon", 400),
        (f"?endpoint={PRIMARY}&after=nan", 400),
        (f"?endpoint={PRIMARY}&limit=-1", 400),
        (f"?endpoint={PRIMARY}&since=1", 400),
    ],
)
def test_what_is_wrong_is_refused(sdk: Sdk, query: str, status: int) -> None:
    with pytest.raises(OSError, match=str(status)):
        sdk.emulator.get(f"/_local/compute{query}")
