"""One TLS port in front of the Postgres of every endpoint: the token in the password says which one is meant."""

import asyncio
import ssl
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Protocol, TypeVar

from lakebase.local.credentials import INVALID_PASSWORD, Clock, Credentials, Refused, wrong_endpoint
from lakebase.local.gateway import startup as wire
from lakebase.local.gateway.awaken import Opened
from lakebase.local.gateway.greeting import Login
from lakebase.local.gateway.session import Session
from lakebase.local.gateway.tls import Channel, remember_server_names

TOO_MANY_CONNECTIONS = "53300"
READ_BUFFER = 256 * 1024
CANCEL_SECONDS = 5.0
CLOSE_SECONDS = 2.0

T = TypeVar("T")


class Events(Protocol):
    def record(self, kind: str, **fields: Any) -> None: ...


class Compute(Protocol):
    """One endpoint's Postgres, as the gateway needs it."""

    @property
    def name(self) -> str:
        """projects/../branches/../endpoints/.."""
        ...

    @property
    def uid(self) -> str:
        """The first label of its host name: ep-..."""
        ...

    @property
    def read_only(self) -> bool: ...

    @property
    def connection_limit(self) -> int: ...

    held: int  # of these connections, what others than our sessions have taken

    last_activity: float  # epoch seconds by the emulator's clock; set with every chunk, in either direction

    @property
    def sessions(self) -> set[Session]: ...

    async def wake(self) -> Path:
        """The path of the socket `.s.PGSQL.5432` of the running Postgres.

        Concurrent callers share one start. Raises Refused when the endpoint is disabled, deleted or cannot start.
        """
        ...

    def session_opened(self, session: Session) -> None:
        """The session has logged in to Postgres: add it to `sessions`."""
        ...

    def session_closed(self, session: Session) -> None:
        """It is over; called once for each session_opened."""
        ...


class Computes(Protocol):
    def find(self, endpoint_name: str) -> Compute | None: ...


def check_label(label: str, compute: Compute) -> None:
    """Raises Refused for the host name of another endpoint. Others, such as localhost, say nothing.

    EP-ro leads to the readable secondaries of a highly available endpoint, and only of such a one:
    docs.databricks.com/aws/en/oltp/projects/high-availability
    """
    if label == f"{compute.uid}-ro" and compute.read_only:
        hint = f"Connect to '{compute.uid}', which is read-only by itself."
        message = f"'{label}' leads to readable secondaries, and '{compute.name}' is a read-only endpoint without any."
        raise Refused(INVALID_PASSWORD, message, "no secondaries", hint)
    if label == f"{compute.uid}-ro":
        hint = "Make an endpoint of type ENDPOINT_TYPE_READ_ONLY, and connect with a token of that one."
        message = f"'{label}' leads to readable secondaries, and the endpoint '{compute.name}' has none."
        raise Refused(INVALID_PASSWORD, message, "no secondaries", hint)
    if label == f"{compute.uid}-pooler":
        hint = f"Connect to '{compute.uid}', or to the host that get_endpoint tells, and pool in your program."
        raise Refused(INVALID_PASSWORD, f"There is no pooler here that '{label}' could lead to.", "no pooler", hint)
    if label.startswith("ep-") and label != compute.uid:
        raise wrong_endpoint(f"{compute.name} ({compute.uid})", label)


