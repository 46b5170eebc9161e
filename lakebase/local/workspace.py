"""What the REST API and the gateway act on: the records, and for each endpoint a compute."""

import asyncio
import hashlib
import hmac
import logging
import secrets
import shutil
import sqlite3
import time
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from lakebase.local import branching
from lakebase.local.autoscaling import Autoscaling
from lakebase.local.clock import Clock
from lakebase.local.compute import Compute
from lakebase.local.credentials import Credentials
from lakebase.local.data import DataDirectory, remove_directory
from lakebase.local.events import EventLog
from lakebase.local.faults.identities import check_login
from lakebase.local.faults.registry import Faults
from lakebase.local.faults.tokens import check_token
from lakebase.local.operations import Operations
from lakebase.local.postgres import Cluster
from lakebase.local.records import SOFT_DELETE_WINDOW, Branch, Endpoint, Project, ServicePrincipal
from lakebase.local.refusal import not_found
from lakebase.local.rest import branches, projects
from lakebase.local.standby.compute import Standby
from lakebase.local.standby.making import make_standby
from lakebase.local.store import Store

log = logging.getLogger("lakebase.local")
TICK = 1.0
COPY_ATTEMPTS = 5


class Workspace:
    """`user` is the local person's e-mail: the identity of the personal access token and the owner of every project."""

    def __init__(
        self, *, user: str, store: Store, data: DataDirectory, clock: Clock, events: EventLog,
        credentials: Credentials, wake_delay: float, operation_delay: float, host: str,
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
        self.operations.jobs = {"make project": self._make_project, "make branch": self._make_branch}
        self.operations.jobs["make standby"] = partial(make_standby, self)
        self.operations.abandon = self.abandon
        self.computes: dict[str, Compute] = {}
        self.autoscaling = Autoscaling(self.computes)
        self._template: asyncio.Task[Cluster] | None = None
        self._ticking: asyncio.Task[None] | None = None
        self._sampling: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Clean up behind a killed emulator, then take up what it left undone."""
        known = {record.uid for kind in (Branch, Endpoint) for record in self.store.all(kind)}
        await asyncio.to_thread(self.data.sweep, known)
        for endpoint in self.store.all(Endpoint):
            self.add_compute(endpoint)
        self._template = asyncio.create_task(self._build_template())
        self.operations.resume()
        self._ticking = asyncio.create_task(self._tick_forever())
        self._sampling = asyncio.create_task(self.autoscaling.run())

    async def close(self) -> None:
        """Stop every postgres, in parallel."""
        tasks = [task for task in (self._ticking, self._sampling, self._template) if task is not None]
        for task in tasks:
            task.cancel()
        await self.operations.stop()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(compute.stop("shutdown") for compute in self.computes.values()))
        self.data.close()

    def find(self, endpoint_name: str) -> Compute | None:
        """The compute of an endpoint that exists and is not deleted."""
        return self.computes.get(endpoint_name) if self.alive(endpoint_name) else None

    def alive(self, name: str) -> bool:
        """Whether neither the resource's project nor its branch is soft-deleted."""
        parts = name.split("/")
        project = self.store.get(Project, "/".join(parts[:2]))
        branch = self.store.get(Branch, "/".join(parts[:4])) if len(parts) >= 4 else None
        return not (project is None or project.delete_time is not None or (branch is not None and branch.delete_time))

    def project(self, name: str) -> Project:
        """Raises Refusal 404, also for a deleted one."""
        project = self.store.get(Project, name)
        if project is None or project.delete_time is not None:
            raise not_found("project id not found")
        return project

    def branch(self, name: str) -> Branch:
        """Raises Refusal 404, also for a deleted one."""
        self.project("/".join(name.split("/")[:2]))
        branch = self.store.get(Branch, name)
        if branch is None or branch.delete_time is not None:
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
            "ready": self._made, "faults": self.faults,
        }  # fmt: skip
        if endpoint.read_only:
            standby = self.data.standby(endpoint.uid)
            self.computes[endpoint.name] = Standby(endpoint, standby, self.compute_of(branch.name), **parts)
        else:
            self.computes[endpoint.name] = Compute(endpoint, self.data.cluster(branch.uid), **parts)

    async def shut(self, below: str, reason: str) -> None:
        """Stop all computes of a project or branch; no connection starts them while it is deleted."""
        computes = [compute for name, compute in self.computes.items() if name.startswith(f"{below}/")]
        for compute in computes:
            compute.deleted = True
        await asyncio.gather(*(compute.stop(reason) for compute in computes))

    def reopen(self, below: str) -> None:
        for name, compute in self.computes.items():
            if name.startswith(f"{below}/"):
                compute.deleted = False

    async def purge(self, name: str) -> None:
        """Delete a project or branch for good: the records first, then the files, which nobody can reach any more."""
        await self.operations.finish(name)
        await self.shut(name, "deleted")
        doomed = [record for record in self.store.below(name) if record.kind != "operations"]
        own = self.store.get(Branch, name)
        uids = [record.uid for record in [*doomed, own] if isinstance(record, Branch | Endpoint)]
        with self.store.together():
            for record in doomed:
                self.store.drop(record.name)
            self.store.drop(name)
        for record in doomed:
            self.computes.pop(record.name, None)
        for uid in uids:
            await asyncio.to_thread(self.data.remove, uid)
        self.events.record("purged", name=name)

    async def remove_endpoint(self, name: str) -> None:
        """Delete a read-only endpoint, and the data behind it."""
        await self.operations.finish(name)
        compute = self.computes.pop(name, None)
        if isinstance(compute, Standby):
            compute.deleted = True
            await compute.stop("deleted")
            compute.leave()
            self.store.drop(name)
            await asyncio.to_thread(self.data.remove, compute.uid)
            self.events.record("endpoint-deleted", endpoint=name)

    async def abandon(self, name: str) -> None:
        """Remove what could not be made."""
        await (self.remove_endpoint(name) if self.store.get(Endpoint, name) else self.purge(name))

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
        for compute in list(self.computes.values()):
            await compute.suspend_when_idle()

    async def _tick_forever(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            try:
                await self.tick()
            except (OSError, sqlite3.Error):
                # A full disk, for one: it must not keep endpoints awake for ever.
                log.exception("The housekeeping failed; it is tried again in a second.")

    async def _made(self, branch_name: str) -> None:
        await self.operations.finish(branch_name)
        branch = self.store.get(Branch, branch_name)
        if branch is not None and not branch.source_branch:
            await self.operations.finish(branch.parent, below=False)

    async def _build_template(self) -> Cluster:
        template = self.data.template(self.user)
        if not template.data.exists():
            part = Cluster(
                template.binaries, template.account, template.data.with_suffix(".part"), template.sockets, template.log
            )
            shutil.rmtree(part.data, ignore_errors=True)
            await branching.build_template(part, self.user)
            part.data.rename(template.data)
        return template

    async def _make_project(self, job: dict[str, Any]) -> dict[str, Any]:
        project = self.store.get(Project, job["target"])
        assert project is not None and self._template is not None
        template = await asyncio.shield(self._template)
        branch = self.store.get(Branch, project.default_branch)
        assert branch is not None
        part = self._part(branch)
        copied = None if self._exists(branch) else await branching.copy_stopped(template, part)
        await self._fill(branch, copied, part)
        self.events.record("project-made", project=project.name)
        return projects.render(self, project)

    async def _make_branch(self, job: dict[str, Any]) -> dict[str, Any]:
        branch = self.store.get(Branch, job["target"])
        assert branch is not None
        began = time.monotonic()
        await self._made(branch.source_branch)
        part, copied = self._part(branch), None
        if not self._exists(branch):
            branch.source_branch_time = time.time()
            copied = await self._copy(branch, part)
        await self._fill(branch, copied, part)
        self.events.record(
            "branch-made", branch=branch.name, source=branch.source_branch, copied_by=branch.copied_by,
            seconds=round(time.monotonic() - began, 3), bytes=branch.logical_size,
        )  # fmt: skip
        return branches.render(self, branch)

    async def _copy(self, branch: Branch, part: Path) -> branching.Copied:
        """Copy the source; again when its server died meanwhile, for the branch is acknowledged already."""
        for _ in range(COPY_ATTEMPTS):
            try:
                return await self.compute_of(branch.source_branch).copy_to(part)
            except psycopg.Error as error:
                self.events.record("copy-interrupted", branch=branch.name, message=str(error))
                await asyncio.to_thread(remove_directory, part)
        raise branching.CannotCopy(f"The server of {branch.source_branch} ended {COPY_ATTEMPTS} times during the copy.")

    def _exists(self, branch: Branch) -> bool:
        return self.data.cluster(branch.uid).data.exists()

    def _part(self, branch: Branch) -> Path:
        # Another name each time: the copying process of a killed emulator may still be at work on its own.
        return self.data.branches / f"{branch.uid}.{secrets.token_hex(4)}.part"

    async def _fill(self, branch: Branch, copied: branching.Copied | None, part: Path) -> None:
        if copied is not None:
            part.rename(self.data.cluster(branch.uid).data)
            branch.source_branch_lsn = copied.lsn if branch.source_branch else ""
            branch.copied_by, branch.logical_size = copied.method, copied.bytes
            self.store.put(branch)
        compute = self.compute_of(branch.name)
        await compute.start()
        branch.state, branch.state_change_time = "READY", time.time()
        self.store.put(branch)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
