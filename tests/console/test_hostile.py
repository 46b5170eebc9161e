"""Nothing that is typed into the query builder changes the database, shows who signs in, or takes all there is."""

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.db import DataError
from postgast import PgQueryError

from console.deadline import GRACE
from console.mistakes import QueryFailed, Reason
from console.running import Limits, run, running
from console.statement import Allowed, Kind, Refused, checked
from lakebase.backend.base import DatabaseWrapper
from tests.console.conftest import allowed, ask, until_none_is_left, value
from tests.console.hostile import BOUNDED, REFUSED
from tests.console.unchanged import fingerprint

SECRET = "pbkdf2_sha256$"  # as the hash of every password begins
MACHINE = 10  # seconds that a machine with much else to do may add
IMPATIENT = Limits(seconds=0.25, rows=50, cell=1_000, size=100_000, line=10_000)


def cases(groups: dict[str, tuple[str, ...]]) -> list[object]:
    return [
        pytest.param(statement, id=f"{group}-{number}-{statement[:40]!a}")
        for group, statements in groups.items()
        for number, statement in enumerate(statements)
    ]


@pytest.fixture(scope="module")
def before() -> dict[str, object]:
    """The fingerprint before the first statement of this file."""
    return {}


@pytest.fixture
def unchanged(console: str, owner: DatabaseWrapper, before: dict[str, object]) -> Iterator[None]:
    """Within the test whatever happens; after it all is as before the first one."""
    before.update(before or fingerprint(owner))
    yield
    assert fingerprint(owner) == before


def test_the_table_is_long_enough() -> None:
    assert sum(map(len, REFUSED.values())) + sum(map(len, BOUNDED.values())) >= 150


@pytest.mark.parametrize("typed", cases(REFUSED))
def test_is_refused_with_its_place_and_its_reason(typed: str) -> None:
    refused = checked(typed)
    assert isinstance(refused, Refused)
    assert refused.position is not None and refused.position.line >= 1 and refused.position.column >= 1
    assert len(refused.message) > 20 and refused.message.endswith((".", "?"))


@pytest.mark.parametrize("group", REFUSED)
def test_would_do_nothing_if_it_were_run_as_it_stands(unchanged: None, group: str) -> None:
    """The walls behind the parser: a role that only reads, a transaction that does, one statement, a time."""
    for typed in REFUSED[group]:
        # A run makes a part of a larger query of it, in which most would be no more than a mistake.
        with suppress(UnicodeEncodeError), running(allowed("SELECT 1"), limits=IMPATIENT) as query:
            answer = query.connection.pgconn.exec_params(typed.encode(), [])
            cells = [answer.get_value(row, column) for row in range(answer.ntuples) for column in range(answer.nfields)]
            assert SECRET not in str(cells), typed


@pytest.mark.parametrize("group", REFUSED)
def test_would_do_nothing_in_the_place_of_a_plan(unchanged: None, group: str) -> None:
    """A plan's text is run as it stands, by a function that opens a cursor on it."""
    for typed in REFUSED[group]:
        with suppress(QueryFailed, DataError, UnicodeEncodeError, PgQueryError):
            assert SECRET not in str(run(Allowed(Kind.PLAN, typed, typed), limits=IMPATIENT).rows), typed


@pytest.mark.parametrize("group", [pytest.param(each, marks=pytest.mark.slow) for each in BOUNDED])
def test_is_bounded(unchanged: None, group: str) -> None:
    for typed in BOUNDED[group]:
        until_none_is_left()
        started = time.monotonic()
        try:
            found = run(allowed(typed), limits=IMPATIENT)
        except QueryFailed as failure:
            # A bound of the product: 5 seconds are promised, and these texts would take minutes.
            assert time.monotonic() - started < IMPATIENT.seconds + GRACE + MACHINE, typed
            assert failure.reason is not Reason.BUSY, typed
            assert len(str(failure)) + len(failure.detail) + len(failure.hint) <= 6_100, typed
            continue
        assert len(found.rows) <= IMPATIENT.rows, typed
        assert sum(len(cell) for row in found.rows for cell in row if cell) <= 2 * IMPATIENT.size, typed
        assert SECRET not in str(found.rows), typed


def test_the_next_query_finds_the_session_as_the_first_did(console: str) -> None:
    session = "SELECT current_user, current_setting('search_path'), current_setting('application_name')"
    first = ask(session).rows
    for typed in (*REFUSED["settings and roles"], *REFUSED["waiting and locking"]):
        with suppress(QueryFailed):
            run(Allowed(Kind.QUERY, typed, typed), limits=IMPATIENT)
    assert ask(session).rows == first == [("lakeshop_reader", "pg_catalog, pg_temp", "lakeshop query")]
    assert value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == "0"
