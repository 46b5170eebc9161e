"""Whoever waits for what PostgreSQL cannot stop hangs up, and none begins beside what is left of it."""

from collections.abc import Iterator

import pytest

from console import abandoned, deadline
from console.cancelling import query_name
from console.mistakes import QueryFailed, Reason
from console.running import AT_ONCE, Limits
from tests.console.conftest import ask, until_none_is_left

pytestmark = pytest.mark.slow

# Seconds of work, in which no interrupt is looked for.
UNSTOPPED = "SELECT array_fill(1, ARRAY[34000]) && array_fill(0, ARRAY[34000])"
IMPATIENT = Limits(seconds=0.5)
ADA, GRACE = (query_name(person, "0123456789abcdef") for person in (1, 2))


@pytest.fixture(autouse=True)
def impatience(console: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(deadline, "GRACE", 0.3)
    monkeypatch.setattr(abandoned, "AFTER", 0.5)
    yield
    until_none_is_left()


def test_who_waits_hangs_up_and_begins_nothing_beside_it() -> None:
    with pytest.raises(QueryFailed) as failed:
        ask(UNSTOPPED, IMPATIENT, name=ADA)
    assert (failed.value.reason, "0.5 seconds" in str(failed.value)) == (Reason.TOO_SLOW, True)
    assert "nothing interrupts" in failed.value.detail
    with pytest.raises(QueryFailed, match=r"^A query of yours could not be stopped") as failed:
        ask("SELECT 1", name=ADA)
    assert failed.value.reason is Reason.BUSY
    # Nobody else waits for it, as long as it is the only one; and the place of the run is free again.
    for _ in range(AT_ONCE):
        assert ask("SELECT 1", name=GRACE).rows == [("1",)]
    with pytest.raises(QueryFailed, match="may take"):
        ask(UNSTOPPED, IMPATIENT, name=GRACE)
    with pytest.raises(QueryFailed, match=r"^2 queries of others could not be stopped"):
        ask("SELECT 1")
