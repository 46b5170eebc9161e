"""While data are copied, for a branch at a moment or for a base, the emulator and the branch go on."""

import signal
from collections.abc import Callable

import psutil
import pytest
from databricks.sdk.service.postgres import Branch, BranchSpec

from tests.emulator import commands
from tests.local.history.conftest import PRIMARY, PROJECT, history, moment, rows, until
from tests.local.running.conftest import data_root
from tests.local.sdk import Sdk

FILL = "CREATE TABLE filler AS SELECT repeat(md5(n::text), 30) AS x FROM generate_series(1, 30000) n"


def halt_the_copy(sdk: Sdk) -> psutil.Process:
    """Wait until a copy is made, and halt the process that makes it."""
    root, found = str(data_root(sdk.emulator)), []

    def copying() -> bool:
        for process, words in commands():
            if any(word.endswith("clone.py") for word in words) and any(root in word for word in words):
                process.send_signal(signal.SIGSTOP)
                found.append(process)
        return bool(found)

    until(copying)
    return found[0]


@pytest.mark.slow
def test_a_halted_copy_halts_nobody(start: Callable[..., Sdk]) -> None:
    sdk = start("--history-every", "16")
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE counted AS SELECT 1 AS number")
        session.execute(FILL)
        for made in ("base", "branch"):
            if made == "branch":
                (until_now,) = session.execute("SELECT extract(epoch FROM clock_timestamp())::float").fetchone()  # type: ignore[misc]
                spec = BranchSpec(no_expiry=True, source_branch_time=moment(until_now))
                operation = sdk.postgres.create_branch(PROJECT, Branch(spec=spec), "then")
            copy = halt_the_copy(sdk)
            try:
                before = history(sdk)["bases"]
                session.execute("INSERT INTO counted VALUES (2)")
                assert rows(sdk, f"{PROJECT}/branches/production") == ([1, 2] if made == "base" else [1, 2, 2])
                assert history(sdk)["bases"] == before
            finally:
                copy.send_signal(signal.SIGCONT)
            if made == "base":
                until(lambda: history(sdk)["bases"] == 2)
    operation.wait()
    assert rows(sdk, f"{PROJECT}/branches/then") == [1, 2]
