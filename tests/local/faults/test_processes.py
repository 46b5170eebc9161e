"""A killed postgres: sessions break off, and the next connection finds all that was committed."""

import psycopg
import pytest

from tests.local.faults.conftest import PRIMARY, Faults
from tests.local.sdk import Sdk


def test_killed_once_and_started_by_the_next_connection(sdk: Sdk, faults: Faults) -> None:
    before = sdk.emulator.last_event()
    session = sdk.connect(PRIMARY)
    session.execute("CREATE TABLE survivors AS SELECT 1 AS x")
    pid = sdk.emulator.endpoint(PRIMARY)["pid"]
    assert faults.set("kill-postgres", endpoint=PRIMARY)["pid"] == pid
    with pytest.raises(psycopg.OperationalError):
        session.execute("SELECT 1")
    session.close()
    assert faults.all() == []
    assert [event["endpoint"] for event in sdk.emulator.events("server-died", before)] == [PRIMARY]
    with sdk.connect(PRIMARY) as session:
        assert session.execute("SELECT x FROM survivors").fetchone() == (1,)
    assert sdk.emulator.endpoint(PRIMARY)["pid"] != pid


def test_a_sleeping_endpoint_has_nothing_to_be_killed(sdk: Sdk, faults: Faults) -> None:
    sdk.emulator.suspend(PRIMARY)
    before = faults.set("expire-tokens")["id"]
    answer = faults.ask("POST", body={"kind": "kill-postgres", "endpoint": PRIMARY})
    assert (answer.status_code, "is asleep" in answer.json()["message"]) == (409, True)
    assert faults.set("expire-tokens")["id"] == before + 1
