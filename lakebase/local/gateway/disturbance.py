"""What stands between the two ends of a disturbed session; an undisturbed one has none and pays nothing for it."""

from collections.abc import Callable
from functools import partial

from lakebase.local.gateway.delay_line import DelayLine


class Disturbance:
    """Both directions of one session; the sender of a line that fills or empties is steered."""

    def __init__(
        self,
        steer_client: Callable[[], None],
        steer_server: Callable[[], None],
        abort: Callable[[], None],
    ) -> None:
        self.to_server = DelayLine(steer_client)
        self.to_client = DelayLine(steer_server)
        self._abort = abort
        self._left: int | None = None  # bytes until the connection breaks

    def drop_after(self, count: int) -> None:
        """Break the connection before more than `count` bytes have passed, in both directions together."""
        self._left = count if self._left is None else min(self._left, count)

    def send(self, line: DelayLine, data: bytes | memoryview, arrive: Callable[[bytes], None]) -> None:
        """Pass `data` on to `arrive`, by way of `line` where something is under way there."""
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                self._abort()
                return
        copied = bytes(data)  # the buffer it lies in is used again at once
        if line.idle:
            arrive(copied)
        else:
            line.send(len(copied), partial(arrive, copied))

    def end(self, *, client_gone: bool) -> None:
        """What is under way arrives now, except at a client that is gone."""
        self.to_server.flush()
        if client_gone:
            self.to_client.drop()
        else:
            self.to_client.flush()
