"""Lakebase Local as a whole: starts everything in order, and stops it in the reverse one."""

import asyncio
import contextlib
import ipaddress
import logging
import os
import resource
import secrets
import signal
import socket
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn

from lakebase.local.clock import Clock
from lakebase.local.cluster.account import postgres_account
from lakebase.local.cluster.binaries import find_binaries, prepare
from lakebase.local.cluster.data import DataDirectory
from lakebase.local.cluster.postgres import SUPERUSER
from lakebase.local.credentials import Credentials
from lakebase.local.events import EventLog
from lakebase.local.gateway.certificate import ensure_certificate
from lakebase.local.gateway.gateway import Gateway
from lakebase.local.history.retention import Limits
from lakebase.local.home import CannotServe, claimed, private, settle, write_environment
from lakebase.local.http_surface import application
from lakebase.local.records import Project
from lakebase.local.store import Store
from lakebase.local.workspace import Workspace

log = logging.getLogger("lakebase.local")
DEFAULT_USER = "learner@example.com"
MANY_SOCKETS = 10_000


@dataclass(frozen=True)
class Options:
    """`port` and `pg_port` 0: a free one. `user`: the owner, by default who it was before.

    `wake_delay` and `operation_delay` in seconds, to imitate the service. `history` None: none is kept.
    """

    directory: Path = Path(".lakebase")
    host: str = "127.0.0.1"
    port: int = 8765
    pg_port: int = 54320
    user: str | None = None
    pg_bin: str | None = None
    wake_delay: float = 0.0
    operation_delay: float = 0.0
    exit_with_parent: bool = False
    history: Limits | None = field(default_factory=Limits)


async def serve(options: Options) -> None:
    """Run until SIGINT or SIGTERM. Raises CannotServe."""
    check_host(options.host)
    _allow_many_sockets()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Set by hand: a background job of a script inherits an ignored SIGINT.
        loop.add_signal_handler(number, stop.set)
    if options.exit_with_parent:
        loop.add_reader(sys.stdin.fileno(), _read_parent, stop)
    directory = options.directory.resolve()
    with claimed(directory), contextlib.ExitStack() as stack:
        web = stack.enter_context(contextlib.closing(_listen(options.host, options.port, "--port")))
        _listen(options.host, options.pg_port, "--pg-port").close()
        # What it says is of the last run; whoever reads it now must not wait for a port that nobody listens on.
        (directory / "env").unlink(missing_ok=True)
        store, events = _opened(directory, stack)
        # Before any directory is made for the clusters.
        user = _owner(options.user, store)
        workspace = _workspace(options, user, _data(options, directory, store), store, events)
        gateway = Gateway(workspace, workspace.credentials, events, workspace.clock, ensure_certificate(directory))
        token = f"dapi{_secret(store, 'access_token').hex()[:32]}"
        await workspace.open()
        try:
            # Another may have begun to listen since they were looked at.
            with _taken(options.pg_port, "--pg-port"):
                pg_port = await gateway.start(options.host, options.pg_port)
            with _taken(options.port, "--port"):
                web.listen()
            await _serve_http(web, workspace, token, pg_port, stop)
        finally:
            await gateway.close()
            await workspace.close()


def _opened(directory: Path, stack: contextlib.ExitStack) -> tuple[Store, EventLog]:
    try:
        store = stack.enter_context(contextlib.closing(Store(private(directory / "state.db"))))
        return store, stack.enter_context(contextlib.closing(EventLog(private(directory / "events.db"))))
    except sqlite3.DatabaseError as error:
        raise CannotServe(
            f"The records in {directory} cannot be read ({error}). Put state.db and events.db back from a copy, "
            "or start anew in another --dir."
        ) from error


def _data(options: Options, directory: Path, store: Store) -> DataDirectory:
    try:
        account = postgres_account()
        binaries = find_binaries(options.pg_bin)
        data = DataDirectory(directory, settle(directory, store.setting("data_root")), account, binaries)
        store.set("data_root", str(data.root))
        data.binaries = prepare(binaries, account, data.root)
    except RuntimeError as error:
        raise CannotServe(str(error)) from error
    log.info("PostgreSQL %s from %s, data in %s", binaries.version_text, data.binaries.bin, data.root)
    return data


def _workspace(options: Options, user: str, data: DataDirectory, store: Store, events: EventLog) -> Workspace:
    clock = Clock(store.setting("clock_offset") or 0.0)
    return Workspace(
        user=user, host=options.host, store=store, data=data, clock=clock, events=events,
        credentials=Credentials(_secret(store, "token_secret"), clock),
        wake_delay=options.wake_delay, operation_delay=options.operation_delay, history=options.history,
    )  # fmt: skip


def _allow_many_sockets() -> None:
    """Each session takes two file descriptors; many systems start programs with 256 or 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY_SOCKETS if hard == resource.RLIM_INFINITY else min(MANY_SOCKETS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def check_host(host: str) -> None:
    """Raises CannotServe for an address that others can reach."""
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise CannotServe(f"Lakebase Local listens on this machine only: use 127.0.0.1 in place of {host}.")


class _Http(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are ours: postgres must be stopped in order."""
        yield


async def _serve_http(web: socket.socket, workspace: Workspace, token: str, pg_port: int, stop: asyncio.Event) -> None:
    port = web.getsockname()[1]
    config = uvicorn.Config(
        application(workspace, token), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    server = _Http(config)
    serving = asyncio.create_task(server.serve(sockets=[web]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.005)
    host = f"[{workspace.host}]" if ":" in workspace.host else workspace.host
    write_environment(workspace.data.home, f"http://{host}:{port}", token, pg_port)
    sys.stdout.write(f"Lakebase Local ready: http://{host}:{port}, Postgres {host}:{pg_port}\n")
    sys.stdout.flush()
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait([waiting, serving], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    workspace.operations.let_go()
    server.should_exit = True
    await serving


def _listen(host: str, port: int, option: str) -> socket.socket:
    # By its protocol asyncio knows it for TCP, and sends each answer at once: else the second one on a connection waits
    # for the acknowledgement of the first, 40 ms.
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with contextlib.ExitStack() as stack:
        stack.callback(listener.close)
        with _taken(port, option):
            listener.bind((host, port))
        stack.pop_all()
    listener.setblocking(False)
    return listener


@contextlib.contextmanager
def _taken(port: int, option: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotServe(f"Port {port} is in use. Give another with {option}; 0 picks a free one.") from error


def _secret(store: Store, key: str) -> bytes:
    """32 random bytes, made at the first start and kept."""
    value = store.setting(key)
    if value is None:
        value = secrets.token_hex(32)
        store.set(key, value)
    return bytes.fromhex(value)


def _owner(wanted: str | None, store: Store) -> str:
    """Who owns the projects: as at the first start, for the clusters know nobody else. Raises CannotServe."""
    before: str | None = store.setting("user")
    user = wanted or before or DEFAULT_USER
    _check_user(user)
    if before and user != before and store.all(Project):
        raise CannotServe(
            f"The projects here belong to {before}, and LAKEBASE_LOCAL_USER is {user}. Unset it, or give another --dir."
        )
    store.set("user", user)
    return user


def _check_user(user: str) -> None:
    if (
        "@" not in user
        or len(user.encode()) > 63
        or user == SUPERUSER
        or user.startswith(("pg_", "databricks_"))
        or "\0" in user
    ):
        raise CannotServe(f"LAKEBASE_LOCAL_USER must be an e-mail of at most 63 bytes, got {user!r:.80}.")


def _read_parent(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 1024):
        stop.set()
