"""Lakebase Local as a process of its own, for tests and scripts that need a Lakebase for a while."""

import io
import json
import os
import re
import shlex
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from lakebase.local.home import destroy

# Where this package was found; a project's own directory may hold another `lakebase`.
FOUND_IN = Path(__file__).resolve().parents[2]
READY = re.compile(r"Lakebase Local ready: http://127\.0\.0\.1:(\d+), Postgres 127\.0\.0\.1:(\d+)")
# What a developer's shell may hold and would lead the SDK or libpq elsewhere; not which PostgreSQL is to be tested.
FOREIGN = re.compile(
    r"(?!LAKEBASE_LOCAL_PG_BIN$)(DATABRICKS|LAKEBASE|PG|ARM|GOOGLE)_?[A-Z_]*|https?_proxy|HTTPS?_PROXY|ALL_PROXY|all_proxy"
)
API, FAULTS = "/api/2.0/postgres", "/_local/faults"
PATIENCE = 15.0
LONGEST_OPERATION = 600.0


def plain_environment() -> dict[str, str]:
    """This process's environment without anything that names a workspace or a database."""
    return {name: value for name, value in os.environ.items() if not FOREIGN.fullmatch(name)}


class LocalLakebase:
    """Lives in `directory`, on free ports, and ends with the process that started it, however that ends.

    `arguments` are those of `python -m lakebase.local`. As a context manager it starts, and leaves nothing behind.
    """

    program: ClassVar[tuple[str, ...]] = (sys.executable, "-P", "-m", "lakebase.local")

    def __init__(self, directory: Path, *arguments: str) -> None:
        self.directory = directory
        self.arguments = arguments
        self.rest_port = self.pg_port = 0
        self._process: subprocess.Popen[str] | None = None
        self._faults: list[int] = []  # that were set through us

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.destroy()

    @property
    def log(self) -> Path:
        return self.directory.parent / f"{self.directory.name}.log"

    def start(self) -> None:
        """Start, the second time on the ports of the first. Raises RuntimeError with what it said."""
        command = [*self.program, "--dir", str(self.directory), "--exit-with-parent"]
        command += ["--port", str(self.rest_port), "--pg-port", str(self.pg_port), *self.arguments]
        path = os.pathsep.join(filter(None, (str(FOUND_IN), os.environ.get("PYTHONPATH"))))
        with self.log.open("a") as errors:
            self._process = subprocess.Popen(
                command, env=plain_environment() | {"PYTHONPATH": path}, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                # Ctrl-C is for whoever started us: sessions shall not break under it while it cleans up.
                process_group=0,
            )  # fmt: skip
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        ready = READY.match(line)
        if ready is None:
            self.stop()
            said = self.log.read_text().strip()[-2000:] or repr(line)
            raise RuntimeError(f"Lakebase Local did not start: {said}")
        self.rest_port, self.pg_port = int(ready[1]), int(ready[2])

    def stop(self) -> None:
        """Stop it and every postgres behind it; the data stay."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
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
        self.stop()
        destroy(self.directory.resolve())

    def environment(self) -> dict[str, str]:
        """The variables of DIR/env, which lead the SDK here: DATABRICKS_HOST, DATABRICKS_TOKEN, PGPORT ..."""
        lines = (self.directory / "env").read_text().splitlines()
        exports = [line.removeprefix("export ").partition("=") for line in lines if "=" in line]
        return {name: shlex.split(value)[0] for name, _, value in exports}

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self.ask("POST", path, body)

    def delete(self, path: str) -> Any:
        return self.ask("DELETE", path)

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The answer to a request of the owner's; a `path` without a slash before it lies below /_local/.

        Raises urllib.error.HTTPError for a refusal, with its sentence.
        """
        path = path if path.startswith("/") else f"/_local/{path}"
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.rest_port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.environment()['DATABRICKS_TOKEN']}",
                "Content-Type": "application/json",
            },
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=30) as answer:
                said = json.load(answer)
        except urllib.error.HTTPError as refusal:
            raise _with_its_sentence(refusal) from None
        if (method, path) == ("POST", FAULTS):
            self._faults.append(said["id"])
        return said

    @contextmanager
    def fault(self, kind: str, **fields: Any) -> Iterator[dict[str, Any]]:
        """Inside, this goes wrong on purpose: what is shown of the fault. Cleared at the end, if it is still set."""
        fault: dict[str, Any] = self.post(FAULTS, {"kind": kind, **fields})
        try:
            yield fault
        finally:
            self._clear(fault["id"])

    @contextmanager
    def no_fault_left(self) -> Iterator[None]:
        """At the end, the faults that were set inside by `fault` or `post` are cleared."""
        before = len(self._faults)
        try:
            yield
        finally:
            for number in self._faults[before:]:
                self._clear(number)
            del self._faults[before:]

    def _clear(self, number: int) -> None:
        # It may have come to its end by itself, or with the emulator.
        with suppress(urllib.error.URLError):
            self.delete(f"{FAULTS}?id={number}")

    def finish(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, seconds: float = LONGEST_OPERATION
    ) -> Any:
        """Ask for a change of a resource (`path` below the API's), wait for its end, and give what came of it.

        Raises RuntimeError when it fails, and TimeoutError when it takes longer than `seconds`.
        """
        operation, until = self.ask(method, f"{API}/{path}", body), time.monotonic() + seconds
        while not operation["done"]:
            if time.monotonic() > until:
                raise TimeoutError(f"{method} {path}: not done after {seconds:g} s. What it waits for: {self.log}")
            time.sleep(0.005)
            operation = self.get(f"{API}/{operation['name']}")
        if "error" in operation:
            raise RuntimeError(f"{method} {path}: {operation['error']['message']}")
        return operation["response"]

    def user(self) -> str:
        """The e-mail of the person who owns the projects here."""
        return str(self.get("/_local/info")["user"])

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


def _with_its_sentence(refusal: urllib.error.HTTPError) -> urllib.error.HTTPError:
    """The same, whose text is not "Bad Request" but what is wrong; its body can still be read."""
    with refusal:
        body = refusal.read()
    try:
        said = str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        said = str(refusal.reason)
    return urllib.error.HTTPError(refusal.url, refusal.code, said, refusal.headers, io.BytesIO(body))
