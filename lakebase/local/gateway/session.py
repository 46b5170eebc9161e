"""One client of the gateway: greeting, token, wake-up, then every chunk passed on, both ways.

Plain callbacks; only waking a compute and forwarding a cancel request are tasks.
"""

import asyncio
import ssl
from collections.abc import Coroutine
from enum import Enum, auto
from typing import TYPE_CHECKING

from lakebase.local.credentials import Refused
from lakebase.local.gateway import farewell
from lakebase.local.gateway import startup as wire
from lakebase.local.gateway.awaken import Opened, PostgresRefused, open_session
from lakebase.local.gateway.disturbance import Disturbance
from lakebase.local.gateway.greeting import Greeting, Login, StartTLS, Step
from lakebase.local.gateway.login_reply import Ready
from lakebase.local.gateway.statements import Statements
from lakebase.local.gateway.tls import Channel
from lakebase.local.gateway.upstream import WRITE_BUFFER, Upstream

if TYPE_CHECKING:
    from lakebase.local.gateway.gateway import Compute, Gateway

MAX_EARLY_BYTES = 64 * 1024  # what a client may send ahead while its compute wakes


class Phase(Enum):
    GREETING = auto()
    WORKING = auto()  # a task of ours is at it: waking a compute, or cancelling
    RELAY = auto()
    CLOSED = auto()


