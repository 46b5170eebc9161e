"""The gateway's connection to one PostgreSQL, over its unix socket: log in, then pass every chunk on."""

import asyncio
import contextlib
import os
from pathlib import Path
from typing import Protocol

from lakebase.local.gateway.login_reply import Failed, LoginReply, Ready

WRITE_BUFFER = 256 * 1024


class Client(Protocol):
    """The side that the answers go to."""

    def to_client(self, data: bytes | memoryview) -> None: ...
    def upstream_lost(self) -> None: ...
    def upstream_congested(self, congested: bool) -> None: ...


class Upstream(asyncio.BufferedProtocol):
    """`buffer` is shared by all connections of the event loop: each read is used up before the next one begins."""

    def __init__(self, buffer: memoryview) -> None:
        self._buffer = buffer
        self._transport: asyncio.Transport | None = None
        self._reply = LoginReply()
        self._outcome: asyncio.Future[Ready | Failed] = asyncio.get_running_loop().create_future()
        self._client: Client | None = None
        self._lost = False

    @classmethod
    async def connect(cls, socket: Path, buffer: memoryview) -> "Upstream":
        """Open the socket; raises OSError when no PostgreSQL listens on it."""
        upstream = cls(buffer)
        await asyncio.get_running_loop().create_unix_connection(lambda: upstream, str(socket))
        return upstream

    async def log_in(self, startup: bytes) -> Ready | Failed:
        """Send the startup packet and wait for the answer; ConnectionError when PostgreSQL goes away first."""
        self.write(startup)
        return await self._outcome

    def relay_to(self, client: Client) -> None:
        """From here on every byte goes to `client`, beginning with PostgreSQL's answer to the login."""
        self._client = client
        client.to_client(bytes(self._reply.received))
        self._reply = LoginReply()
        if self._lost:
            client.upstream_lost()

    def write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def write_eof(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write_eof()

    def close(self) -> None:
        """End the connection after what was written: a statement already sent is still carried out."""
        self._client = None
        if self._transport is not None:
            self._transport.close()

    def pause_reading(self) -> None:
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=WRITE_BUFFER)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._take(self._buffer[:nbytes])

    def _take(self, data: memoryview) -> None:
        if self._client is not None:
            self._client.to_client(data)
            return
        outcome = self._reply.feed(data)
        if outcome is not None and not self._outcome.done():
            self._outcome.set_result(outcome)

    def pause_writing(self) -> None:
        if self._client is not None:
            self._client.upstream_congested(True)

    def resume_writing(self) -> None:
        if self._client is not None:
            self._client.upstream_congested(False)

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self._take_last_words()
        self._lost = True
        if not self._outcome.done():
            self._outcome.set_exception(ConnectionError("Postgres closed the connection before the login was over"))
            self._outcome.exception()  # a login given up meanwhile leaves nobody to fetch it
        if self._client is not None:
            self._client.upstream_lost()

    def _take_last_words(self) -> None:
        """Read what PostgreSQL said before it closed: a failed write ends the transport before that was read."""
        assert self._transport is not None
        descriptor = self._transport.get_extra_info("socket").fileno()
        for _ in range(2):  # the first read may report the broken connection instead of the bytes before it
            with contextlib.suppress(BlockingIOError, ConnectionError):
                while (count := os.readv(descriptor, [self._buffer])) > 0:
                    self._take(self._buffer[:count])
