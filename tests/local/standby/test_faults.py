"""Faults that are set for a read-only endpoint strike that one alone."""

import time
from collections.abc import Iterator

import psycopg
import pytest

from tests.local.faults.conftest import Faults
from tests.local.sdk import Sdk
from tests.local.standby.conftest import PRIMARY, READER, until_it_sees, write


@pytest.fixture
def faults(sdk: Sdk) -> Iterator[Faults]:
    faults = Faults(sdk.emulator)
    yield faults
    faults.clear()


@pytest.mark.parametrize("endpoint", [READER, PRIMARY])
def test_killed_postgres(sdk: Sdk, faults: Faults, endpoint: str) -> None:
    """Whichever dies, the other's sessions go on, and what was committed is there."""
    other = PRIMARY if endpoint == READER else READER
    write(sdk)
    with sdk.connect(endpoint) as struck, sdk.connect(other) as spared:
        faults.set("kill-postgres", endpoint=endpoint)
        with pytest.raises(psycopg.OperationalError):
            struck.execute("SELECT 1")
        assert spared.execute("SELECT 1").fetchone() == (1,)
    rows = write(sdk)
    with sdk.connect(READER) as reader:
        until_it_sees(reader, rows)


def test_slow_wire(sdk: Sdk, faults: Faults) -> None:
    with sdk.connect(READER) as reader, sdk.connect(PRIMARY) as writer:
        faults.set("slow-wire", endpoint=READER, to_client_ms=3000)
        began = time.monotonic()
        reader.execute("SELECT 1")
        assert time.monotonic() - began >= 3
        began = time.monotonic()
        writer.execute("SELECT 1")
        assert time.monotonic() - began < 3


def test_expired_tokens(sdk: Sdk, faults: Faults) -> None:
    token = sdk.token(READER)
    faults.set("expire-tokens", endpoint=READER)
    with pytest.raises(psycopg.OperationalError, match="The token expired"):
        sdk.connect(READER, password=token)
    sdk.connect(PRIMARY).close()


def test_its_simulated_size_is_its_own(sdk: Sdk) -> None:
    with sdk.connect(READER) as reader:
        reader.execute("SELECT 1")
        told = sdk.emulator.get(f"/_local/compute?endpoint={READER}")
    assert (told["endpoint"], told["simulated"], told["cu"] > 0) == (READER, True, True)
