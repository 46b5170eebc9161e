"""A real PostgreSQL for the gateway's tests, with a compute that wakes it and nothing else of the emulator."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

from lakebase.local.cluster.account import postgres_account
from lakebase.local.cluster.binaries import find_binaries, prepare
from lakebase.local.credentials import Refused
from lakebase.local.gateway.session import Session
from tests.emulator import plain_environment

USER = "learner@example.com"
DATABASE = "databricks_postgres"
ENDPOINT = "projects/shop/branches/production/endpoints/primary"
UID = "ep-calm-river-1a2b3c4d"


class Cluster:
    """One data directory and, while `running`, its postmaster."""

    def __init__(self) -> None:
        account = postgres_account()
        self.directory = account.own(Path(tempfile.mkdtemp(prefix="lbl-")))
        self.data = self.directory / "data"
        self.socket = self.directory / ".s.PGSQL.5432"
        # PGPORT and the like of another test's environment must not reach these programs.
        self._clean = {"env": plain_environment()}
        self._as_account = account.process_options() | self._clean
        self._programs = prepare(find_binaries(os.environ.get("LAKEBASE_LOCAL_PG_BIN")), account, self.directory).bin
        self._process: subprocess.Popen[bytes] | None = None
        arguments = ["-D", str(self.data), "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--no-locale"]
        command = [str(self._programs / "initdb"), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **self._as_account)
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write(
                f"listen_addresses = ''\nunix_socket_directories = '{self.directory}'\nfsync = off\n"
                "shared_buffers = 32MB\nmax_connections = 60\nautovacuum = off\n"
            )

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def postmaster(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)

    def start(self) -> None:
        """Start the postmaster and return at once, before it takes connections."""
        with (self.directory / "log").open("ab") as log:
            arguments = [str(self._programs / "postgres"), "-D", str(self.data)]
            self._process = subprocess.Popen(
                arguments, stdout=log, stderr=log, start_new_session=True, **self._as_account
            )

    def stop(self) -> None:
        """Stop in PostgreSQL's fast mode and wait."""
        if self._process is not None:
            if self.running:
                self._process.send_signal(signal.SIGINT)
            self._process.wait(60)

    def kill(self) -> None:
        """kill -9 of the postmaster; its children see that and go."""
        assert self._process is not None
        children = self.postmaster.children()
        self._process.kill()
        self._process.wait(60)
        psutil.wait_procs(children, timeout=60)

    def sql(self, *statements: str) -> None:
        """Run statements as the superuser over the socket, each by itself."""
        command = [str(self._programs / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(self.directory)]
        for statement in statements:
            subprocess.run(
                [*command, "-U", "postgres", "-d", "postgres", "-c", statement],
                check=True,
                stdout=subprocess.DEVNULL,
                **self._clean,
            )

    def ready(self) -> None:
        """Start when stopped, and wait for the first connection."""
        if not self.running:
            self.start()
        deadline = time.monotonic() + 60
        probe = [str(self._programs / "pg_isready"), "-q", "-h", str(self.directory)]
        while subprocess.run(probe, check=False, **self._clean).returncode != 0:
            assert time.monotonic() < deadline, (self.directory / "log").read_text()
            time.sleep(0.02)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.directory)


class Compute:
    """The endpoint of a cluster; answers a wake at once, so that the gateway meets a Postgres that still starts."""

    def __init__(self, cluster: Cluster) -> None:
        self.name, self.uid = ENDPOINT, UID
        self.connection_limit = 40
        self.read_only = False
        self.held = 0
        self.last_activity = 0.0
        self.sessions: set[Session] = set()
        self.wakes = self.starts = 0
        self.wake_delay = 0.0
        self.disabled = False
        self._cluster = cluster
        self._lock = asyncio.Lock()

    async def wake(self) -> Path:
        self.wakes += 1
        if self.disabled:
            raise Refused("57P03", f"The endpoint {self.name} is disabled.", "disabled", "Enable it.")
        async with self._lock:
            if not self._cluster.running:
                self.starts += 1
                await asyncio.sleep(self.wake_delay)
                await asyncio.to_thread(self._cluster.start)
        return self._cluster.socket

    def session_opened(self, session: Session) -> None:
        self.sessions.add(session)

    def session_closed(self, session: Session) -> None:
        self.sessions.remove(session)


class Computes:
    def __init__(self, *computes: Compute) -> None:
        self._computes = {compute.name: compute for compute in computes}

    def find(self, endpoint_name: str) -> Compute | None:
        return self._computes.get(endpoint_name)
