"""A standby that cannot follow any more is made anew, and whoever connects sees nothing of it."""

import os
import shutil
import signal
from contextlib import suppress
from typing import Any

import psutil
import psycopg
import pytest

from tests.local.running.conftest import data_root
from tests.local.sdk import Sdk
from tests.local.standby.conftest import BRANCH, PRIMARY, READER, make_reader, until, until_it_sees, write

OTHER = f"{BRANCH}/endpoints/other"


def forget_log(sdk: Sdk) -> None:
    """Write more than a primary keeps for those that sleep, and let it remove the rest."""
    with sdk.connect(PRIMARY) as writer:
        for _ in range(25):
            writer.execute("SELECT pg_logical_emit_message(false, 'filler', repeat('x', 8 << 20))")
    sdk.emulator.suspend(PRIMARY)


@pytest.mark.slow
def test_one_that_missed_more_than_the_primary_keeps(sdk: Sdk) -> None:
    sdk.emulator.suspend(READER)
    before = sdk.emulator.last_event()
    forget_log(sdk)
    rows = write(sdk)
    with sdk.connect(READER) as reader:
        until_it_sees(reader, rows)
        until_it_sees(reader, write(sdk))
    (made,) = sdk.emulator.events("standby-made", before)
    assert (made["endpoint"], made["why"]) == (READER, "it had fallen too far behind")
    kept = data_root(sdk.emulator) / "branches" / str(sdk.postgres.get_branch(BRANCH).uid) / "pg_wal"
    assert sum(path.stat().st_size for path in kept.iterdir()) < 300 << 20


@pytest.mark.parametrize(
    ("lost", "why"),
    [
        ("global/pg_control", "its files cannot be read"),
        ("PG_VERSION", "it did not start"),
        ("made_in_boot", "the machine was started anew"),
        ("", "new"),
    ],
)
def test_one_whose_data_are_lost_or_broken(sdk: Sdk, lost: str, why: str) -> None:
    sdk.emulator.suspend(READER)
    before = sdk.emulator.last_event()
    data = data_root(sdk.emulator) / "standbys" / sdk.emulator.endpoint(READER)["uid"]
    if lost:
        (data / lost).unlink()
    else:
        shutil.rmtree(data)
    with sdk.connect(READER) as reader:
        until_it_sees(reader, write(sdk))
    (made,) = sdk.emulator.events("standby-made", before)
    assert made["why"].startswith(why)


def test_the_primary_grows(sdk: Sdk) -> None:
    """Its log asks then for more connections than the standby was started with."""
    sdk.connect(READER).close()
    before = sdk.emulator.last_event()
    mask = ["spec.autoscaling_limit_max_cu"]
    sdk.emulator.suspend(PRIMARY)
    sdk.update_endpoint(PRIMARY, mask, autoscaling_limit_max_cu=2)
    rows = write(sdk)
    until(lambda: bool(sdk.emulator.events("suspend", before)[1:]))
    with sdk.connect(READER) as reader:
        until_it_sees(reader, rows)
    assert sdk.emulator.events("standby-made", before) == []
    assert sdk.emulator.events("suspend", before)[-1]["reason"] == "the read-write endpoint was resized"
    assert sdk.emulator.endpoint(READER)["connection_limit"] == 209


@pytest.mark.slow
def test_several_of_one_branch_and_a_killed_one_among_them(sdk: Sdk) -> None:
    make_reader(sdk, OTHER)
    with sdk.connect(READER) as first, sdk.connect(OTHER) as second:
        rows = write(sdk)
        until_it_sees(first, rows)
        until_it_sees(second, rows)
        os.kill(sdk.emulator.endpoint(OTHER)["pid"], signal.SIGKILL)
        until(lambda: sdk.emulator.endpoint(OTHER)["state"] == "IDLE")
        with pytest.raises(psycopg.OperationalError):
            second.execute("SELECT 1")
        rows = write(sdk)
        until_it_sees(first, rows)
    with sdk.connect(OTHER) as second:
        until_it_sees(second, rows)
    pid = sdk.emulator.endpoint(OTHER)["pid"]
    sdk.postgres.delete_endpoint(OTHER).wait()
    assert not psutil.pid_exists(pid)
    assert len(list((data_root(sdk.emulator) / "standbys").iterdir())) == 1


def refuse_standbys(sdk: Sdk, refused: bool) -> None:
    """Those that follow go on; nobody may begin to."""
    before, after = ("trust", "reject")[:: 1 if refused else -1]
    rules = data_root(sdk.emulator) / "branches" / str(sdk.postgres.get_branch(BRANCH).uid) / "pg_hba.conf"
    rules.write_text(rules.read_text().replace(f"replication all {before}", f"replication all {after}"))
    os.kill(sdk.emulator.endpoint(PRIMARY)["pid"], signal.SIGHUP)


def ended_receiver(sdk: Sdk) -> bool:
    for process in psutil.Process(sdk.emulator.endpoint(READER)["pid"]).children():
        with suppress(psutil.Error):
            if "walreceiver" in " ".join(process.cmdline()):
                process.terminate()
    return True


@pytest.mark.slow
def test_what_it_has_not_heard_of_counts_as_its_lag(sdk: Sdk) -> None:
    """While its receiver is away the primary writes."""

    def told() -> dict[str, Any]:
        found: dict[str, Any] = sdk.emulator.endpoint(READER)["standby"]
        return found

    with sdk.connect(READER) as reader, sdk.connect(PRIMARY) as writer:
        until_it_sees(reader, write(sdk))
        refuse_standbys(sdk, True)
        try:
            until(lambda: ended_receiver(sdk) and not told()["streaming"])
            writer.execute("SELECT pg_logical_emit_message(false, 'filler', repeat('x', 8 << 20))")
            until(lambda: told()["lag_bytes"] > 8 << 20 and told()["lag_seconds"] > 0)
        finally:
            refuse_standbys(sdk, False)
        until(lambda: told()["streaming"] and told()["lag_bytes"] == 0)
