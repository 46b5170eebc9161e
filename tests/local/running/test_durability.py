"""kill -9 at any moment: what was acknowledged is there after the next start, and no server is left behind."""

import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import requests
from databricks.sdk.common.lro import LroOptions
from databricks.sdk.service.postgres import Branch, BranchSpec

from tests.emulator import CHECKOUT, Emulator, plain_environment
from tests.local.running.conftest import BRANCH, PRIMARY, data_root, postmasters
from tests.local.sdk import Sdk

OTHER = "projects/shop/branches/other"


def test_killed_emulator_comes_back_with_everything(sdk: Sdk) -> None:
    sdk.make_branch("projects/shop", "other")
    principal = sdk.emulator.service_principal("app")
    token = sdk.token(PRIMARY)
    session = sdk.connect(PRIMARY)
    session.execute("CREATE TABLE kept AS SELECT 1 AS x")
    orphans = {process.pid for process in postmasters(sdk.emulator)}
    assert len(orphans) == 2
    environment = sdk.emulator.environment()
    sdk.emulator.kill()
    # The servers live on without the emulator: that is what the next start finds.
    assert {process.pid for process in postmasters(sdk.emulator)} == orphans
    sdk.emulator.start()
    with pytest.raises(psycopg.OperationalError):
        session.execute("SELECT 1")
    session.close()
    assert not orphans & {process.pid for process in postmasters(sdk.emulator)}
    assert sdk.emulator.environment() == environment
    assert [branch.name for branch in sdk.postgres.list_branches("projects/shop")] == [OTHER, BRANCH]
    with sdk.connect(PRIMARY, password=token) as again:
        assert again.execute("SELECT x FROM kept").fetchone() == (1,)
    assert Sdk(sdk.emulator, principal).user == principal["client_id"]


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 4))])
def test_no_acknowledged_row_or_resource_is_lost(sdk: Sdk, seed: int) -> None:
    """Rows and branches are made as fast as they go while the emulator and its servers are killed at random moments."""
    chance = random.Random(seed)
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE counted (number bigint PRIMARY KEY)")
    rows, branches, stop = [], [], threading.Event()
    threads = [
        threading.Thread(target=insert, args=(sdk, rows, stop)),
        threading.Thread(target=branch, args=(sdk, branches, stop)),
    ]
    for thread in threads:
        thread.start()
    for _ in range(2):
        time.sleep(chance.uniform(0.2, 1.2))
        servers = postmasters(sdk.emulator)
        if servers and chance.random() < 0.5:
            os.kill(chance.choice(servers).pid, signal.SIGKILL)
        time.sleep(chance.uniform(0, 0.3))
        sdk.emulator.kill()
        sdk.emulator.start()
    time.sleep(0.5)
    stop.set()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    with sdk.connect(PRIMARY) as session:
        found = {number for (number,) in session.execute("SELECT number FROM counted")}
    assert set(rows) <= found
    assert len(rows) > 0
    known = {one.name for one in sdk.postgres.list_branches("projects/shop")}
    assert set(branches) <= known
    # Also those of which the killed emulator recorded the wish and could not say so: they may still be in the making.
    for name in known - {BRANCH}:
        with sdk.connect(f"{name}/endpoints/primary") as session:
            assert session.execute("SELECT count(*) >= 0 FROM counted").fetchone() == (True,)
    uids = {one.uid for one in sdk.postgres.list_branches("projects/shop")}
    assert {path.name for path in (data_root(sdk.emulator) / "branches").iterdir()} == uids


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.02, 0.1, 0.25])
def test_branch_is_made_although_its_parents_server_is_killed_meanwhile(sdk: Sdk, after: float) -> None:
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE kept AS SELECT generate_series(1, 300000) AS x, repeat('x', 100) AS padding")
    operation = sdk.postgres.create_branch("projects/shop", Branch(spec=BranchSpec(no_expiry=True)), "other")
    time.sleep(after)
    os.kill(sdk.emulator.endpoint(PRIMARY)["pid"], signal.SIGKILL)
    operation.wait(LroOptions(timeout=timedelta(seconds=60)))
    with sdk.connect(f"{OTHER}/endpoints/primary") as session:
        assert session.execute("SELECT count(*) FROM kept").fetchone() == (300_000,)


def test_branch_is_made_although_its_own_server_is_killed_as_it_comes_up(sdk: Sdk) -> None:
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE kept AS SELECT 1 AS x")
    operation = sdk.postgres.create_branch("projects/shop", Branch(spec=BranchSpec(no_expiry=True)), "other")
    lock = data_root(sdk.emulator) / "branches" / str(sdk.postgres.get_branch(OTHER).uid) / "postmaster.pid"
    killed: set[int] = set()
    until = time.monotonic() + 30
    while len(killed) < 3 and time.monotonic() < until:
        with suppress(FileNotFoundError, IndexError, ProcessLookupError):
            pid = int(lock.read_text().splitlines()[0])
            if pid not in killed:
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
    assert len(killed) == 3
    operation.wait(LroOptions(timeout=timedelta(seconds=60)))
    with sdk.connect(f"{OTHER}/endpoints/primary") as session:
        assert session.execute("SELECT x FROM kept").fetchone() == (1,)


