"""What the REST API and the gateway act on: the records, and for each endpoint a compute."""

import asyncio
import hashlib
import hmac
import logging
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from lakebase.local.autoscaling import Autoscaling
from lakebase.local.clock import Clock
from lakebase.local.cluster.data import DataDirectory
from lakebase.local.compute import Compute
from lakebase.local.credentials import Credentials
from lakebase.local.events import EventLog
from lakebase.local.faults.identities import check_login
from lakebase.local.faults.registry import Faults
from lakebase.local.faults.tokens import check_token
from lakebase.local.history.keeper import Keeper
from lakebase.local.history.retention import Limits
from lakebase.local.making import Making
from lakebase.local.operations import Operations
from lakebase.local.records import SOFT_DELETE_WINDOW, Base, Branch, Endpoint, Project, ServicePrincipal, Snapshot
from lakebase.local.refusal import not_found
from lakebase.local.standby.compute import Standby
from lakebase.local.standby.making import make_standby
from lakebase.local.store import Store

log = logging.getLogger("lakebase.local")
TICK = 1.0


class Workspace:
    """`user` is the local person's e-mail: the identity of the personal access token and the owner of every project."""

    def __init__(
        self, *, user: str, store: Store, data: DataDirectory, clock: Clock, events: EventLog,
        credentials: Credentials, wake_delay: float, operation_delay: float, host: str, history: Limits | None,
    ) -> None:  # fmt: skip
        self.user = user
        self.host = host
        self.store = store
        self.data = data
        self.clock = clock
        self.events = events
        self.credentials = credentials
        self.faults = Faults(events)
        credentials.checks = [partial(check_token, self.faults), partial(check_login, self.faults)]
        self.wake_delay = wake_delay
        self.operations = Operations(store, operation_delay)
        self.history = Keeper(data=data, store=store, events=events, limits=history, compute_of=self.compute_of)
        self.making = Making(self)
        self.operations.jobs = {**self.making.jobs, "make standby": partial(make_standby, self)}
        self.operations.abandon = self.abandon
        self.computes: dict[str, Compute] = {}
        self._leaving: Counter[str] = Counter()  # projects, branches and snapshots that are being purged
        self.autoscaling = Autoscaling(self.computes)
        self._ticking: asyncio.Task[None] | None = None
        self._sampling: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Clean up behind a killed emulator, then take up what it left undone."""
        known = [record.uid for kind in (Branch, Base, Snapshot, Endpoint) for record in self.store.all(kind)]
        await asyncio.to_thread(self.data.sweep, set(known))
        self.history.open()
        for endpoint in self.store.all(Endpoint):
            self.add_compute(endpoint)
        self.making.open()
        self.operations.resume()
        self._ticking = asyncio.create_task(self._tick_forever())
        self._sampling = asyncio.create_task(self.autoscaling.run())

    async def close(self) -> None:
        """Stop every postgres, in parallel."""
        tasks = [task for task in (self._ticking, self._sampling) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.operations.stop()
        await self.making.close()
        await self.history.close()
        await asyncio.gather(*(compute.stop("shutdown") for compute in self.computes.values()))
        self.data.close()

    def find(self, endpoint_name: str) -> Compute | None:
        """The compute of an endpoint that exists and is not deleted."""
        return self.computes.get(endpoint_name) if self.alive(endpoint_name) else None

    def alive(self, name: str) -> bool:
        """Whether neither the resource's project nor its branch is soft-deleted or being purged."""
        parts = name.split("/")
        project = self.store.get(Project, "/".join(parts[:2]))
        branch = self.store.get(Branch, "/".join(parts[:4])) if len(parts) >= 4 else None
        if project is None or project.delete_time is not None or self.is_leaving(name):
            return False
        return branch is None or branch.delete_time is None

    def is_leaving(self, name: str) -> bool:
        """Whether the resource is being purged, or its branch or project is: nothing new may come from it."""
        return any(name == gone or name.startswith(f"{gone}/") for gone in self._leaving)

    def project(self, name: str) -> Project:
        """Raises Refusal 404, also for a deleted one."""
        project = self.store.get(Project, name)
        if project is None or project.delete_time is not None or self.is_leaving(name):
            raise not_found("project id not found")
        return project

    def branch(self, name: str) -> Branch:
        """Raises Refusal 404, also for a deleted one."""
        self.project("/".join(name.split("/")[:2]))
        branch = self.store.get(Branch, name)
        if branch is None or branch.delete_time is not None or self.is_leaving(name):
            raise not_found("branch id not found")
        return branch

    def knows(self, client_id: str, secret: str) -> bool:
        """Whether a service principal has this secret."""
        principal = self.store.get(ServicePrincipal, f"service-principals/{client_id}")
        return principal is not None and hmac.compare_digest(principal.secret_digest, digest(secret))

    def compute_of(self, branch_name: str) -> Compute:
        """The compute of a branch's read-write endpoint."""
        endpoint = next(endpoint for endpoint in self.store.all(Endpoint, branch_name) if not endpoint.read_only)
        return self.computes[endpoint.name]

    def add_compute(self, endpoint: Endpoint) -> None:
        branch = self.store.get(Branch, endpoint.parent)
        assert branch is not None
        parts: dict[str, Any] = {
            "store": self.store, "clock": self.clock, "events": self.events, "wake_delay": self.wake_delay,
            "ready": self.making.made, "faults": self.faults,
        }  # fmt: skip
        if endpoint.read_only:
            standby = self.data.standby(endpoint.uid)
            self.computes[endpoint.name] = Standby(endpoint, standby, self.compute_of(branch.name), **parts)
            return
        cluster = self.data.cluster(branch.uid)
        cluster.settings = self.history.settings(branch.uid)
        self.computes[endpoint.name] = Compute(endpoint, cluster, **parts)

    async def shut(self, below: str, reason: str) -> None:
        """Stop all computes of a project or branch; no connection starts them while it is deleted."""
        computes = self._computes_below(below)
        for compute in computes:
            compute.deleted = True
        await asyncio.gather(*(compute.stop(reason) for compute in computes))

    def reopen(self, below: str) -> None:
        for compute in self._computes_below(below):
            compute.deleted = False

    def _computes_below(self, name: str) -> list[Compute]:
        return [compute for endpoint, compute in self.computes.items() if endpoint.startswith(f"{name}/")]

    async def purge(self, name: str, *, wait: bool = True) -> None:
        """Delete a project or branch for good: the records first, then the files, which nobody can reach any more.

        It waits for what is being made from it, and from the beginning on nothing new is.
        """
        with self._on_its_way_out(name):
            if wait:
                await self.operations.finish(name, made_from=True)
            await self._remove(name)
        self.events.record("purged", name=name)

    @contextmanager
    def _on_its_way_out(self, name: str) -> Iterator[None]:
        self._leaving[name] += 1
        try:
            yield
        finally:
            self._leaving -= Counter([name])  # drops the name at zero

    async def _remove(self, name: str) -> None:
        for compute in self._computes_below(name):
            compute.purged = True
        await self.shut(name, "deleted")
        doomed = [record for record in self.store.below(name) if record.kind != "operations"]
        own = self.store.get(Branch, name)
        uids = [record.uid for record in [*doomed, own] if isinstance(record, Branch | Snapshot | Endpoint)]
        for uid in uids:
            await self.history.forget(uid)
        with self.store.together():
            for record in doomed:
                self.store.drop(record.name)
            self.store.drop(name)
        for record in doomed:
            self.computes.pop(record.name, None)
        for uid in uids:
            await asyncio.to_thread(self.data.remove, uid)

    async def remove_snapshot(self, snapshot: Snapshot, *, wait: bool = True) -> None:
        """For good; the branches that were made from it live on."""
        with self._on_its_way_out(snapshot.name):
            if wait:
                await self.operations.finish(snapshot.name, made_from=True)
            self.store.drop(snapshot.name)
            await asyncio.to_thread(self.data.remove, snapshot.uid)
        self.events.record("snapshot-removed", snapshot=snapshot.name)

    async def remove_endpoint(self, name: str) -> None:
        """Delete a read-only endpoint, and the data behind it."""
        await self.operations.finish(name)
        compute = self.computes.get(name)
        if not isinstance(compute, Standby):
            return
        compute.deleted = True
        await compute.stop("deleted")
        # Record and compute go together; another request may have removed them meanwhile.
        if self.computes.pop(name, None) is compute:
            self.store.drop(name)
            compute.leave()
            await asyncio.to_thread(self.data.remove, compute.uid)
            self.events.record("endpoint-deleted", endpoint=name)

    async def abandon(self, name: str) -> None:
        """Remove what could not be made. What is to be made of or in it waits for us, not we for that."""
        if (snapshot := self.store.get(Snapshot, name)) is not None:
            await self.remove_snapshot(snapshot, wait=False)
        elif self.store.get(Endpoint, name) is not None:
            await self.remove_endpoint(name)
        else:
            await self.purge(name, wait=False)

    def make_service_principal(self, display_name: str, *, can_manage: bool) -> tuple[ServicePrincipal, str]:
        """A new service principal and its secret, which is shown this once."""
        digits = secrets.token_hex(16)
        client_id = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
        secret, now = f"dose{secrets.token_hex(16)}", time.time()
        principal = ServicePrincipal(
            f"service-principals/{client_id}", client_id, now, now, display_name, digest(secret), can_manage
        )
        self.store.put(principal)
        self.events.record("service-principal", client_id=client_id, display_name=display_name)
        return principal, secret

    async def tick(self) -> None:
        """Let idle endpoints sleep, and delete what has expired."""
        now = self.clock.now()
        for branch in self.store.all(Branch):
            if branch.expire_time is not None and branch.expire_time <= now and branch.delete_time is None:
                self.events.record("branch-expired", branch=branch.name)
                await self.purge(branch.name)
            elif branch.delete_time is not None and branch.delete_time + SOFT_DELETE_WINDOW <= now:
                await self.purge(branch.name)
        for project in self.store.all(Project):
            if project.delete_time is not None and project.delete_time + SOFT_DELETE_WINDOW <= now:
                await self.purge(project.name)
        for snapshot in self.store.all(Snapshot):
            if snapshot.expire_time is not None and snapshot.expire_time <= now:
                self.events.record("snapshot-expired", snapshot=snapshot.name)
                await self.remove_snapshot(snapshot)
        for compute in list(self.computes.values()):
            await compute.suspend_when_idle()

    async def _tick_forever(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            try:
                await self.tick()
                self.history.tick()
            except Exception:  # a full disk, for one: it must not keep endpoints awake for ever
                log.exception("The housekeeping failed; it is tried again in a second.")


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
