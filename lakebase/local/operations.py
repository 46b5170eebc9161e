"""Long-running operations: begun by a request, finished in the background, asked for by polling.

The first poll waits for the end, so that learners do not; `delay` imitates a slow service instead.
What was begun when the emulator was killed is taken up again at the next start.
"""

import asyncio
import logging
import sqlite3
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg

from lakebase.local.cluster.branching import CannotCopy
from lakebase.local.cluster.postgres import CannotStart
from lakebase.local.credentials import Refused
from lakebase.local.records import Operation
from lakebase.local.refusal import not_found
from lakebase.local.store import Store

log = logging.getLogger("lakebase.local")
# Less than clients wait for an answer: then they ask again.
POLL_WAITS = 3.0
KEPT = 7 * 86_400.0
DELETED = "deleted"  # the reason of whoever refuses to start what was deleted
KINDS_IN_WORDS = {"projects": "project", "branches": "branch", "endpoints": "endpoint", "snapshots": "snapshot"}
EMPTY = {"@type": "type.googleapis.com/google.protobuf.Empty"}
Job = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


class Operations:
    """`delay`: seconds that each operation takes at least, as seen by whoever polls."""

    def __init__(self, store: Store, delay: float) -> None:
        self._store = store
        self.delay = delay
        self.extra_delay = 0.0  # by a fault
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ending = asyncio.get_running_loop().create_future()
        self.jobs: dict[str, Job] = {}
        self.abandon: Callable[[str], Awaitable[None]] | None = None

    def done(self, project: str, of: str, response: dict[str, Any] = EMPTY) -> dict[str, Any]:
        """Record an operation whose work is done already; its JSON."""
        operation = self._new(project, of)
        operation.response = response
        self._store.put(operation)
        return self.render(operation)

    def begin(self, project: str, of: str, job: dict[str, Any]) -> dict[str, Any]:
        """Record an operation and start its job, {"do": name in `jobs`, ...}; its JSON."""
        operation = self._new(project, of)
        operation.job = job
        self._store.put(operation)
        self._run(operation)
        return self.render(operation)

    def resume(self) -> None:
        """Take up what a killed emulator left, and forget what is a week old."""
        for operation in self._store.all(Operation):
            if operation.job is not None:
                self._run(operation)
            elif operation.create_time < time.time() - KEPT:
                self._store.drop(operation.name)

    async def poll(self, name: str) -> dict[str, Any]:
        """The operation's JSON, after its end or a few seconds. Raises Refusal 404."""
        operation = self._store.get(Operation, name)
        if operation is None:
            raise not_found(f'operation not found; name:"{name}"')
        task = self._tasks.get(name)
        if task is not None:
            await asyncio.wait([task, self._ending], timeout=POLL_WAITS, return_when=asyncio.FIRST_COMPLETED)
        return self.render(operation)

    def let_go(self) -> None:
        """Answer whoever polls, as of now: the emulator is about to stop."""
        if not self._ending.done():
            self._ending.set_result(None)

    async def finish(self, target: str, *, below: bool = True, made_from: bool = False) -> None:
        """Wait until no job works on the resource `target`, or, with `below`, on anything under it.

        With `made_from` also until nothing is being made from it.
        """
        for name, task in list(self._tasks.items()):
            operation = self._store.get(Operation, name)
            if operation is None or operation.job is None or task is asyncio.current_task():
                continue
            at = operation.job["target"]
            uses = made_from and operation.job.get("source") == target
            if uses or at == target or (below and at.startswith(f"{target}/")):
                await asyncio.wait([task])

    async def stop(self) -> None:
        """Break off all jobs; they are taken up at the next start."""
        tasks = list(self._tasks.values())  # each leaves the register as it ends
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def render(self, operation: Operation) -> dict[str, Any]:
        done = operation.job is None and time.time() >= operation.create_time + max(self.delay, self.extra_delay)
        body: dict[str, Any] = {
            "name": operation.name,
            "done": done,
            "metadata": {
                "@type": f"type.googleapis.com/databricks.postgres.v1.{operation.metadata_type}OperationMetadata"
            },
        }
        # The SDK takes a present but empty "error" for a failure.
        if done and operation.error:
            body["error"] = operation.error
        elif done:
            body["response"] = operation.response
        return body

    def _new(self, project: str, of: str) -> Operation:
        number, now = str(uuid.uuid4()), time.time()
        return Operation(f"{project}/operations/{number}", number, now, now, metadata_type=of)

    def _run(self, operation: Operation) -> None:
        task = asyncio.create_task(self._work(operation))
        self._tasks[operation.name] = task
        task.add_done_callback(lambda _: self._tasks.pop(operation.name, None))

    async def _work(self, operation: Operation) -> None:
        assert operation.job is not None
        try:
            operation.response = await self.jobs[operation.job["do"]](operation.job)
        except (CannotCopy, CannotStart, Refused, OSError, psycopg.Error) as error:
            operation.error = _told(error, operation.job["target"])
        except Exception as error:  # whoever polls would do so without end
            log.exception("The job of %s failed unforeseen", operation.name)
            operation.error = _unforeseen(error)
        if operation.error:
            await self._give_up(operation.job["target"])
        operation.job = None
        operation.update_time = time.time()
        try:
            self._store.put(operation)
        except sqlite3.Error:
            # It has ended all the same; the next start takes it up once more.
            log.exception("The end of %s could not be written", operation.name)

    async def _give_up(self, target: str) -> None:
        if self.abandon is None:
            return
        try:
            await self.abandon(target)
        except Exception:  # what is left of it must not keep its operation from ending
            log.exception("%s could not be made, nor removed", target)


def _unforeseen(error: Exception) -> dict[str, str]:
    told = f"Lakebase Local failed ({type(error).__name__}: {error}); its output says more."
    return {"error_code": "INTERNAL_ERROR", "message": told}


def _told(error: Exception, target: str) -> dict[str, str]:
    if isinstance(error, Refused) and error.reason == DELETED:
        kind = KINDS_IN_WORDS[target.split("/")[-2]]
        return {"error_code": "ABORTED", "message": f"The {kind} {target} was deleted while it was made."}
    return {"error_code": "INTERNAL_ERROR", "message": str(error)}
