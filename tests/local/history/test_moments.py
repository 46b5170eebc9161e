"""A branch at a moment has exactly what was committed by then: by time, by log position, awake, asleep, twice over."""

import random
import threading
import time

import psycopg
import pytest
from databricks.sdk.service.postgres import Role, RoleIdentityType, RoleRoleSpec

from tests.local.history.conftest import BRANCH, PRIMARY, PROJECT, bases, history, moment, rows
from tests.local.sdk import Sdk

SETUP = """
CREATE TABLE counted (number int PRIMARY KEY, writer int, padding text DEFAULT repeat('x', 500));
CREATE TABLE total (writer int PRIMARY KEY, rows int NOT NULL);
"""
# Two tables in one transaction: a half one shows.
WRITE = """
WITH counted_in AS (UPDATE total SET rows = rows + 1 WHERE writer = %(writer)s)
INSERT INTO counted (number, writer) VALUES (%(number)s, %(writer)s)
"""
TORN = "SELECT count(*) FROM total WHERE rows <> (SELECT count(*) FROM counted WHERE counted.writer = total.writer)"


class Shadow:
    """Writers, and when each of their transactions was begun and acknowledged."""

    def __init__(self, sdk: Sdk, writers: int) -> None:
        self.began: dict[int, float] = {}
        self.acknowledged: dict[int, float] = {}
        self.failures: list[psycopg.Error] = []
        self._sdk, self._stop = sdk, threading.Event()
        with sdk.connect(PRIMARY) as session:
            session.execute(SETUP)
            session.execute("INSERT INTO total SELECT generate_series(1, %s), 0", [writers])
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(1, writers + 1)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        assert self.failures == []

    def check(self, branch: object, at: float) -> None:
        found = set(rows(self._sdk, branch))
        assert {number for number, when in self.acknowledged.items() if when <= at} <= found
        assert found <= {number for number, when in self.began.items() if when <= at}
        assert rows(self._sdk, branch, TORN) == [0]
        assert len(found) > 0

    def _write(self, writer: int) -> None:
        try:
            with self._sdk.connect(PRIMARY) as session:
                number = writer * 1_000_000
                while not self._stop.is_set():
                    number += 1
                    self.began[number] = time.time()
                    session.execute(WRITE, {"writer": writer, "number": number})
                    self.acknowledged[number] = time.time()
        except psycopg.Error as error:
            self.failures.append(error)


@pytest.mark.slow
def test_moments_under_write_load(sdk: Sdk) -> None:
    shadow, moments = Shadow(sdk, writers=4), []
    for _ in range(3):
        time.sleep(random.uniform(0.2, 0.6))
        moments.append(time.time())
    made = {at: sdk.make_branch(PROJECT, f"at-{number}", source_branch_time=moment(at)).name
            for number, at in enumerate(moments)}  # fmt: skip
    shadow.stop()
    for at, branch in made.items():
        shadow.check(branch, at)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
def test_random_moments_under_write_load(sdk: Sdk, seed: int) -> None:
    chance, shadow = random.Random(seed), Shadow(sdk, writers=6)
    time.sleep(0.3)
    began, made = time.time(), {}
    for number in range(6):
        time.sleep(chance.uniform(0, 0.5))
        at = chance.uniform(began, time.time())
        made[at] = sdk.make_branch(PROJECT, f"at-{number}", source_branch_time=moment(at)).name
    shadow.stop()
    for at, branch in made.items():
        shadow.check(branch, at)


@pytest.mark.slow
def test_log_position_is_exact_to_the_row(sdk: Sdk) -> None:
    positions = {}
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE counted (number int PRIMARY KEY)")
        for number in range(1, 6):
            session.execute("INSERT INTO counted VALUES (%s)", [number])
            positions[number] = session.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone()[0]  # type: ignore[index]
    for number in (1, 3, 5):
        made = sdk.make_branch(PROJECT, f"at-{number}", source_branch_lsn=positions[number])
        assert rows(sdk, made.name) == list(range(1, number + 1))
        assert made.status is not None and made.status.source_branch == BRANCH


@pytest.mark.slow
def test_sleeping_parent_sleeps_on(sdk: Sdk) -> None:
    moments = []
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE counted (number int PRIMARY KEY)")
        for number in (1, 2):
            session.execute("INSERT INTO counted VALUES (%s)", [number])
            time.sleep(0.05)
            moments.append(time.time())
    sdk.emulator.suspend(PRIMARY)
    moments.append(time.time())
    found = [rows(sdk, sdk.make_branch(PROJECT, f"at-{number}", source_branch_time=moment(at)).name)
             for number, at in enumerate(moments)]  # fmt: skip
    assert found == [[1], [1, 2], [1, 2]]
    assert sdk.emulator.endpoint(PRIMARY)["state"] == "IDLE"


