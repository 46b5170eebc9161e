"""A wire that tests can cut: a TCP port that passes everything on to another one."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 30  # seconds, for a thread of ours to have its turn


class Relay:
    """Listens on a free loopback port and passes all bytes to 127.0.0.1:`target`, until it is cut."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.accepted = 0
        self._listener: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._silent = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="relay")
        self._thread.start()
        self.mend()

    def mend(self) -> None:
        """Listen (again), always on the same port."""
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(PATIENCE)

    def cut(self) -> None:
        """Refuse connections, and break those that are open."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(PATIENCE)

    @contextmanager
    def broken(self) -> Iterator[None]:
        self.cut()
        try:
            yield
        finally:
            self.mend()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Accept connections and never answer them."""
        self._silent = True
        self._loop.call_soon_threadsafe(self._drop)
        try:
            yield
        finally:
            self._silent = False
            self._loop.call_soon_threadsafe(self._drop)

    def close(self) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    async def _listen(self) -> None:
        if self._listener is None:
            self._listener = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)
            self.port = self._listener.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self._drop()
        await asyncio.sleep(0.05)

    def _drop(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self._open.add(writer)
        try:
            if self._silent:
                await reader.read(-1)
                return
            onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", self.target)
            self._open.add(onward_writer)
            try:
                await asyncio.gather(_pump(reader, onward_writer), _pump(onward_reader, writer))
            finally:
                self._open.discard(onward_writer)
                onward_writer.close()
        except OSError:
            pass
        finally:
            self._open.discard(writer)
            writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
