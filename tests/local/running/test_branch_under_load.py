"""A branch that is made while its parent is written to is consistent: no half transaction, no broken index."""

import random
import threading

import psycopg
import pytest

from tests.local.running.conftest import PRIMARY
from tests.local.sdk import Sdk

ACCOUNTS = 20_000
SETUP = """
CREATE EXTENSION amcheck;
CREATE TABLE account (number int PRIMARY KEY, balance bigint NOT NULL DEFAULT 0, padding text DEFAULT repeat('x', 200));
CREATE INDEX ON account (balance);
CREATE TABLE transfer (number bigserial PRIMARY KEY, source int, target int, amount int);
CREATE INDEX ON transfer (source, target);
"""
INDEXES = "SELECT c.oid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relkind = 'i'"
INDEXES += " AND c.relam = (SELECT oid FROM pg_am WHERE amname = 'btree') AND c.relnamespace = 'public'::regnamespace"
# Each transfer takes from one account what it gives to another, and is recorded: three sums that must agree.
TRANSFER = """
WITH taken AS (UPDATE account SET balance = balance - %(amount)s WHERE number = %(source)s),
     given AS (UPDATE account SET balance = balance + %(amount)s WHERE number = %(target)s)
INSERT INTO transfer (source, target, amount) VALUES (%(source)s, %(target)s, %(amount)s)
"""


@pytest.mark.parametrize("attempt", [0, *(pytest.param(attempt, marks=pytest.mark.slow) for attempt in (1, 2))])
def test_branch_under_write_load_is_consistent(sdk: Sdk, attempt: int) -> None:
    with sdk.connect(PRIMARY) as session:
        session.execute(SETUP)
        session.execute(f"INSERT INTO account (number) SELECT generate_series(1, {ACCOUNTS})")
    stop, failures = threading.Event(), []
    writers = [threading.Thread(target=write, args=(sdk, number, stop, failures)) for number in range(4)]
    for writer in writers:
        writer.start()
    branches = [sdk.make_branch("projects/shop", f"under-load-{number}") for number in range(2)]
    stop.set()
    for writer in writers:
        writer.join(60)
    assert failures == []
    for branch in branches:
        check(sdk, f"{branch.name}/endpoints/primary")
    check(sdk, PRIMARY)


def write(sdk: Sdk, seed: int, stop: threading.Event, failures: list[Exception]) -> None:
    chance = random.Random(seed)
    try:
        with sdk.connect(PRIMARY) as session:
            while not stop.is_set():
                source, target = sorted(chance.sample(range(1, ACCOUNTS), 2))
                values = {"source": source, "target": target, "amount": chance.randint(1, 100)}
                try:
                    session.execute(TRANSFER, values)
                except psycopg.errors.DeadlockDetected:
                    continue
    except psycopg.Error as error:
        # The parent's sessions must not notice that a branch is made.
        failures.append(error)


def check(sdk: Sdk, endpoint: str) -> None:
    with sdk.connect(endpoint) as session:
        assert session.execute("SELECT sum(balance) FROM account").fetchone() == (0,)
        paid = "SELECT number, sum(amount) AS paid FROM (SELECT source AS number, -amount AS amount FROM transfer"
        paid += " UNION ALL SELECT target, amount FROM transfer) AS moved GROUP BY number"
        wrong = (
            f"SELECT count(*) FROM account LEFT JOIN ({paid}) AS p USING (number) WHERE balance <> coalesce(paid, 0)"
        )
        assert session.execute(wrong).fetchone() == (0,)  # type: ignore[call-overload]
        assert session.execute("SELECT count(*) > 10 FROM transfer").fetchone() == (True,)
        for (index,) in session.execute(INDEXES).fetchall():
            session.execute("SELECT bt_index_check(%s::regclass, heapallindexed => true)", [index])