@pytest.mark.slow
def test_killed_parent_comes_first(sdk: Sdk) -> None:
    import os
    import signal

    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE counted AS SELECT 1 AS number")
    at = time.time()
    os.kill(sdk.emulator.endpoint(PRIMARY)["pid"], signal.SIGKILL)
    assert rows(sdk, sdk.make_branch(PROJECT, "at", source_branch_time=moment(at)).name) == [1]


@pytest.mark.slow
def test_branch_of_such_a_branch_and_moments_before_it_was_made(sdk: Sdk) -> None:
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE counted AS SELECT 1 AS number")
        time.sleep(0.05)
        first = time.time()
        session.execute("INSERT INTO counted VALUES (2)")
        time.sleep(0.05)
        second = time.time()
        session.execute("INSERT INTO counted VALUES (3)")
    child = str(sdk.make_branch(PROJECT, "child", source_branch_time=moment(second)).name)
    with sdk.connect(f"{child}/endpoints/primary") as session:
        session.execute("INSERT INTO counted VALUES (30)")
        time.sleep(0.05)
        third = time.time()
        session.execute("INSERT INTO counted VALUES (31)")
    for name, at, expected in (("a", first, [1]), ("b", second + 0.01, [1, 2]), ("c", third, [1, 2, 30])):
        made = sdk.make_branch(PROJECT, name, source_branch=child, source_branch_time=moment(at))
        assert rows(sdk, made.name) == expected
        assert made.status is not None and made.status.source_branch == child
    assert [span["branch"] for span in history(sdk, child)["spans"]] == [BRANCH, child]


@pytest.mark.soak
def test_moment_before_a_branch_that_was_made_of_the_present(sdk: Sdk) -> None:
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE counted AS SELECT 1 AS number")
        time.sleep(0.05)
        at = time.time()
        session.execute("INSERT INTO counted VALUES (2)")
    child = sdk.make_branch(PROJECT, "child").name
    assert rows(sdk, child) == [1, 2]
    made = sdk.make_branch(PROJECT, "before", source_branch=child, source_branch_time=moment(at))
    assert rows(sdk, made.name) == [1]


@pytest.mark.slow
@pytest.mark.parametrize("asleep", [False, True])
def test_branch_of_the_present_shares_the_history_behind_it(sdk: Sdk, asleep: bool) -> None:
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE counted AS SELECT 1 AS number")
    if asleep:
        sdk.emulator.suspend(PRIMARY)
    child = str(sdk.make_branch(PROJECT, "child").name)
    # Both write on into the same files of the log, each its own.
    for endpoint, first in ((PRIMARY, 10), (f"{child}/endpoints/primary", 20)):
        with sdk.connect(endpoint) as session:
            session.execute("INSERT INTO counted VALUES (%s)", [first])
            time.sleep(0.05)
            at = time.time()
            session.execute("INSERT INTO counted VALUES (%s)", [first + 1])
        sdk.emulator.suspend(endpoint)
        if endpoint == PRIMARY:
            of_parent = at
    found = [
        rows(sdk, sdk.make_branch(PROJECT, name, source_branch=branch, source_branch_time=moment(when)).name)
        for name, branch, when in (
            ("of-child", child, at), ("of-parent", BRANCH, of_parent), ("last", child, time.time()),
        )
    ]  # fmt: skip
    assert found == [[1, 20], [1, 10], [1, 20, 21]]
    (base,) = bases(sdk, child)
    assert (base / "PG_VERSION").stat().st_nlink > 1


@pytest.mark.slow
def test_branch_goes_on_with_a_history_of_its_own_after_restarts(sdk: Sdk) -> None:
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE counted AS SELECT 1 AS number")
    child = str(sdk.make_branch(PROJECT, "child", source_branch_time=moment(time.time())).name)
    endpoint = f"{child}/endpoints/primary"
    sdk.emulator.stop()
    sdk.emulator.start()
    with sdk.connect(endpoint) as session:
        assert session.execute("SHOW recovery_target_time").fetchone() == ("",)
        assert session.execute("SHOW archive_mode").fetchone() == ("on",)
        assert session.execute("SELECT pg_is_in_recovery()").fetchone() == (False,)
        session.execute("INSERT INTO counted VALUES (2)")
        time.sleep(0.05)
        at = time.time()
        session.execute("DELETE FROM counted")
    sdk.emulator.kill()
    sdk.emulator.start()
    made = sdk.make_branch(PROJECT, "grandchild", source_branch=child, source_branch_time=moment(at))
    assert rows(sdk, made.name) == [1, 2]


@pytest.mark.slow
def test_roles_and_databases_of_later_are_not_there(sdk: Sdk) -> None:
    time.sleep(0.05)
    at = time.time()
    spec = RoleRoleSpec(identity_type=RoleIdentityType.USER, postgres_role="later@example.com")
    sdk.postgres.create_role(BRANCH, Role(spec=spec)).wait()
    made = str(sdk.make_branch(PROJECT, "before", source_branch_time=moment(at)).name)
    names = [role.status.postgres_role for role in sdk.postgres.list_roles(made) if role.status]
    assert names == ["learner@example.com"]
