"""`manage.py up` for real: it serves, it stops everything in order, and nothing outlives it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator import CHECKOUT, plain_environment
from tests.running_site import SERVED, UNTIL_STOPPED, Up, destroy

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One .lakebase for all starts, so that the second finds it prepared."""
    directory = tmp_path_factory.mktemp("up") / "lakebase"
    yield directory
    destroy(directory)


@pytest.fixture
def up(directory: Path) -> Iterator[Up]:
    started = Up(directory)
    try:
        started.wait_until_said(SERVED)
        yield started
    finally:
        started.stop()


def test_it_serves_as_the_service_principal(up: Up, directory: Path) -> None:
    assert "A shop that runs on Lakebase" in up.get("/")
    assert "ready" in up.get("/readyz")
    role = re.search(r'"client_id": "([0-9a-f-]+)"', (directory / "up.json").read_text())
    assert role and role[1] in up.get("/")
    # The secret is in the environment of the site alone, never in a command line or a file others can read.
    secret = re.search(r'"client_secret": "([^"]+)"', (directory / "up.json").read_text())
    assert secret and not any(secret[1] in " ".join(each.cmdline()) for each in up.tree)
    assert (directory / "up.json").stat().st_mode & 0o077 == 0
    assert (directory / "site.env").stat().st_mode & 0o077 == 0
    assert secret[1] not in up.log.read_text()


def test_a_prepared_database_is_not_prepared_again(up: Up) -> None:
    assert "Preparing" not in up.log.read_text()
    assert "ready" in up.get("/readyz")


def test_tables_that_somebody_dropped_are_made_again_at_the_next_start(up: Up, directory: Path) -> None:
    drop = "from django.db import connection; connection.cursor().execute('DROP SCHEMA ecommerce CASCADE')"
    line = f'. {directory}/site.env; exec {sys.executable} manage.py shell -v 0 -c "{drop}"'
    subprocess.run(["sh", "-c", line], cwd=CHECKOUT, env=plain_environment(), check=True, timeout=60)
    with pytest.raises(urllib.error.HTTPError) as refused:
        up.get("/")
    assert refused.value.code == 503 and "does not find all of its tables" in refused.value.read().decode()
    up.stop()
    again = Up(directory)
    try:
        again.wait_until_said(SERVED)
        assert "Preparing" in again.log.read_text() and "A shop that runs on Lakebase" in again.get("/")
    finally:
        again.stop()


def test_it_serves_again_when_its_data_were_removed(tmp_path: Path) -> None:
    """What `up` remembers of a Lakebase Local that is no more does not keep the site from the new one."""
    directory = tmp_path / "lakebase"
    for _ in range(2):
        started = Up(directory)
        try:
            started.wait_until_said(SERVED)
            assert "ready" in started.get("/readyz")
        finally:
            started.stop()
            destroy(directory)
        assert (directory / "up.json").exists()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_to_the_whole_group_stops_everything(up: Up, stop: signal.Signals, directory: Path) -> None:
    up.get("/readyz")  # so that a Postgres runs, too
    up.look()
    os.killpg(up.process.pid, stop)
    assert up.process.wait(UNTIL_STOPPED) == 0
    up.assert_all_gone()
    assert up.log.read_text().count("Stopping.") == 1
    assert "Traceback" not in up.log.read_text()
    assert not (directory / "site.env").exists()


def test_a_second_signal_does_not_cut_the_stopping_short(up: Up) -> None:
    for _ in range(3):
        up.process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    assert up.process.wait(UNTIL_STOPPED) == 0
    up.assert_all_gone()
    assert "Traceback" not in up.log.read_text()


def test_it_stops_in_order_even_when_the_children_had_the_signal_first(up: Up) -> None:
    site, local = up.child("gunicorn"), up.child("lakebase.local")
    for child in (local, site):
        child.send_signal(signal.SIGINT)
    up.process.send_signal(signal.SIGINT)
    up.process.wait(UNTIL_STOPPED)
    up.assert_all_gone()
    assert "Traceback" not in up.log.read_text()


@pytest.mark.parametrize("words", ["gunicorn", "lakebase.local"])
def test_when_one_half_dies_the_other_is_stopped_and_it_says_so(up: Up, words: str) -> None:
    up.child(words).kill()
    assert up.process.wait(UNTIL_STOPPED) == 1
    up.assert_all_gone()
    assert "was killed by signal 9" in up.log.read_text()


def test_nothing_outlives_it_when_it_is_killed(up: Up) -> None:
    up.get("/readyz")
    up.look()
    up.process.kill()
    up.process.wait(UNTIL_STOPPED)
    up.assert_all_gone()


# Not "Lakebase Local" alone: where its usual port is taken, that is said before there is anything to remove.
@pytest.mark.parametrize("words", ["Lakebase Local  http", "Preparing", "is made", "now has everything"])
def test_it_can_be_stopped_while_it_starts(tmp_path: Path, words: str) -> None:
    directory = tmp_path / "lakebase"
    up = Up(directory)
    try:
        up.wait_until_said(words)
        up.process.send_signal(signal.SIGINT)
        assert up.process.wait(UNTIL_STOPPED) == 0
        up.assert_all_gone()
        assert "Traceback" not in up.log.read_text()
    finally:
        up.stop()
        destroy(directory)


def test_a_busy_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = str(busy.getsockname()[1])
        command = [sys.executable, "manage.py", "up", "--port", port, "--dir", str(tmp_path / "lakebase")]
        told = subprocess.run(
            command, cwd=CHECKOUT, env=plain_environment(), capture_output=True, text=True, check=False
        )
    assert told.returncode == 1
    assert f"Port {port} is in use by another program." in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "lakebase").exists()


def test_a_directory_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    command = [sys.executable, "manage.py", "up", "--port", "0", "--dir", str(tmp_path / "file" / "lakebase")]
    told = subprocess.run(command, cwd=CHECKOUT, env=plain_environment(), capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "cannot keep its data" in told.stderr and "--dir" in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1
