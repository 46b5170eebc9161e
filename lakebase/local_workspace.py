"""Lakebase Local as a child process: started, ready, and spoken to over HTTP like any other workspace.

Nothing of the emulator is imported here: its command line, DIR/env and its REST API are all there is to know.
"""

import json
import re
import shlex
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from .processes import Child, environment, free_port, port_is_free, stop_signals_wait

PORT, PG_PORT = 8765, 54320
START_SECONDS = 60.0
STOP_SECONDS = 10.0
# Straight to the loopback: a proxy of the environment is none of our business.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
OVERTAKEN, ATTEMPTS = "is in use. Give another with", 3


class LocalWorkspaceFailed(Exception):
    """Lakebase Local did not start, or refused what `up` asked of it; the message says why and what to do."""


class LocalWorkspace:
    """The emulator of one directory, running until `stop()`."""

    def __init__(self, directory: Path, say: Callable[[str], None]) -> None:
        self.directory = directory
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            log = (directory / "lakebase-local.log").open("ab")
        except OSError as error:
            raise LocalWorkspaceFailed(
                f"Lakebase Local cannot keep its data in {directory}: {error.strerror}. Name a directory that you may "
                "write to: manage.py up --dir DIRECTORY"
            ) from error
        self.log = Path(log.name)
        self._said_before = log.tell()  # by the runs before, or by one that is under way in this directory
        self._say = say
        with log:
            self._start(log)

    def _start(self, log: IO[bytes]) -> None:
        self.port = _usual_or_free(PORT, "API", self._say)
        self.pg_port = _usual_or_free(PG_PORT, "Postgres", self._say)
        self.address = f"http://127.0.0.1:{self.port}"
        options = ["--dir", str(self.directory), "--port", str(self.port), "--pg-port", str(self.pg_port)]
        command = [sys.executable, "-m", "lakebase.local", *options, "--exit-with-parent"]
        self._child = Child("Lakebase Local", command, environment({"PYTHONUNBUFFERED": "1"}), log=log)

    def wait_until_ready(self) -> None:
        """Return once the emulator accepts requests and logins; LocalWorkspaceFailed when it does not."""
        until = time.monotonic() + START_SECONDS
        while "Lakebase Local ready:" not in self._said():
            if self._child.exit_code is not None:
                self._start_again_if_overtaken()
            if time.monotonic() > until:
                raise LocalWorkspaceFailed(
                    f"Lakebase Local is not ready after {START_SECONDS:g} s. What it said is in {self.log}."
                )
            time.sleep(0.02)

    def _start_again_if_overtaken(self) -> None:
        """Another program may take a port between our look at it and the emulator's start."""
        said = self._said()
        if OVERTAKEN not in said or said.count(OVERTAKEN) > ATTEMPTS:
            raise LocalWorkspaceFailed(self._why_it_ended())
        self._child.stop(STOP_SECONDS)
        with stop_signals_wait(), self.log.open("ab") as log:
            self._start(log)

    def _said(self) -> str:
        return self.log.read_bytes()[self._said_before :].decode(errors="replace")

    def _why_it_ended(self) -> str:
        said = "\n".join(self._said().splitlines()[-5:])
        if missing := re.search(r"Lakebase Local needs (\S+), which is not installed", said):
            return f"Lakebase Local needs {missing[1]}, which is not installed. Run `make env`, then this again."
        return f"Lakebase Local did not start:\n{said}\nAll it said is in {self.log}."

    @property
    def exit_code(self) -> int | None:
        return self._child.exit_code

    def wait(self) -> int:
        return self._child.wait()

    def stop(self) -> None:
        """And what it has left running, where it was killed."""
        self._child.stop(STOP_SECONDS)
        if (self._child.exit_code or 0) < 0:
            command = [sys.executable, "-m", "lakebase.local", "--dir", str(self.directory), "--sweep"]
            with self.log.open("ab") as log:
                Child("the sweep", command, environment({}), log=log).wait()

    def variables(self) -> dict[str, str]:
        """What DIR/env exports: the same variables that point the SDK and the site at a real workspace."""
        exports = (shlex.split(line) for line in (self.directory / "env").read_text().splitlines())
        pairs = (words[1].partition("=") for words in exports if len(words) == 2 and words[0] == "export")
        return {name: value for name, _, value in pairs}

    def service_principal(self, display_name: str) -> dict[str, str]:
        """Make a service principal; answers its {"client_id": UUID, "client_secret": text}."""
        made: dict[str, str] = self._request("POST", "/_local/service-principals", {"display_name": display_name})
        return made

    def project_uid(self, project: str) -> str | None:
        """The project's uid, or None when there is no such project."""
        try:
            found = self._request("GET", f"/api/2.0/postgres/projects/{project}")
        except LocalWorkspaceFailed as refusal:
            if isinstance(refusal.__cause__, urllib.error.HTTPError) and refusal.__cause__.code == 404:
                return None
            raise
        uid: str = found["uid"]
        return uid

    def _request(self, method: str, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        headers = {
            "Authorization": f"Bearer {self.variables()['DATABRICKS_TOKEN']}",
            "Content-Type": "application/json",
        }
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        try:
            with DIRECT.open(request, timeout=10) as answer:
                found: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                detail = error.read().decode(errors="replace")
            raise LocalWorkspaceFailed(f"Lakebase Local refused {method} {path}: {error.code} {detail}") from error
        except OSError as error:
            raise LocalWorkspaceFailed(
                f"Lakebase Local does not answer at {self.address}: {error}. What it said is in {self.log}."
            ) from error
        return found


def _usual_or_free(usual: int, what: str, say: Callable[[str], None]) -> int:
    if port_is_free(usual):
        return usual
    port = free_port()
    say(f"Port {usual} is taken: the {what} of Lakebase Local listens on {port}.")
    return port
