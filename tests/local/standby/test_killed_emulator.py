"""kill -9 of the emulator: read-only endpoints come back with everything, and nothing is left behind."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from databricks.sdk.common.lro import LroOptions

from tests.local.running.conftest import data_root, postmasters
from tests.local.sdk import Sdk, new_project
from tests.local.standby.conftest import BRANCH, READER, prepare, read_only, until_it_sees, write


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Sdk]:
    with new_project(tmp_path) as sdk:
        prepare(sdk)
        yield sdk
    assert postmasters(sdk.emulator) == []


@pytest.mark.slow
def test_it_follows_again_after_a_kill_and_one_half_made_is_finished(own: Sdk) -> None:
    token = own.token(READER)
    rows = write(own)
    orphans = {process.pid for process in postmasters(own.emulator)}
    assert len(orphans) == 2
    other = f"{BRANCH}/endpoints/other"
    operation = own.postgres.create_endpoint(BRANCH, read_only(), "other")
    time.sleep(0.2)
    own.emulator.kill()
    own.emulator.start()
    assert not orphans & {process.pid for process in postmasters(own.emulator)}
    with own.connect(READER, password=token) as reader:
        until_it_sees(reader, rows)
        until_it_sees(reader, write(own))
    operation.wait(LroOptions(timeout=timedelta(seconds=60)))
    with own.connect(other) as reader:
        until_it_sees(reader, write(own))
    uids = {own.emulator.endpoint(name)["uid"] for name in (READER, other)}
    assert {path.name for path in (data_root(own.emulator) / "standbys").iterdir()} == uids
