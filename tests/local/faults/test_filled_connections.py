"""Every connection of an endpoint is taken by a real session: others get 53300 until it is cleared or falls asleep."""

import psycopg

from tests.local.faults.conftest import OTHER, PRIMARY, Faults
from tests.local.sdk import Sdk

HELD = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'fault fill-connections'"


def refused(sdk: Sdk, endpoint: str) -> bool:
    try:
        sdk.connect(endpoint).close()
    except psycopg.OperationalError as error:
        assert "too many connections for endpoint" in str(error)
        return True
    return False


def test_full_until_it_is_cleared(sdk: Sdk, faults: Faults) -> None:
    with sdk.connect(PRIMARY) as session:
        fault = faults.set("fill-connections", endpoint=PRIMARY)
        assert fault["held"] == 208 == session.execute(HELD).fetchone()[0]  # type: ignore[index]
        assert faults.all() == [fault]
        assert refused(sdk, PRIMARY)
        assert sdk.emulator.events("refused")[-1]["sqlstate"] == "53300"
        assert not refused(sdk, OTHER)
        faults.clear()
        assert session.execute(HELD).fetchone() == (0,)
    assert not refused(sdk, PRIMARY)


def test_full_also_of_places_that_were_just_given_back(sdk: Sdk, faults: Faults) -> None:
    for _ in range(3):
        sdk.connect(PRIMARY).close()
        assert faults.set("fill-connections", endpoint=PRIMARY)["held"] == 209
        assert refused(sdk, PRIMARY)
        faults.clear()


def test_places_left_can_be_taken(sdk: Sdk, faults: Faults) -> None:
    faults.set("fill-connections", endpoint=OTHER, leave=2)
    with sdk.connect(OTHER), sdk.connect(OTHER):
        assert refused(sdk, OTHER)


def test_over_when_the_endpoint_sleeps(sdk: Sdk, faults: Faults) -> None:
    faults.set("fill-connections", endpoint=OTHER, leave=100)
    before = sdk.emulator.last_event()
    sdk.emulator.suspend(OTHER)
    assert faults.all() == []
    assert [event["reason"] for event in sdk.emulator.events("fault-cleared", before)] == ["its sessions have ended"]
    faults.set("fill-connections", endpoint=OTHER, leave=208)
    with sdk.connect(OTHER) as session:
        assert session.execute(HELD).fetchone() == (1,)
