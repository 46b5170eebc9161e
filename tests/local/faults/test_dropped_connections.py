"""Connections break without a word: the open ones, or those that are opened from now on."""

import time

import psycopg
import pytest

from tests.local.faults.conftest import OTHER, PRIMARY, Faults, wait_for_row
from tests.local.sdk import Sdk


def works(sdk: Sdk, endpoint: str, token: str) -> bool:
    try:
        with sdk.connect(endpoint, password=token) as session:
            return session.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError as error:
        assert error.sqlstate is None, error
        return False


def test_open_sessions_of_the_endpoint_break_off(sdk: Sdk, faults: Faults) -> None:
    with sdk.connect(OTHER) as spared:
        struck = [sdk.connect(PRIMARY) for _ in range(3)]
        assert faults.set("drop-connections", endpoint=PRIMARY)["dropped"] == 3
        for session in struck:
            with pytest.raises(psycopg.OperationalError) as broken:
                session.execute("SELECT 1")
            assert broken.value.sqlstate is None
            session.close()
        assert spared.execute("SELECT 1").fetchone() == (1,)
    assert faults.all() == []
    assert sdk.emulator.endpoint(PRIMARY)["sessions"] == 0
    assert works(sdk, PRIMARY, sdk.token(PRIMARY))


def test_open_sessions_of_all_endpoints_break_off(sdk: Sdk, faults: Faults) -> None:
    sessions = [sdk.connect(PRIMARY), sdk.connect(OTHER)]
    assert faults.set("drop-connections")["dropped"] == 2
    for session in sessions:
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
        session.close()


def test_a_commit_that_was_sent_is_carried_out_unheard(sdk: Sdk, faults: Faults) -> None:
    """What a client must reckon with: it is not told, and yet it was done."""
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE unheard (x int)")
    session = sdk.connect(PRIMARY)
    session.pgconn.send_query(b"INSERT INTO unheard SELECT 1 FROM pg_sleep(0.5)")
    session.pgconn.flush()
    time.sleep(0.2)
    faults.set("drop-connections", endpoint=PRIMARY)
    session.close()
    wait_for_row(sdk, "SELECT x FROM unheard")


def test_each_new_connection_breaks_before_it_is_open(sdk: Sdk, faults: Faults) -> None:
    token, other = sdk.token(PRIMARY), sdk.token(OTHER)
    with sdk.connect(PRIMARY) as before:
        faults.set("drop-new-connections", endpoint=PRIMARY)
        assert not works(sdk, PRIMARY, token)
        assert works(sdk, OTHER, other)
        assert before.execute("SELECT 1").fetchone() == (1,)
    faults.clear()
    assert works(sdk, PRIMARY, token)


def test_a_new_connection_breaks_after_some_bytes(sdk: Sdk, faults: Faults) -> None:
    faults.set("drop-new-connections", after_bytes=20_000)
    with sdk.connect(PRIMARY) as session:
        assert session.execute("SELECT repeat('x', 5000)").fetchone() == ("x" * 5000,)
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT repeat('x', 20000)")


def test_some_connections_break_and_the_seed_says_which(sdk: Sdk, faults: Faults) -> None:
    token, runs = sdk.token(PRIMARY), []
    for _ in range(2):
        faults.set("drop-new-connections", probability=0.5, seed=7)
        runs.append([works(sdk, PRIMARY, token) for _ in range(12)])
        faults.clear()
    assert runs[0] == runs[1]
    assert set(runs[0]) == {True, False}