class Session(asyncio.BufferedProtocol):
    """Made by the gateway for each connection; once it is open its compute may pause, resume and close it."""

    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway
        self._buffer = gateway.buffer
        self._now = gateway.clock.now
        self._phase = Phase.GREETING
        self._greeting = Greeting()
        self._transport: asyncio.Transport | None = None
        self._channel: Channel | None = None
        self._upstream: Upstream | None = None
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._paused = self._congested = self._client_full = False
        self.disturbance: Disturbance | None = None
        self.compute: Compute | None = None  # known once the token is accepted
        self.ready: Ready | None = None  # known once Postgres has accepted the login
        self.is_leaving = False  # the client is gone, and Postgres not yet
        self.statements = Statements()

    def __repr__(self) -> str:
        return f"<Session {self._phase.name} on {self.compute.name if self.compute else None}>"

    # What a compute may ask

    def pause_client(self) -> None:
        """Take no more bytes from the client; what was taken before has been passed on."""
        self._paused = True
        if self.disturbance is not None:
            self.disturbance.to_server.flush()
        self._steer_reading()

    def resume_client(self) -> None:
        self._paused = False
        self._steer_reading()

    def close(self, sqlstate: str, message: str, hint: str = "") -> None:
        """Tell the client a FATAL error, where it can still be told, and end both sides."""
        self._close(wire.error_response("FATAL", sqlstate, message, hint))

    def abort(self) -> None:
        """Drop the client's socket at once, with whatever it has not taken yet."""
        if self._transport is not None:
            self._transport.abort()

    # What a fault may ask

    def disturbed(self) -> Disturbance:
        """From here on the two ends are apart, until the session is over."""
        if self.disturbance is None:
            self.disturbance = Disturbance(self._steer_reading, self._steer_upstream, self.abort)
        return self.disturbance

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=WRITE_BUFFER)
        deadline = self._gateway.login_deadline
        self._timer = asyncio.get_running_loop().call_later(deadline, self._login_too_slow)
        try:
            self._gateway.connected(self)
        except Refused as refusal:
            self._refuse(refusal)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        data = self._buffer[:nbytes]
        if self._channel is None:
            self._take(bytes(data))
        else:
            self._take_encrypted(self._channel, data)

    def eof_received(self) -> bool:
        """Half-closed: Postgres finishes what it was sent, and its answer still goes out."""
        if self._phase is not Phase.RELAY or self._upstream is None:
            return False
        self.is_leaving = True
        if self.disturbance is not None:
            self.disturbance.to_server.send(0, self._upstream.write_eof)
        else:
            self._upstream.write_eof()
        return True

    def pause_writing(self) -> None:
        self._client_full = True
        self._steer_upstream()

    def resume_writing(self) -> None:
        self._client_full = False
        self._steer_upstream()

    def connection_lost(self, exc: Exception | None) -> None:
        self._close()
        self._gateway.disconnected(self)

    # What the upstream calls

    def to_client(self, data: bytes | memoryview) -> None:
        if self.disturbance is not None:
            self.disturbance.send(self.disturbance.to_client, data, self._to_client)
        else:
            self._to_client(data)

    def _to_client(self, data: bytes | memoryview) -> None:
        if self._transport is not None and self._channel is not None and self.compute is not None:
            self.compute.last_activity = self._now()
            self.statements.to_client(data)
            self._transport.write(self._channel.send(data))

    def upstream_lost(self) -> None:
        if self.disturbance is not None:
            self.disturbance.to_client.send(0, self._close)
        else:
            self._close()

    def upstream_congested(self, congested: bool) -> None:
        self._congested = congested
        self._steer_reading()

    # From the client

    def _take_encrypted(self, channel: Channel, data: bytes | memoryview) -> None:
        try:
            plain = channel.receive(data)
        except ssl.SSLError:
            self._close()
            return
        if self._transport is not None and (answer := channel.outgoing()):
            self._transport.write(answer)
        if plain:
            self._take(plain)
        if channel.ended and not self.eof_received():
            self._close()

    def _take(self, plain: bytes) -> None:
        if self._phase is Phase.RELAY and self._upstream is not None and self.compute is not None:
            self.compute.last_activity = self._now()
            self.statements.from_client(plain)
            if self.disturbance is not None:
                self.disturbance.send(self.disturbance.to_server, plain, self._upstream.write)
            else:
                self._upstream.write(plain)
            return
        self._greeting.feed(plain)
        try:
            while self._phase is Phase.GREETING and (step := self._greeting.step()) is not None:
                self._act(step)
        except Refused as refusal:
            self._refuse(refusal)
        self._steer_reading()

    def _act(self, step: Step) -> None:
        match step:
            case bytes():
                self._send(step)
            case StartTLS():
                self._start_tls(step)
            case wire.CancelRequest():
                self._work(self._cancel(step))
            case Login():
                self.compute = self._gateway.admit(self, step, self._channel)
                self._stop_timer()
                self._work(self._open(step, self.compute))

    def _start_tls(self, step: StartTLS) -> None:
        if not step.early:
            self._send(b"S")
        self._channel = Channel(self._gateway.tls, direct=bool(step.early))
        if step.early:
            self._take_encrypted(self._channel, step.early)

    # Tasks

    def _work(self, coroutine: Coroutine[None, None, None]) -> None:
        self._phase = Phase.WORKING
        self._task = self._gateway.spawn(coroutine)
        self._task.add_done_callback(self._worked)

    def _worked(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:  # the gateway has reported it
            self.close("XX000", "Lakebase Local failed while it opened this session; its output says why")

    async def _cancel(self, request: wire.CancelRequest) -> None:
        await self._gateway.cancel(request)
        self._close()

    async def _open(self, login: Login, compute: "Compute") -> None:
        gateway = self._gateway
        try:
            opened = await open_session(
                lambda: gateway.wake(compute), login.startup.raw, self._buffer, gateway.wake_deadline
            )
        except PostgresRefused as refusal:
            gateway.refused(refusal, login.startup, compute)
            self._close(refusal.answer)
        except Refused as refusal:
            self._refuse(refusal)
        else:
            self._upstream, self.ready = opened.upstream, opened.ready
            # Before the client hears of it, which may cancel or leave at once.
            gateway.opened(self, login.startup, opened)
            self._relay(opened)

    def _relay(self, opened: Opened) -> None:
        self._phase = Phase.RELAY
        opened.upstream.relay_to(self)
        if self._greeting.early:
            early, self._greeting.early = self._greeting.early, b""
            self._take(early)
        self._steer_reading()

    # Ends

    def _send(self, plain: bytes) -> None:
        if self._transport is not None:
            self._transport.write(self._channel.send(plain) if self._channel is not None else plain)

    def _refuse(self, refusal: Refused) -> None:
        self._gateway.refused(refusal, self._greeting.startup, self.compute)
        self.close(refusal.sqlstate, refusal.message, refusal.hint)

    def _login_too_slow(self) -> None:
        message = f"canceling authentication: no login within {self._gateway.login_deadline:g} s"
        self._refuse(Refused("57014", message, "too slow"))

    def _close(self, last_words: bytes = b"") -> None:
        """End both sides, once; what was written still goes out, for as long as the client takes it."""
        if self._phase is Phase.CLOSED or self._transport is None:
            return
        self._phase = Phase.CLOSED
        self._stop_timer()
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        if self.disturbance is not None:
            self.disturbance.end(client_gone=self._transport.is_closing())
        if self._upstream is not None:
            self._upstream.close()
        self._gateway.released(self)
        if last_words and (self._channel is None or self._channel.ready):
            self._send(last_words)
        if self._channel is not None:
            self._transport.write(self._channel.goodbye())
        farewell.close(self._transport)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _steer_reading(self) -> None:
        ahead = self._phase is Phase.WORKING and len(self._greeting.early) > MAX_EARLY_BYTES
        if self._transport is None:
            return
        full = self.disturbance is not None and self.disturbance.to_server.full
        held = self._paused or self._congested or full or ahead
        (self._transport.pause_reading if held else self._transport.resume_reading)()

    def _steer_upstream(self) -> None:
        full = self._client_full or (self.disturbance is not None and self.disturbance.to_client.full)
        if self._upstream is not None:
            (self._upstream.pause_reading if full else self._upstream.resume_reading)()