class Gateway:
    """Listens by `start`; `login_deadline` is the client's time to log in, `wake_deadline` that of Postgres, both in
    seconds; `max_greetings` caps the connections that have shown no valid token yet."""

    def __init__(
        self,
        computes: Computes,
        credentials: Credentials,
        events: Events,
        clock: Clock,
        tls: ssl.SSLContext,
        *,
        login_deadline: float = 15.0,
        wake_deadline: float = 30.0,
        max_greetings: int = 200,
    ) -> None:
        remember_server_names(tls)
        self.clock, self.tls = clock, tls
        self.login_deadline, self.wake_deadline, self._max_greetings = login_deadline, wake_deadline, max_greetings
        self.buffer = memoryview(bytearray(READ_BUFFER))
        self._computes, self._credentials, self._events = computes, credentials, events
        self._server: asyncio.Server | None = None
        self._greeting: set[Session] = set()
        self._connected: set[Session] = set()
        self._claims: Counter[str] = Counter()  # sessions of each endpoint, from the accepted token on
        self._cancel_keys: dict[tuple[int, bytes], tuple[str, Path]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen and answer the port, which differs from `port` when that is 0. OSError when it is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Session(self), host, port, backlog=512)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, tell every client (57P01), and wait until nothing of ours is left."""
        if self._server is not None:
            self._server.close()
        for session in list(self._connected):
            session.close("57P01", "terminating connection: Lakebase Local is stopping")
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        deadline = asyncio.get_running_loop().time() + CLOSE_SECONDS
        while self._connected:
            if asyncio.get_running_loop().time() > deadline:
                for session in list(self._connected):
                    session.abort()
            await asyncio.sleep(0.005)
        if self._server is not None:
            await self._server.wait_closed()

    # What sessions tell and ask

    def connected(self, session: Session) -> None:
        """Count a new connection in; raises Refused when too many wait for their login already."""
        self._connected.add(session)
        if len(self._greeting) >= self._max_greetings:
            hint = "Wait until the others have logged in; find out who opens connections without logging in."
            raise Refused(TOO_MANY_CONNECTIONS, "too many connections are logging in", "too many logins", hint)
        self._greeting.add(session)

    def admit(self, session: Session, login: Login, channel: Channel | None) -> Compute:
        """The compute that the login's token opens; counts the session against its limit. Raises Refused."""
        name = self._credentials.verify(login.password, login.startup.parameters["user"])
        compute = self._computes.find(name)
        if compute is None:
            hint = "Ask for a token of an endpoint that exists: list them with w.postgres.list_endpoints(branch)."
            raise Refused(INVALID_PASSWORD, f"The token's endpoint '{name}' does not exist.", "no endpoint", hint)
        label = ((channel.server_name if channel is not None else None) or "").split(".")[0].lower()
        check_label(label, compute)
        if self._claims[name] + compute.held >= compute.connection_limit:
            hint = (
                f"Its compute allows {compute.connection_limit}: close idle connections, use a pool, or raise max CU."
            )
            message = f"too many connections for endpoint '{name}'"
            raise Refused(TOO_MANY_CONNECTIONS, message, "too many connections", hint)
        self._claims[name] += 1
        self._greeting.discard(session)
        return compute

    def wake(self, compute: Compute) -> asyncio.Task[Path]:
        return self.spawn(compute.wake())

    def opened(self, session: Session, startup: wire.Startup, opened: Opened) -> None:
        """Postgres has accepted the login."""
        compute, parameters = session.compute, startup.parameters
        assert compute is not None
        self._cancel_keys[opened.ready.pid, opened.ready.key] = (compute.name, opened.socket)
        compute.last_activity = self.clock.now()
        compute.session_opened(session)
        self._events.record(
            "login",
            user=parameters["user"],
            endpoint=compute.name,
            database=parameters.get("database") or parameters["user"],
            application_name=parameters.get("application_name", ""),
            wake_ms=opened.wake_ms,
        )

    def refused(self, refusal: Refused, startup: wire.Startup | None, compute: Compute | None) -> None:
        user = startup.parameters.get("user") if startup is not None else None
        endpoint = compute.name if compute is not None else None
        self._events.record("refused", reason=refusal.reason, sqlstate=refusal.sqlstate, user=user, endpoint=endpoint)

    async def cancel(self, request: wire.CancelRequest) -> None:
        """Hand a cancel request to the Postgres whose session it names, and wait until that has dealt with it."""
        endpoint, socket = self._cancel_keys.get((request.pid, request.key), (None, None))
        self._events.record("cancel", endpoint=endpoint, found=socket is not None)
        if socket is None:
            return
        try:
            async with asyncio.timeout(CANCEL_SECONDS):
                reader, writer = await asyncio.open_unix_connection(str(socket))
                try:
                    writer.write(request.raw)
                    await reader.read()
                finally:
                    writer.close()
        except OSError:  # stopped meanwhile, or too slow: a cancel request has no answer in the protocol
            return

    def released(self, session: Session) -> None:
        """The session takes and gives nothing more."""
        self._greeting.discard(session)
        compute, ready = session.compute, session.ready
        if compute is None:
            return
        self._claims -= Counter([compute.name])  # drops the name at zero
        if ready is not None:
            self._cancel_keys.pop((ready.pid, ready.key), None)
            compute.session_closed(session)

    def disconnected(self, session: Session) -> None:
        """The client's socket is gone."""
        self._connected.discard(session)

    def spawn(self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run a task of ours; what it raises unforeseen goes to the event loop's exception handler at once."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None or isinstance(error, Refused):
            return
        asyncio.get_running_loop().call_exception_handler(
            {"message": "A task of the Postgres gateway failed", "exception": error, "task": task}
        )
