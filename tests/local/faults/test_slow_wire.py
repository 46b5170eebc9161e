"""A slow wire: each direction by itself, of one endpoint or all, in order, and nobody else waits."""

import time

import psycopg
import pytest

from tests.local.faults.conftest import OTHER, PRIMARY, Faults, wait_for_row
from tests.local.sdk import Sdk

# Of which a machine under load takes no tenth for a statement by itself.
SLOW_MS = 2000


def seconds(session: psycopg.Connection, statement: str = "SELECT 1") -> float:
    began = time.monotonic()
    session.execute(statement)
    return time.monotonic() - began


@pytest.mark.parametrize("direction", ["to_server_ms", "to_client_ms"])
def test_each_direction_of_open_sessions_until_it_is_cleared(sdk: Sdk, faults: Faults, direction: str) -> None:
    with sdk.connect(PRIMARY) as session, sdk.connect(OTHER) as other:
        faults.set("slow-wire", endpoint=PRIMARY, **{direction: SLOW_MS})
        assert SLOW_MS / 1000 <= seconds(session) < 2 * SLOW_MS / 1000
        assert seconds(other) < SLOW_MS / 1000
        faults.clear()
        assert seconds(session) < SLOW_MS / 1000


def test_all_endpoints_and_new_sessions_and_delays_add_up(sdk: Sdk, faults: Faults) -> None:
    faults.set("slow-wire", to_server_ms=100)
    faults.set("slow-wire", to_server_ms=100, to_client_ms=100)
    for endpoint in (PRIMARY, OTHER):
        with sdk.connect(endpoint) as session:
            assert seconds(session) >= 0.3


def test_nobody_waits_for_the_slow_one(sdk: Sdk, faults: Faults) -> None:
    """The emulator answers others, and moves what is under way by its due time: ten statements take one delay."""
    with sdk.connect(PRIMARY) as session, session.pipeline():
        session.execute("SELECT 1")
        faults.set("slow-wire", endpoint=PRIMARY, to_server_ms=SLOW_MS)
        began = time.monotonic()
        cursors = [session.execute("SELECT %s::int", [number]) for number in range(10)]
        sdk.postgres.get_project("projects/shop")
        assert [cursor.fetchone() for cursor in cursors] == [(number,) for number in range(10)]
        assert time.monotonic() - began < 3 * SLOW_MS / 1000


def test_bulk_data_arrives_whole_and_in_order(sdk: Sdk, faults: Faults) -> None:
    """Eight megabytes each way, and a delay that changes while they travel."""
    rows = 8 * 1024
    with sdk.connect(PRIMARY) as session, session.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bulk (number int, line text)")
        faults.set("slow-wire", to_server_ms=20, to_client_ms=20)
        with cursor.copy("COPY bulk FROM STDIN") as copy:
            for number in range(rows):
                copy.write_row((number, f"{number:01000}"))
                if number == rows // 2:
                    faults.clear()
                    faults.set("slow-wire", to_server_ms=5, to_client_ms=10)
        with cursor.copy("COPY bulk TO STDOUT") as copy:
            copy.set_types(["int4", "text"])
            assert all(row == (number, f"{number:01000}") for number, row in enumerate(copy.rows()))
        assert cursor.execute("SELECT count(*), sum(length(line)) FROM bulk").fetchone() == (rows, rows * 1000)


def test_what_is_under_way_arrives_though_the_client_has_left(sdk: Sdk, faults: Faults) -> None:
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE farewell (x int)")
    session = sdk.connect(PRIMARY)
    faults.set("slow-wire", to_server_ms=30_000)
    session.pgconn.send_query(b"INSERT INTO farewell VALUES (1)")
    session.pgconn.flush()
    time.sleep(0.2)
    session.close()
    faults.clear()
    wait_for_row(sdk, "SELECT x FROM farewell")


def test_the_end_of_a_session_is_told_behind_its_answers(sdk: Sdk, faults: Faults) -> None:
    with sdk.connect(PRIMARY) as session:
        faults.set("slow-wire", to_client_ms=100)
        with pytest.raises(psycopg.errors.AdminShutdown):
            session.execute("SELECT pg_terminate_backend(pg_backend_pid())")
