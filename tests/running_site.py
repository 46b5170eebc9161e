"""`manage.py up` as a process, as the tests of the command and the journeys start it."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil

from tests.emulator import CHECKOUT, plain_environment

SERVED = "Ctrl-C stops everything"
# In seconds: the tests beside it may have the machine for a while.
UNTIL_SERVED, UNTIL_STOPPED = 180, 60


def heed_signals() -> None:
    """In a child, before it begins: as under a terminal, whoever ran the tests in the background or by nohup."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Up:
    """In a session of its own, as under a terminal. `tree` is what runs below it as last looked at."""

    def __init__(self, directory: Path, extra: dict[str, str] | None = None) -> None:
        self.directory = directory
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        # Keeps its cookies: the site signs it in, once.
        self.visitor = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor()
        )
        self.log = directory.parent / "up.log"
        command = [sys.executable, "manage.py", "up", "--port", str(self.port), "--dir", str(directory)]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command,
                cwd=CHECKOUT,
                env=plain_environment() | (extra or {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=heed_signals,
            )

    def wait_until_said(self, words: str) -> None:
        until = time.monotonic() + UNTIL_SERVED
        while words not in self.log.read_text():
            assert self.process.poll() is None and time.monotonic() < until, self.log.read_text()
            time.sleep(0.02)
        self.look()

    def look(self) -> None:
        self.tree = psutil.Process(self.process.pid).children(recursive=True)

    def get(self, path: str) -> str:
        with self.visitor.open(self.address + path, timeout=60) as answer:
            body: bytes = answer.read()
            return body.decode()

    def child(self, words: str) -> psutil.Process:
        """The first child whose command line has these words."""
        return next(each for each in self.tree if words in " ".join(each.cmdline()))

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(UNTIL_STOPPED)

    def assert_all_gone(self) -> None:
        _, alive = psutil.wait_procs(self.tree, timeout=UNTIL_STOPPED)
        assert not alive
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", self.port)) != 0


def destroy(directory: Path) -> None:
    """Remove the data of a stopped one, as root also below /var/lib."""
    command = [sys.executable, "-m", "lakebase.local", "--dir", str(directory), "--destroy"]
    subprocess.run(command, cwd=CHECKOUT, env=plain_environment(), check=True)
