"""One PostgreSQL cluster: its data directory, its configuration, its process."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from lakebase.local.cluster import backup_label
from lakebase.local.cluster.account import Account
from lakebase.local.cluster.binaries import Binaries
from lakebase.local.cluster.orphan import stop_orphan

SUPERUSER = "lakebase_local_admin"
SOCKET = ".s.PGSQL.5432"
LARGEST_LOG = 10 << 20
ANEW = "start anew: `make clean` in the shop's checkout, elsewhere the emulator's own command with --destroy."
START_DEADLINE = 60.0
STOP_DEADLINE = 4.0
STARTS = 5  # of a server that is killed each time while it comes up
# Replication is a standby's: the gateway passes on nobody's wish for it.
HBA = """# Only through the emulator's gateway, which has checked the token.
local all all trust
local replication all trust
"""
# A laptop's measure: twenty of these fit, for buffers take memory only once pages have come into them (with 32 MB an
# index over the vectors of 100,000 products is read anew for each question). Durable all the same: fsync stays on.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_wal_size": "128MB",
    "min_wal_size": "32MB",
    "wal_recycle": "off",
    "wal_init_zero": "off",
    "max_wal_senders": "8",  # six standbys, and two that come back before they are known to be gone
    "max_replication_slots": "8",
    "max_worker_processes": "4",
    "max_parallel_workers": "2",
    "autovacuum_max_workers": "2",
    "huge_pages": "off",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "password_encryption": "scram-sha-256",
    # A client that has vanished must not keep its endpoint awake by the query it left.
    "client_connection_check_interval": "5s",
}


class CannotStart(Exception):
    """PostgreSQL did not come up; the text holds its last words."""


class Killed(CannotStart):
    """It was killed as often as it was started, each time before it took queries."""


@dataclass(frozen=True)
class Checkpoint:
    """Its log position, such as "0/1A2B3C8", and the log's file from which recovery would start."""

    lsn: str
    segment: str


