"""Lakebase Local as the tests use it: a process of its own, reached by address only."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from tests.relay import Relay

CHECKOUT = Path(__file__).resolve().parent.parent
READY = re.compile(r"Lakebase Local ready: http://127\.0\.0\.1:(\d+), Postgres 127\.0\.0\.1:(\d+)")
# What a developer's shell may hold and would lead the SDK or libpq elsewhere; not which PostgreSQL is to be tested.
FOREIGN = re.compile(
    r"(?!LAKEBASE_LOCAL_PG_BIN$)(DATABRICKS|LAKEBASE|PG|ARM|GOOGLE)_?[A-Z_]*|https?_proxy|HTTPS?_PROXY|ALL_PROXY|all_proxy"
)


def plain_environment() -> dict[str, str]:
    """This process's environment without anything that names a workspace or a database."""
    return {name: value for name, value in os.environ.items() if not FOREIGN.fullmatch(name)}


class Emulator:
    """Starts in `directory` on free ports. `control` stands before the REST API and can be cut; Postgres is direct."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self.directory = directory
        self.arguments = arguments
        self.rest_port = self.pg_port = 0
        self._process: subprocess.Popen[str] | None = None
        self.start()
        self.control = Relay(self.rest_port)

    def start(self) -> None:
        """Start, the second time on the ports of the first."""
        command = [sys.executable, "-m", "lakebase.local", "--dir", str(self.directory), "--exit-with-parent"]
        command += ["--port", str(self.rest_port), "--pg-port", str(self.pg_port), *self.arguments]
        log = self.directory.parent / f"{self.directory.name}.log"
        with log.open("a") as errors:
            self._process = subprocess.Popen(
                command,
                cwd=CHECKOUT,
                env=plain_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        ready = READY.match(line)
        if ready is None:
            self.stop()
            raise RuntimeError(f"Lakebase Local did not start: {line!r}\n{log.read_text()}")
        self.rest_port, self.pg_port = int(ready[1]), int(ready[2])

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(15)
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None

    def kill(self) -> None:
        """As a power cut would: nothing is said to anybody."""
        assert self._process is not None
        self._process.kill()
        self.stop()

    def destroy(self) -> None:
        """Stop and leave nothing behind, as root also not below /var/lib."""
        self.control.close()
        self.stop()
        command = [sys.executable, "-m", "lakebase.local", "--dir", str(self.directory), "--destroy"]
        subprocess.run(command, cwd=CHECKOUT, env=plain_environment(), check=True)

    def environment(self) -> dict[str, str]:
        """The variables of DIR/env, with the REST API behind `control`."""
        lines = (self.directory / "env").read_text().splitlines()
        settings = dict(line.removeprefix("export ").split("=", 1) for line in lines if "=" in line)
        return settings | {"DATABRICKS_HOST": f"http://127.0.0.1:{self.control.port}"}

    def get(self, path: str) -> Any:
        return self._ask("GET", path, None)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._ask("POST", path, body)

    def advance(self, seconds: float) -> None:
        """Move the clock by which tokens expire and endpoints fall asleep."""
        self.post("/_local/clock", {"advance_seconds": seconds})

    def suspend(self, endpoint: str) -> None:
        self.post("/_local/suspend", {"endpoint": endpoint})

    def service_principal(self, name: str) -> dict[str, str]:
        """A new identity: {"client_id", "client_secret"}."""
        made = self.post("/_local/service-principals", {"display_name": name})
        return {"client_id": made["client_id"], "client_secret": made["client_secret"]}

    def events(self, kind: str, after: int = 0) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"/_local/events?kind={kind}&after={after}&limit=1000")["events"]
        return found

    def last_event(self) -> int:
        events = self.get("/_local/events?limit=1")["events"]
        return int(events[-1]["id"]) if events else 0

    def endpoint(self, name: str) -> dict[str, Any]:
        """What /_local/info says of an endpoint: state, pid, sessions, wakes ..."""
        found: list[dict[str, Any]] = self.get("/_local/info")["endpoints"]
        return next(endpoint for endpoint in found if endpoint["name"] == name)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        token = self.environment()["DATABRICKS_TOKEN"]
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.rest_port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return json.load(answer)
