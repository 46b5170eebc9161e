"""It sleeps and wakes by itself: its primary's sleep is none of its business, nor the other way round."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.local.sdk import Sdk, seconds
from tests.local.standby.conftest import PRIMARY, READER, ROWS, Session, until_it_sees, update_reader, write


def rows_of(session: Session) -> int:
    row = session.execute(ROWS).fetchone()
    assert row is not None
    return int(row[0])


def test_each_has_its_own_timeout(sdk: Sdk) -> None:
    changed = update_reader(sdk, "spec.suspension", suspend_timeout_duration=seconds(60))
    assert changed.status is not None and changed.status.suspend_timeout_duration == seconds(60)
    with sdk.connect(PRIMARY) as writer, sdk.connect(READER) as reader:
        sdk.emulator.advance(61)
        with pytest.raises(psycopg.errors.AdminShutdown):
            reader.execute("SELECT 1")
        assert writer.execute("SELECT 1").fetchone() == (1,)
    assert [sdk.emulator.endpoint(name)["state"] for name in (READER, PRIMARY)] == ["IDLE", "ACTIVE"]
    assert sdk.emulator.endpoint(READER)["standby"] is None


def test_reads_work_while_the_primary_sleeps_and_do_not_wake_it(sdk: Sdk) -> None:
    sdk.connect(READER).close()
    rows = write(sdk)
    with sdk.connect(READER) as reader:
        # What it has not replayed yet it gets with the primary's orderly end.
        sdk.emulator.suspend(PRIMARY)
        until_it_sees(reader, rows)
    sdk.emulator.suspend(READER)
    wakes = sdk.emulator.endpoint(PRIMARY)["wakes"]
    with sdk.connect(READER) as reader:
        assert rows_of(reader) == rows
    assert (sdk.emulator.endpoint(PRIMARY)["state"], sdk.emulator.endpoint(PRIMARY)["wakes"]) == ("IDLE", wakes)


def test_what_was_committed_while_it_slept_is_there_when_it_wakes(sdk: Sdk) -> None:
    """Also when the primary sleeps by then, and more than one segment of the log was written."""
    sdk.emulator.suspend(READER)
    rows = write(sdk)
    with sdk.connect(READER) as reader:
        assert rows_of(reader) == rows
    sdk.emulator.suspend(READER)
    with sdk.connect(PRIMARY) as writer:
        writer.execute("CREATE TABLE bulky AS SELECT repeat('x', 100) FROM generate_series(1, 300000)")
        writer.execute("DROP TABLE bulky")
    rows, wakes = write(sdk), sdk.emulator.endpoint(PRIMARY)["wakes"]
    sdk.emulator.suspend(PRIMARY)
    before = sdk.emulator.last_event()
    with sdk.connect(READER) as reader:
        assert rows_of(reader) == rows
    assert sdk.emulator.endpoint(PRIMARY)["wakes"] == wakes
    assert sdk.emulator.events("standby-made", before) == []


def test_it_goes_on_when_the_primary_wakes(sdk: Sdk) -> None:
    with sdk.connect(READER) as reader:
        sdk.emulator.suspend(PRIMARY)
        assert rows_of(reader) > 0
        until_it_sees(reader, write(sdk))
        assert sdk.emulator.endpoint(READER)["state"] == "ACTIVE"


def test_a_running_query_keeps_it_awake(sdk: Sdk) -> None:
    with sdk.connect(READER) as reader, ThreadPoolExecutor() as pool:
        query = pool.submit(lambda: reader.execute("SELECT pg_sleep(1), 'whole'").fetchone())
        time.sleep(0.3)
        with pytest.raises(OSError, match="409"):
            sdk.emulator.suspend(READER)
        assert query.result() == ("", "whole")