class Cluster:
    """`data` is the data directory, `sockets` a short private directory for its Unix socket, `log` its log file."""

    def __init__(self, binaries: Binaries, account: Account, data: Path, sockets: Path, log: Path) -> None:
        self.binaries = binaries
        self.account = account
        self.data = data
        self.sockets = sockets
        self.log = log
        self.settings: dict[str, str] = {}  # beside SETTINGS, from the next start on
        self.process: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.returncode is None

    @property
    def socket(self) -> Path:
        return self.sockets / SOCKET

    async def initialise(self) -> None:
        """initdb, and our configuration. Raises CannotStart."""
        command: list[str | Path] = [
            self.binaries.bin / "initdb",
            "-D",
            self.data,
            "-U",
            SUPERUSER,
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
        ]
        if self.binaries.major >= 17:
            command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        else:
            command += ["--locale=C.UTF-8" if sys.platform == "linux" else "--locale=C"]
        process = await asyncio.create_subprocess_exec(
            *command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=_environment(),
            **self.account.process_options(),
        )  # fmt: skip
        try:
            printed, _ = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode:
            raise CannotStart(f"initdb failed: {printed.decode(errors='replace').strip()[-1000:]}")

    async def start(self, max_connections: int, seconds: float = START_DEADLINE) -> None:
        """Start and wait until it takes queries; a killed emulator's leftover is stopped first. Raises CannotStart."""
        self._check_version()
        await asyncio.to_thread(stop_orphan, self.data)
        self.account.make_directory(self.sockets)
        try:
            await self._start_until_ready(max_connections, asyncio.get_running_loop().time() + seconds)
        except asyncio.CancelledError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Fast shutdown (sessions get 57P01); an immediate one when that takes over four seconds."""
        process = self.process
        if process is None:
            return
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if process.returncode is None:
                process.send_signal(number)
            try:
                await asyncio.wait_for(process.wait(), STOP_DEADLINE)
                break
            except TimeoutError:
                continue
        self.process = None

    async def connect(self, database: str = "postgres") -> psycopg.AsyncConnection[tuple[Any, ...]]:
        """A superuser's session, in autocommit mode."""
        return await psycopg.AsyncConnection.connect(
            host=str(self.sockets), port=5432, user=SUPERUSER, dbname=database, autocommit=True, connect_timeout=10,
            application_name="lakebase-local",
        )  # fmt: skip

    async def execute(self, statement: sql.Composed | sql.SQL, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement as superuser; its rows, or none."""
        connection = await self.connect(database)
        try:
            cursor = await connection.execute(statement)
            return await cursor.fetchall() if cursor.description else []
        finally:
            await connection.close()

    async def last_checkpoint(self) -> Checkpoint:
        """The last checkpoint of a cluster that does not run."""
        told = await self.control_data()
        return Checkpoint(told.get("Latest checkpoint location", ""), told.get("Latest checkpoint's REDO WAL file", ""))

    async def control_data(self) -> dict[str, str]:
        """What pg_controldata tells of a cluster that does not run, by its words; nothing where it cannot read."""
        process = await asyncio.create_subprocess_exec(
            self.binaries.bin / "pg_controldata", self.data, stdout=subprocess.PIPE, env=_environment(),
            **self.account.process_options(),
        )  # fmt: skip
        printed, _ = await process.communicate()
        if process.returncode:
            return {}
        return dict(re.findall(r"^(.+?):\s+(.+)$", printed.decode(errors="replace"), re.MULTILINE))

    def configure(self) -> None:
        """Write our settings; done at each start, so that a copied cluster gets its own socket directory."""
        settings = {**SETTINGS, "unix_socket_directories": str(self.sockets), **self.settings}
        if self.binaries.has_library("pg_stat_statements"):
            settings["shared_preload_libraries"] = "pg_stat_statements"
        if sys.platform == "linux":
            # A branch starts by recovery, which would otherwise fsync its thousand files one by one.
            settings["recovery_init_sync_method"] = "syncfs"
        if self.binaries.major >= 18:
            settings["io_method"] = "sync"
            if self.binaries.extensions:
                settings["extension_control_path"] = f"{self.binaries.extensions}:$system"
        text = "".join(f"{key} = {_quoted(value)}\n" for key, value in settings.items())
        self.write(self.data / "postgresql.conf", "# Written by Lakebase Local at each start.\n" + text)
        self.write(self.data / "pg_hba.conf", HBA)

    def reload(self) -> None:
        """Have a running server take `settings` into account. Not while it starts: then the signal would end it."""
        if self.process is not None and self.running:
            self.configure()
            self.process.send_signal(signal.SIGHUP)

    async def _start_until_ready(self, max_connections: int, deadline: float) -> None:
        killed, may_put_back = 0, True
        while True:
            try:
                if await self._start_once(max_connections, deadline):
                    backup_label.forget(self.data)
                    return
            except Killed:
                # What is wanted of it has been acknowledged: a branch must not be given up for a kill.
                killed, may_put_back = killed + 1, True
                if killed == STARTS:
                    raise
            except CannotStart:
                # Not sooner: what a killed postmaster leaves behind may put the label away while we look.
                if not (may_put_back and await backup_label.put_back(self.data, self.control_data)):
                    raise
                may_put_back = False
            # Backends of a killed postmaster hold its shared memory until they notice; none of it may be deleted.
            await asyncio.sleep(0.1)

    async def _start_once(self, max_connections: int, deadline: float) -> bool:
        self.configure()
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".old.log"))
        with open(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
            self.account.own(self.log)
            start = log.tell()
            process = await asyncio.create_subprocess_exec(
                self.binaries.bin / "postgres", "-D", self.data, "-c", f"max_connections={max_connections}",
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_environment(), start_new_session=True,
                **self.account.process_options(),
            )  # fmt: skip
        self.process = process
        loop = asyncio.get_running_loop()
        began = loop.time()
        while process.returncode is None:
            if self._ready(process.pid):
                return True
            if loop.time() > deadline:
                await self.stop()
                break
            # More seldom the longer it takes: looking is work too, which a long replay would lack.
            await asyncio.sleep(min(max((loop.time() - began) / 20, 0.004), 0.05))
        said = self.log.read_bytes()[start:].decode(errors="replace").strip()
        # The second: a killed server counts as alive until its parent, init perhaps, has collected it.
        busy = "is still in use" in said or 'lock file "postmaster.pid" already exists' in said
        if busy and loop.time() < deadline:
            return False
        died = (process.returncode or 0) < 0 or "was terminated by signal 9" in said
        fault = Killed if died and loop.time() < deadline else CannotStart
        raise fault(f"PostgreSQL did not start. Its log ({self.log}) ends with: {said[-1000:]}")

    def _ready(self, pid: int) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].startswith("ready")

    def _check_version(self) -> None:
        try:
            wrote = (self.data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise CannotStart(f"The data of this branch, {self.data}, is gone. Put it back, or {ANEW}") from None
        if wrote != str(self.binaries.major):
            raise CannotStart(
                f"This branch was made by PostgreSQL {wrote}, and {self.binaries.version_text} is installed. "
                f"Install the former again, or {ANEW}"
            )

    def write(self, path: Path, text: str) -> None:
        path.write_text(text)
        path.chmod(0o600)
        self.account.own(path)


def _quoted(value: str) -> str:
    doubled = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def _environment() -> dict[str, str]:
    # Nothing of the caller's PG* or LC_* variables may reach the server.
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
