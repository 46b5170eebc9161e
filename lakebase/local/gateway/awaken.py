"""From a checked login to an open PostgreSQL session: wake the compute, log in, and ask again while it starts."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from lakebase.local.credentials import Refused
from lakebase.local.gateway.login_reply import Failed, Ready
from lakebase.local.gateway.upstream import Upstream

# Starting, stopping, or ended by another session's crash: a Postgres that will answer soon, perhaps a new one.
SOON = {"57P01", "57P02", "57P03"}
FIRST_PAUSE, LONGEST_PAUSE = 0.01, 0.5


class PostgresRefused(Refused):
    """PostgreSQL's own error; `answer` is what it sent, to be passed on as it is."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.sqlstate, failed.message, f"Postgres: {failed.message}")
        self.answer = failed.answer


@dataclass(frozen=True, slots=True)
class Opened:
    upstream: Upstream
    ready: Ready
    socket: Path
    wake_ms: float


async def open_session(
    wake: Callable[[], Awaitable[Path]], startup: bytes, buffer: memoryview, deadline_seconds: float
) -> Opened:
    """Wake the compute and log in with the client's own startup packet, within `deadline_seconds` in all.

    `wake` answers with the socket's path; a start that it has begun may serve other clients too and is not cancelled.
    Raises Refused: the compute's own, PostgresRefused, or 57P03 when PostgreSQL does not answer in time.
    """
    try:
        async with asyncio.timeout(deadline_seconds):
            return await _open_session(wake, startup, buffer)
    except TimeoutError as error:
        message = f"the endpoint is still starting: its Postgres gave no answer within {deadline_seconds:g} s"
        hint = "Connect again; when this repeats, read Postgres's log in the directory of Lakebase Local."
        raise Refused("57P03", message, "no answer", hint) from error


async def _open_session(wake: Callable[[], Awaitable[Path]], startup: bytes, buffer: memoryview) -> Opened:
    clock = asyncio.get_running_loop().time
    pause, wake_seconds = FIRST_PAUSE, 0.0
    while True:
        asked = clock()
        socket = await asyncio.shield(wake())
        wake_seconds += clock() - asked
        try:
            upstream = await Upstream.connect(socket, buffer)
            ready = await _log_in(upstream, startup)
        except OSError:  # nobody listens there yet or any more
            ready = None
        if ready is not None:
            return Opened(upstream, ready, socket, round(wake_seconds * 1000, 1))
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


async def _log_in(upstream: Upstream, startup: bytes) -> Ready | None:
    """The open session, or None when it is worth asking again."""
    outcome: Ready | Failed | None = None
    try:
        outcome = await upstream.log_in(startup)
    finally:
        if not isinstance(outcome, Ready):
            upstream.close()
    if isinstance(outcome, Failed):
        if outcome.sqlstate not in SOON:
            raise PostgresRefused(outcome)
        return None
    return outcome
