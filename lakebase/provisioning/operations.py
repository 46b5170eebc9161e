"""Long-running operations of the workspace: begun, then waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from ..control_plane import LakebaseError, ask

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.common.lro import LroOptions

# Making a project takes the service tens of seconds; after this something is wrong.
TIMEOUT_SECONDS = 300.0

T = TypeVar("T", covariant=True)


class Operation(Protocol[T]):
    """What every create, update and delete of `w.postgres` returns."""

    def wait(self, opts: LroOptions | None = None) -> T: ...
    def name(self) -> str: ...


class StillRunning(LakebaseError):
    """The operation did not end in time. It goes on at the workspace."""


def finish(doing: str, begin: Callable[[WorkspaceClient], Operation[T]], timeout: float = TIMEOUT_SECONDS) -> T:
    """Begin an operation, wait for its end, and return what it made.

    `doing` completes "Could not ...". Raises LakebaseError, StillRunning after `timeout` seconds. Ask the workspace
    something short before: a workspace that is down is then told within seconds.
    """

    def run(workspace: WorkspaceClient) -> T:
        return _wait(begin(workspace), doing, timeout)

    return ask(doing, run, deadline=None)


def _wait(operation: Operation[T], doing: str, timeout: float) -> T:
    from databricks.sdk.common.lro import LroOptions

    until = time.monotonic() + timeout
    while True:
        left = until - time.monotonic()
        try:
            return operation.wait(LroOptions(timeout=timedelta(seconds=max(left, 0))))
        except TimeoutError as error:
            if time.monotonic() >= until:
                raise StillRunning(
                    f"Could not {doing} within {timeout:g} s: the operation {operation.name()} still runs. "
                    "Repeat the command in a few minutes: what is there already stays."
                ) from error
            # Our requests wait for seconds only; a poll whose answer is slow, or lost on the way, does not end the
            # operation. Where nobody listens any more, nothing is waited for.
            if not _was_unanswered(error):
                raise


def _was_unanswered(error: BaseException | None) -> bool:
    from requests.exceptions import ReadTimeout
    from urllib3.exceptions import ProtocolError

    while error is not None:
        if isinstance(error, (ReadTimeout, ProtocolError)):
            return True
        error = error.__cause__ or error.__context__
    return False
