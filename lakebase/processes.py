"""Child processes of `manage.py up`: each in its own session, stopped in order, and gone when `up` is gone.

A child reads its standard input to the end: we hold the other side of that pipe, so that the system tells the child
when we are no more, even after kill -9.
"""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn

CHECKOUT = Path(__file__).resolve().parent.parent
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal. Like KeyboardInterrupt no `except Exception` may swallow it."""


@contextmanager
def stop_signals_raise() -> Iterator[None]:
    """The first stop signal raises StopRequested in the main thread; later ones change nothing: stopping has begun."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        ignore_stop_signals()
        raise StopRequested

    before = {each: signal.getsignal(each) for each in STOP_SIGNALS}
    for each in STOP_SIGNALS:
        # Explicitly, since a shell's background process inherits an ignored SIGINT; but `nohup` is meant.
        if each != signal.SIGHUP or before[each] != signal.SIG_IGN:
            signal.signal(each, stop)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def stop_signals_wait() -> Iterator[None]:
    """Within, a stop signal is kept, to be raised at the end: between a child's start and its name nothing may come."""
    kept: list[int] = []
    before = {each: signal.getsignal(each) for each in STOP_SIGNALS}
    for each, handler in before.items():
        if callable(handler):
            signal.signal(each, lambda number, frame: kept.append(number))
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    if kept:
        signal.raise_signal(kept[0])


def ignore_stop_signals() -> None:
    """Not SIG_IGN: children would inherit that."""
    for each in STOP_SIGNALS:
        signal.signal(each, lambda number, frame: None)


def environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    """Our environment with `changes` made; None removes a variable."""
    merged: dict[str, str | None] = {**os.environ, **changes}
    return {name: value for name, value in merged.items() if value is not None}


class Child:
    """A process of ours that runs until stopped. `log` takes its output; None shows it on our own stdout."""

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], *, log: IO[bytes] | None = None
    ) -> None:
        self.name = name
        self._process = subprocess.Popen(
            command,
            env=env,
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT if log else None,
            start_new_session=True,  # a Ctrl-C in the terminal reaches us alone, and we stop the children in order
        )

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    def wait(self) -> int:
        return self._process.wait()

    def stop(self, seconds: float) -> None:
        """SIGTERM, and SIGKILL to the whole session when that has not helped after `seconds`."""
        self._process.terminate()  # does nothing to a process that is gone already
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()


def port_is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        # As the servers do: a port whose last connections are only lingering is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
