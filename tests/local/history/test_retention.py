"""What of a history is dropped, and which stretches are left: by time, by size, across gaps."""

import time
from contextlib import closing
from pathlib import Path

import pytest

from lakebase.local.history import reach
from lakebase.local.history.archive import Segment
from lakebase.local.history.moment import Moment
from lakebase.local.history.retention import MEGABYTE, Limits, log_since, outlived, spans
from lakebase.local.records import Base, Branch, Project
from lakebase.local.server import Options
from lakebase.local.store import Store

NAMES = [f"00000001000000000000000{number}" for number in range(1, 7)]
LOG = [Segment(name, 100) for name in NAMES]
HUGE = 10**9


def base(number: int, time: float, until: float | None = None) -> Base:
    """Its copy has 1000 bytes and needs the log from segment `number` on."""
    name = f"projects/p/branches/b/bases/{number}"
    return Base(name, str(number), 0, 0, time, f"0/{number}000000", NAMES[number - 1], 1000, until, "")


def test_what_is_kept_unless_something_else_is_said() -> None:
    """As docs/lakebase-local.md says."""
    gigabyte = 1024 * MEGABYTE
    assert Limits() == Limits(size=2 * gigabyte, min_free=gigabyte, every=256 * MEGABYTE)
    assert Options().history == Limits()


def numbers(bases: list[Base]) -> list[str]:
    return [each.uid for each in bases]


@pytest.mark.parametrize(
    ("not_before", "size", "dropped"),
    [
        (0, HUGE, []),
        (15, HUGE, []),  # moments from 15 to 20 still need the first
        (20, HUGE, ["1"]),
        (35, HUGE, ["1", "2"]),  # the newest stays, whatever its age
        (0, 3600, []),
        (0, 3599, ["1"]),
        (0, 0, ["1"]),  # two are kept however small the size is
        (35, 0, ["1", "2"]),
    ],
)
def test_oldest_bases_go_by_time_and_by_size(not_before: float, size: int, dropped: list[str]) -> None:
    known = [base(3, 30), base(1, 10), base(2, 20)]
    assert numbers(outlived(known, LOG, not_before=not_before, size=size)) == dropped


def test_stretch_that_has_ended_goes_when_its_end_is_too_old() -> None:
    known = [base(1, 10, until=12), base(2, 20)]
    assert numbers(outlived(known, LOG, not_before=11, size=HUGE)) == []
    assert numbers(outlived(known, LOG, not_before=12, size=HUGE)) == ["1"]
    alone = [base(1, 10, until=12)]
    assert numbers(outlived(alone, LOG, not_before=11, size=HUGE)) == []
    assert numbers(outlived(alone, LOG, not_before=13, size=HUGE)) == ["1"]


@pytest.mark.parametrize(
    ("known", "size", "dropped"),
    [
        ([base(1, 10, until=12)], 1600, []),
        ([base(1, 10, until=12)], 1599, ["1"]),  # nothing would ever follow it
        ([base(1, 10, until=25), base(2, 20, until=25)], 2600, []),
        ([base(1, 10, until=25), base(2, 20, until=25)], 2599, ["1"]),
        ([base(1, 10, until=25), base(2, 20, until=25)], 1499, ["1", "2"]),
        ([base(1, 10, until=12), base(2, 20)], 2599, ["1"]),  # before what goes on
        ([base(2, 20)], 0, []),
    ],
)
def test_stretch_that_has_ended_goes_when_it_is_too_large(known: list[Base], size: int, dropped: list[str]) -> None:
    assert numbers(outlived(known, LOG, not_before=0, size=size)) == dropped


def test_spans_have_honest_gaps() -> None:
    known = [base(1, 10, until=25), base(2, 20, until=25), base(3, 30), base(4, 40)]
    assert [(span.time, span.until_time) for span in spans(known, 0)] == [(10, 25), (30, None)]
    assert [(span.time, span.until_time) for span in spans(known, 22)] == [(22, 25), (30, None)]
    assert [(span.time, span.until_time) for span in spans(known, 26)] == [(30, None)]


def test_project_says_how_far_back_its_branches_reach(tmp_path: Path) -> None:
    now, day = time.time(), 86_400
    branch = Branch("projects/p/branches/b", "br-1", 0, 0)
    with closing(Store(tmp_path / "state.db")) as store:
        for record in (
            Project("projects/p", "p", 0, 0, history_retention=2 * day),
            branch,
            base(1, now - 3 * day),
            base(2, now - day),
        ):
            store.put(record)
        found = {ago: reach.locate(store, branch, Moment(now - ago * day)) for ago in (2.5, 1.5, 0.5, -0.5)}
        (span,) = reach.reachable(store, branch)
    assert {ago: one and one[1].uid for ago, one in found.items()} == {2.5: None, 1.5: "1", 0.5: "2", -0.5: None}
    assert span.time == pytest.approx(now - 2 * day, abs=60)


def test_next_base_is_due_by_what_was_logged_since() -> None:
    """Each file counts a megabyte at least."""
    assert log_since(base(2, 20), LOG) == 4 * MEGABYTE
    assert log_since(base(2, 20), [*LOG[:-1], Segment(NAMES[-1], 5 * MEGABYTE)]) == 8 * MEGABYTE


@pytest.mark.parametrize(
    ("moment", "place", "comes_later"),
    [
        (Moment(20.0), (20.0, "0/0"), True),
        (Moment(19.9), (20.0, "0/0"), False),
        (Moment(lsn="1/0"), (99.0, "0/FFFFFFFF"), True),
        (Moment(lsn="0/9"), (0.0, "0/A"), False),
        (Moment(lsn="0/A"), (0.0, "0/A"), True),
    ],
)
def test_moments_are_compared_by_what_names_them(moment: Moment, place: tuple[float, str], comes_later: bool) -> None:
    assert moment.is_from(*place) is comes_later