def insert(sdk: Sdk, rows: list[int], stop: threading.Event) -> None:
    numbers = itertools.count()
    while not stop.is_set():
        try:
            with sdk.connect(PRIMARY, connect_timeout=5) as session:
                while not stop.is_set():
                    number = next(numbers)
                    session.execute("INSERT INTO counted VALUES (%s)", [number])
                    rows.append(number)
        except (psycopg.OperationalError, OSError):
            time.sleep(0.05)


def branch(sdk: Sdk, branches: list[str], stop: threading.Event) -> None:
    headers = {"Authorization": f"Bearer {sdk.client.config.token}"}
    url = f"http://127.0.0.1:{sdk.emulator.rest_port}/api/2.0/postgres/projects/shop/branches"
    for number in itertools.count():
        if stop.is_set() or number == 6:
            return
        try:
            spec = {"spec": {"no_expiry": True}}
            answer = requests.post(url, params={"branch_id": f"b{number}"}, json=spec, headers=headers, timeout=20)
        except requests.ConnectionError:
            time.sleep(0.1)
            continue
        if answer.status_code == 200:
            branches.append(f"projects/shop/branches/b{number}")
        time.sleep(0.2)


@pytest.mark.slow
def test_second_emulator_on_one_directory_is_refused(sdk: Sdk) -> None:
    refused = start("--dir", str(sdk.emulator.directory), "--port", "0", "--pg-port", "0")
    assert refused.returncode == 1
    assert "Another Lakebase Local (process" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert sdk.user == sdk.client.current_user.me().user_name


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_every_server_within_five_seconds(tmp_path: Path, number: signal.Signals) -> None:
    """Also where the shell that started it had SIGINT ignored, as background jobs of scripts have."""
    script = f'trap "" INT; exec {sys.executable} -m lakebase.local --dir {tmp_path / "local"} --port 0 --pg-port 0'
    process = subprocess.Popen(
        ["sh", "-c", script], cwd=CHECKOUT, env=plain_environment(), stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None and "ready" in process.stdout.readline()
        emulator = Emulator.__new__(Emulator)
        emulator.directory = tmp_path / "local"
        lines = (emulator.directory / "env").read_text().splitlines()
        settings = dict(line.removeprefix("export ").split("=", 1) for line in lines)
        headers = {"Authorization": f"Bearer {settings['DATABRICKS_TOKEN']}"}
        url = f"{settings['DATABRICKS_HOST']}/api/2.0/postgres/projects?project_id=shop"
        operation = requests.post(url, json={}, headers=headers, timeout=30).json()
        of_operation = f"{settings['DATABRICKS_HOST']}/api/2.0/postgres/{operation['name']}"
        until = time.monotonic() + 60
        while not requests.get(of_operation, headers=headers, timeout=30).json().get("done"):
            assert time.monotonic() < until
        assert len(postmasters(emulator)) == 1
        began = time.monotonic()
        process.send_signal(number)
        assert process.wait(60) == 0
        assert time.monotonic() - began < 20
        assert postmasters(emulator) == []
    finally:
        process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]
        start("--dir", str(tmp_path / "local"), "--destroy")


def start(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lakebase.local", *arguments],
        cwd=CHECKOUT,
        env=plain_environment() if environment is None else environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.slow
def test_running_emulator_is_not_destroyed(sdk: Sdk) -> None:
    refused = start("--dir", str(sdk.emulator.directory), "--destroy")
    assert refused.returncode == 1
    assert "Another Lakebase Local (process" in refused.stderr
    with sdk.connect(PRIMARY) as session:
        assert session.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.slow
def test_moved_directory_takes_its_data_along_and_a_copy_is_refused(sdk: Sdk, tmp_path: Path) -> None:
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE kept AS SELECT 1 AS x")
    emulator = sdk.emulator
    emulator.stop()
    home, moved = emulator.directory, tmp_path / "moved"
    if data_root(emulator).parent != home:
        shutil.copytree(home, moved)
        refused = start("--dir", str(moved), "--port", "0", "--pg-port", "0")
        assert f"is a copy of {home}" in refused.stderr
        shutil.rmtree(moved)
    home.rename(moved)
    emulator.directory = moved
    emulator.start()
    with sdk.connect(PRIMARY) as session:
        assert session.execute("SELECT x FROM kept").fetchone() == (1,)


@pytest.mark.slow
def test_lost_data_are_told(sdk: Sdk) -> None:
    sdk.emulator.suspend(PRIMARY)
    (data,) = (data_root(sdk.emulator) / "branches").iterdir()
    shutil.rmtree(data)
    with pytest.raises(
        psycopg.OperationalError, match=r"The data of this branch, .*, is gone. Put it back, or start anew: "
    ):
        sdk.connect(PRIMARY)
