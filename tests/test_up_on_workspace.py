"""`manage.py up` with a workspace configured, and as Databricks Apps starts it: Lakebase Local stands in by address."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.emulator import CHECKOUT, Emulator, plain_environment
from tests.running_site import UNTIL_STOPPED, free_port
from tests.served_site import ENDPOINT, PROJECT, manage, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path_factory.mktemp("workspace") / "lakebase")
    manage("lakebase", "create-project", PROJECT, env=emulator.environment())
    yield emulator
    emulator.destroy()


@contextmanager
def started(command: list[str], env: dict[str, str], port: int, log: Path) -> Iterator[requests.Session]:
    """The site as `command` starts it, and a visitor that sees it directly."""
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=CHECKOUT, env=plain_environment() | env, stdout=output, stderr=output)
    try:
        wait_for(f"http://127.0.0.1:{port}")
        with requests.Session() as visitor:
            visitor.trust_env = False
            yield visitor
    finally:
        process.terminate()
        assert process.wait(UNTIL_STOPPED) == 0, log.read_text()


def test_a_workspace_gets_no_emulator_and_the_site_is_its_owner(workspace: Emulator, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "up.log"
    env = workspace.environment() | {"LAKEBASE_PROJECT_ID": PROJECT}
    command = [sys.executable, "manage.py", "up", "--port", str(port), "--dir", str(tmp_path / "kept")]
    with started(command, env, port, log) as visitor:
        assert visitor.get(f"http://127.0.0.1:{port}/readyz", timeout=60).json() == {"status": "ready"}
        asked = visitor.get(f"http://127.0.0.1:{port}/", timeout=60)
        assert "Sign in" in asked.text and "Sign in as learner" not in asked.text
        assert visitor.get(f"http://127.0.0.1:{port}/healthz", timeout=60).json()["endpoint"] == ENDPOINT
    assert [each.name for each in (tmp_path / "kept").iterdir()] == ["up.json"]  # the secret key
    assert "Lakebase Local" not in log.read_text()


def apps_environment(workspace: Emulator, port: int) -> dict[str, str]:
    """What the platform sets, and app.yaml adds, for an app whose resource is this project's production branch."""
    principal = workspace.service_principal("app")
    owner = workspace.environment() | {"LAKEBASE_PROJECT_ID": PROJECT}
    manage("lakebase", "create-role", principal["client_id"], env=owner)
    return {
        "DATABRICKS_HOST": owner["DATABRICKS_HOST"],
        "DATABRICKS_APP_NAME": "lakeshop",
        "DATABRICKS_APP_PORT": str(port),
        "DATABRICKS_CLIENT_ID": principal["client_id"],
        "DATABRICKS_CLIENT_SECRET": principal["client_secret"],
        "LAKEBASE_ENDPOINT": ENDPOINT,
        "NO_PROXY": "127.0.0.1",
        "PGAPPNAME": "lakeshop",
        "PGDATABASE": "databricks_postgres",
        "PGHOST": "127.0.0.1",
        "PGPORT": owner["PGPORT"],
        "PGSSLMODE": "require",
        "PGUSER": principal["client_id"],
    }


def apps_command() -> list[str]:
    found = re.search(r"^command: \[(.*)\]$", (CHECKOUT / "app.yaml").read_text(), re.MULTILINE)
    assert found
    words = re.findall(r'"([^"]+)"', found[1])
    assert words[0] == "python"
    return [sys.executable, *words[1:]]


def test_databricks_apps_migrates_as_the_app_and_serves_behind_its_proxy(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    fresh = Emulator(tmp_path_factory.mktemp("apps") / "lakebase")
    try:
        manage("lakebase", "create-project", PROJECT, env=fresh.environment())
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        proxied = {
            "Host": "127.0.0.1",
            "X-Forwarded-Host": "lakeshop-123.aws.databricksapps.com",
            "X-Forwarded-Proto": "https",
        }
        # An app keeps uploads in the container's temporary directory, which goes with it.
        environment = apps_environment(fresh, port) | {"TMPDIR": str(tmp_path)}
        with started(apps_command(), environment, port, tmp_path / "apps.log") as visitor:
            assert visitor.get(f"{address}/readyz", headers=proxied, timeout=60).json() == {"status": "ready"}
            sign_in = visitor.get(f"{address}/sign-in", headers=proxied, timeout=60)
            assert "; Secure" in sign_in.headers["Set-Cookie"]
            assert visitor.get(f"{address}/readyz", headers={"Host": "evil.example"}, timeout=60).status_code == 400
        assert f"port {port}" in (tmp_path / "apps.log").read_text()
    finally:
        fresh.destroy()
