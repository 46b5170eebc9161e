"""A query that runs is stopped by another request, which knows its name."""

import threading

import pytest

from console.cancelling import cancel, query_name
from console.mistakes import QueryFailed, Reason
from tests.console.conftest import ask, value

ENDLESS = "SELECT count(*) FROM generate_series(1, 10000000000)"


class Run:
    """The endless query in a thread of its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.failure: QueryFailed | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            ask(ENDLESS, name=self.name)
        except QueryFailed as failure:
            self.failure = failure

    def wait_until_it_runs(self) -> None:
        seen = f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{self.name}'"
        while value(seen) == "0":
            assert self.is_alive

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def end(self) -> QueryFailed | None:
        self._thread.join(60)
        return self.failure


@pytest.mark.usefixtures("console")
def test_a_running_query_is_cancelled_by_its_name() -> None:
    run = Run(query_name(7, "0123456789abcdef"))
    run.wait_until_it_runs()
    assert not cancel(query_name(7, "fedcba9876543210"))  # another run of the same person
    assert not cancel(query_name(8, "0123456789abcdef"))  # another person
    while not cancel(run.name):
        assert run.is_alive
    failure = run.end()
    assert failure is not None and failure.reason is Reason.CANCELLED
    assert str(failure) == "The query was cancelled."


@pytest.mark.usefixtures("console")
def test_a_query_that_has_ended_is_not_there() -> None:
    name = query_name(7, "0123456789abcdef")
    assert ask("SELECT 1", name=name).rows == [("1",)]
    assert not cancel(name)


@pytest.mark.parametrize("run", ["", "short", "x' OR true --", "0" * 33, "ABCDEF0123456789"])
def test_names_are_hexadecimal(run: str) -> None:
    with pytest.raises(ValueError, match="names no run"):
        query_name(1, run)


def test_a_name_fits_into_pg_stat_activity() -> None:
    assert len(query_name(2**63, "f" * 32)) <= 70
