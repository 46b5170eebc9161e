"""What is sent arrives later, in order."""

import asyncio
from collections import deque
from collections.abc import Callable

# What may be under way before the sender is told to wait; a full line is taken from again when half of it has arrived.
LARGEST = 1 << 20


class DelayLine:
    """One direction of a connection. `steer` is called when it has become `full`, or is so no more."""

    def __init__(self, steer: Callable[[], None]) -> None:
        self.seconds = 0.0
        self._steer = steer
        self._loop = asyncio.get_running_loop()
        self._under_way: deque[tuple[float, int, Callable[[], None]]] = deque()
        self._bytes = 0
        self.full = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is under way, nor will be: what is sent may as well go straight."""
        return not self._under_way and not self.seconds

    def delay(self, seconds: float) -> None:
        """From now on; without any, what is under way arrives at once."""
        self.seconds = seconds
        if not seconds:
            self.flush()

    def send(self, size: int, arrive: Callable[[], None]) -> None:
        """Call `arrive` after the delay, and after all that was sent before; `size` in bytes."""
        due = self._loop.time() + self.seconds
        if self._under_way:
            # A delay that has become shorter lets nothing overtake.
            due = max(due, self._under_way[-1][0])
        self._under_way.append((due, size, arrive))
        self._count(size)
        self._wait()

    def flush(self) -> None:
        """Let everything arrive now."""
        self._stop_timer()
        while self._under_way:
            self._arrive()

    def drop(self) -> None:
        """Nobody is there any more to whom it could arrive."""
        self._stop_timer()
        self._under_way.clear()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> None:
        if self._timer is None and self._under_way:
            self._timer = self._loop.call_at(self._under_way[0][0], self._arrive_due)

    def _arrive_due(self) -> None:
        self._timer = None
        now = self._loop.time()
        while self._under_way and self._under_way[0][0] <= now:
            self._arrive()
        self._wait()

    def _arrive(self) -> None:
        _, size, arrive = self._under_way.popleft()
        self._count(-size)
        arrive()

    def _count(self, size: int) -> None:
        self._bytes += size
        full = self._bytes > (LARGEST // 2 if self.full else LARGEST)
        if full != self.full:
            self.full = full
            self._steer()
