"""The emulator as a command: what it prints, what it writes, and what it refuses."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.emulator import CHECKOUT, READY, Emulator, plain_environment
from tests.local.running.conftest import data_root
from tests.local.running.test_durability import start
from tests.local.sdk import Sdk

EXPORTED = ["DATABRICKS_HOST", "DATABRICKS_TOKEN", "DATABRICKS_AUTH_TYPE", "NO_PROXY", "PGPORT", "PGSSLMODE"]


def test_it_starts_with_an_empty_environment_and_writes_the_env_file(tmp_path: Path) -> None:
    directory = tmp_path / "local"
    command = [sys.executable, "-m", "lakebase.local", "--dir", str(directory), "--port", "0", "--pg-port", "0"]
    process = subprocess.Popen(command, cwd=CHECKOUT, env={}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = READY.fullmatch(process.stdout.readline().strip())
        assert ready is not None
        env = directory / "env"
        assert stat.S_IMODE(env.stat().st_mode) == 0o600
        program = f". {env}; env -u PWD -u _ -u SHLVL"
        printed = subprocess.run(
            ["sh", "-c", program], env={"PATH": os.defpath}, capture_output=True, text=True, check=True
        )
        values = dict(line.split("=", 1) for line in printed.stdout.splitlines())
        values.pop("PATH")
        assert sorted(set(values) - {"PWD", "OLDPWD"}) == sorted(EXPORTED)
        assert values["DATABRICKS_HOST"] == f"http://127.0.0.1:{ready[1]}"
        assert (values["PGPORT"], values["PGSSLMODE"], values["DATABRICKS_AUTH_TYPE"]) == (ready[2], "require", "pat")
    finally:
        process.terminate()
        process.communicate(timeout=60)
        start("--dir", str(directory), "--destroy")
    assert process.returncode == 0
    assert not directory.exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.10", "example.com", "::"])
def test_only_this_machine_may_reach_it(tmp_path: Path, host: str) -> None:
    refused = start("--dir", str(tmp_path / "local"), "--host", host)
    assert refused.returncode == 1
    assert f"use 127.0.0.1 in place of {host}" in refused.stderr


@pytest.mark.parametrize("option", ["--port", "--pg-port"])
def test_busy_port_is_told(tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ports = {"--port": "0", "--pg-port": "0"} | {option: str(port)}
        refused = start("--dir", str(tmp_path / "local"), *(word for pair in ports.items() for word in pair))
    assert refused.returncode == 1
    assert refused.stderr.strip().endswith(f"Port {port} is in use. Give another with {option}; 0 picks a free one.")


@pytest.mark.parametrize("option", ["--port", "--pg-port"])
def test_port_that_another_takes_meanwhile_is_told(tmp_path: Path, option: str) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", 0))  # free to all who look, until somebody listens
        port = other.getsockname()[1]
        ports = {"--port": "0", "--pg-port": "0"} | {option: str(port)}
        words = ["--dir", str(tmp_path / "local"), *(word for pair in ports.items() for word in pair)]
        command = [sys.executable, "-m", "lakebase.local", *words]
        process = subprocess.Popen(command, cwd=CHECKOUT, env=plain_environment(), stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        first = process.stderr.readline()
        other.listen()
        _, rest = process.communicate(timeout=30)
    start("--dir", str(tmp_path / "local"), "--destroy")
    assert "data in" in first and process.returncode == 1
    assert rest.strip().endswith(f"Port {port} is in use. Give another with {option}; 0 picks a free one.")
    assert "Traceback" not in rest


def test_a_missing_package_is_told(tmp_path: Path) -> None:
    program = "import runpy, sys; sys.modules['psutil'] = None; runpy.run_module('lakebase.local', run_name='__main__')"
    command = [sys.executable, "-c", program, "--dir", str(tmp_path / "local")]
    told = subprocess.run(command, cwd=CHECKOUT, env=plain_environment(), capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert told.stderr.startswith("Lakebase Local needs psutil, which is not installed for ")
    assert len(told.stderr.splitlines()) == 1


def test_unusable_binaries_are_told(tmp_path: Path) -> None:
    environment = plain_environment() | {"LAKEBASE_LOCAL_PG_BIN": str(tmp_path)}
    refused = start("--dir", str(tmp_path / "local"), "--port", "0", "--pg-port", "0", environment=environment)
    start("--dir", str(tmp_path / "local"), "--destroy")
    assert refused.returncode == 1
    assert "holds no `postgres`. Set LAKEBASE_LOCAL_PG_BIN" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("user", ["lakebase_local_admin", "pg_monitor", f"{'x' * 64}@example.com"])
def test_unusable_owner_is_told(tmp_path: Path, user: str) -> None:
    environment = plain_environment() | {"LAKEBASE_LOCAL_USER": user}
    refused = start("--dir", str(tmp_path / "local"), "--port", "0", "--pg-port", "0", environment=environment)
    assert refused.returncode == 1
    assert "LAKEBASE_LOCAL_USER must be an e-mail" in refused.stderr


def test_owner_is_whom_the_environment_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The tests' own environment is cleaned of LAKEBASE_*, so the variable goes through a wrapper.
    directory = tmp_path / "local"
    environment = plain_environment() | {"LAKEBASE_LOCAL_USER": 'Ada O\'Neil "x"@example.com'}
    command = [sys.executable, "-m", "lakebase.local", "--dir", str(directory), "--port", "0", "--pg-port", "0"]
    process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = READY.match(process.stdout.readline())
        assert ready is not None
        emulator = Emulator.__new__(Emulator)
        emulator.directory, emulator.rest_port, emulator.pg_port = directory, int(ready[1]), int(ready[2])
        emulator.environment = lambda: {  # type: ignore[method-assign]
            "DATABRICKS_TOKEN": (directory / "env").read_text().split("DATABRICKS_TOKEN=")[1].split()[0]
        }
        sdk = Sdk(emulator)
        sdk.make_project("shop")
        with sdk.connect("projects/shop/branches/production/endpoints/primary") as session:
            assert session.execute("SELECT current_user::text").fetchone() == ('Ada O\'Neil "x"@example.com',)
    finally:
        process.terminate()
        process.communicate(timeout=60)
        start("--dir", str(directory), "--destroy")


def test_another_owner_is_refused_where_there_are_projects(sdk: Sdk) -> None:
    sdk.emulator.stop()
    environment = plain_environment() | {"LAKEBASE_LOCAL_USER": "grace@example.com"}
    ports = ("--port", "0", "--pg-port", "0")
    refused = start("--dir", str(sdk.emulator.directory), *ports, environment=environment)
    assert refused.returncode == 1
    assert "The projects here belong to learner@example.com" in refused.stderr
    sdk.emulator.start()


def test_what_is_no_emulators_is_not_destroyed(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    refused = start("--dir", str(tmp_path), "--destroy")
    assert refused.returncode == 1
    assert "holds no data of Lakebase Local, and nothing was removed" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_foreign_files_survive_a_destroy(sdk: Sdk) -> None:
    sdk.emulator.stop()
    foreign = sdk.emulator.directory / "thesis.txt"
    foreign.write_text("years of work")
    told = start("--dir", str(sdk.emulator.directory), "--destroy")
    assert (told.returncode, foreign.read_text()) == (0, "years of work")
    assert "left thesis.txt" in told.stderr
    foreign.unlink()
    foreign.parent.rmdir()


def test_damaged_records_are_told(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_text("junk")
    refused = start("--dir", str(tmp_path), "--port", "0", "--pg-port", "0")
    assert refused.returncode == 1
    assert "cannot be read (file is not a database)" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(("option", "value"), [("--port", "99999"), ("--port", "-1"), ("--wake-delay", "nan")])
def test_impossible_options_are_told(tmp_path: Path, option: str, value: str) -> None:
    refused = start("--dir", str(tmp_path / "local"), f"{option}={value}")
    assert refused.returncode == 2
    assert "give a number from 0" in refused.stderr
    assert not (tmp_path / "local").exists()


def test_destroy_leaves_nothing(tmp_path: Path) -> None:
    emulator = Emulator(tmp_path / "local")
    Sdk(emulator).make_project("shop")
    root = data_root(emulator)
    assert root.exists()
    emulator.kill()
    emulator.destroy()
    assert not root.exists()
    assert not emulator.directory.exists()


@pytest.mark.soak
def test_twenty_branches_fit(sdk: Sdk) -> None:
    names = [sdk.make_branch("projects/shop", f"b{number}").name for number in range(20)]
    sessions = [sdk.connect(f"{name}/endpoints/primary") for name in names]
    assert [session.execute("SELECT 1").fetchone() for session in sessions] == [(1,)] * 20
    for session in sessions:
        session.close()
    assert len(sdk.emulator.get("/_local/info")["endpoints"]) == 21


def test_manage_py_runs_it_too(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "manage.py",
        "lakebase_local",
        "--dir",
        str(tmp_path / "local"),
        "--port",
        "0",
        "--pg-port",
        "0",
    ]
    process = subprocess.Popen(command, cwd=CHECKOUT, env=plain_environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert READY.match(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate(timeout=60)
        start("--dir", str(tmp_path / "local"), "--destroy")
    assert process.returncode == 0
