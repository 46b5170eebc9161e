"""How projects, branches and snapshots come to be: the jobs of their operations, each taken up again after a kill."""

import asyncio
import secrets
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import sql

from lakebase.local.cluster import branching
from lakebase.local.cluster.branching import CannotCopy, Copied
from lakebase.local.cluster.data import remove_directory
from lakebase.local.cluster.postgres import Cluster
from lakebase.local.history.beginning import begin
from lakebase.local.history.moment import Moment
from lakebase.local.history.restore import restore
from lakebase.local.operations import Job
from lakebase.local.records import Branch, Database, Project, Record, Role, Snapshot
from lakebase.local.rest import branches, projects, snapshots

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace


class Making:
    def __init__(self, ws: "Workspace") -> None:
        self._ws = ws
        self._template: asyncio.Task[Cluster] | None = None
        self.jobs: dict[str, Job] = {
            "make project": self._make_project,
            "make branch": self._make_branch,
            "make snapshot": self._make_snapshot,
        }

    def open(self) -> None:
        self._template = asyncio.create_task(self._build_template())

    async def close(self) -> None:
        if self._template is not None:
            self._template.cancel()
            await asyncio.gather(self._template, return_exceptions=True)

    async def made(self, branch_name: str) -> None:
        """Wait until a branch is there, or has failed."""
        await self._ws.operations.finish(branch_name)
        branch = self._ws.store.get(Branch, branch_name)
        if branch is not None and branch.is_root:
            await self._ws.operations.finish(branch.parent, below=False)

    async def _build_template(self) -> Cluster:
        template = self._ws.data.template(self._ws.user)
        if not template.data.exists():
            part = Cluster(
                template.binaries, template.account, template.data.with_suffix(".part"), template.sockets, template.log
            )
            shutil.rmtree(part.data, ignore_errors=True)
            await branching.build_template(part, self._ws.user)
            part.data.rename(template.data)
        return template

    async def _make_project(self, job: dict[str, Any]) -> dict[str, Any]:
        project = self._ws.store.get(Project, job["target"])
        assert project is not None and self._template is not None
        template = await asyncio.shield(self._template)
        branch = self._ws.store.get(Branch, project.default_branch)
        assert branch is not None
        part = self._part(branch)
        if not self._exists(branch):
            copied = await branching.copy_stopped(template, part)
            await begin(self._ws.history, branch, part, copied, template.data)
            self._take(branch, copied, part)
        await self._start(branch)
        self._ws.events.record("project-made", project=project.name)
        return projects.render(self._ws, project)

    async def _make_branch(self, job: dict[str, Any]) -> dict[str, Any]:
        branch = self._ws.store.get(Branch, job["target"])
        assert branch is not None
        began = time.monotonic()
        moment = _moment(job)
        if not self._exists(branch):
            await self._fill(branch, moment)
        await self._start(branch)
        if moment is not None:
            await self._forget_what_came_later(branch)
        self._ws.events.record(
            "branch-made", branch=branch.name, source=branch.source_branch or branch.source_snapshot,
            moment=str(moment) if moment else None, copied_by=branch.copied_by,
            seconds=round(time.monotonic() - began, 3), bytes=branch.logical_size,
        )  # fmt: skip
        return branches.render(self._ws, branch)

    async def _make_snapshot(self, job: dict[str, Any]) -> dict[str, Any]:
        snapshot = self._ws.store.get(Snapshot, job["target"])
        assert snapshot is not None
        target = self._ws.data.snapshots / snapshot.uid
        await asyncio.to_thread(remove_directory, target)  # by an emulator that was killed here
        part = self._part(snapshot, self._ws.data.snapshots)
        copied = await self._copy(snapshot.source_branch, _moment(job), part, snapshot)
        await asyncio.to_thread(part.rename, target)
        snapshot.bytes, snapshot.time = copied.bytes, copied.time
        snapshot.lsn, snapshot.segment = copied.lsn, copied.segment
        self._ws.store.put(snapshot)
        self._ws.events.record("snapshot-made", snapshot=snapshot.name, bytes=copied.bytes)
        return snapshots.render(snapshot)

    async def _copy(self, source: str, moment: Moment | None, part: Path, made: Branch | Snapshot) -> Copied:
        """Copy the source; again when its server died meanwhile, for what is made is acknowledged already."""
        await self.made(source)
        if self._ws.store.get(Branch, source) is None:
            raise CannotCopy(f"The branch {source} could not be made, so there is nothing to copy.")

        async def copy() -> Copied:
            if moment is None:
                return await self._ws.compute_of(source).copy_to(part)
            branch = self._ws.store.get(Branch, source)
            assert branch is not None
            return await restore(self._ws.history, branch, moment, part, made)

        def interrupted(message: str) -> None:
            self._ws.events.record("copy-interrupted", branch=source, of=made.name, message=message)

        return await branching.copied_at_last(source, part, copy, interrupted)

    async def _copy_snapshot(self, name: str, part: Path) -> tuple[Copied, Path]:
        """And the directory that it was copied from."""
        await self._ws.operations.finish(name)
        snapshot = self._ws.store.get(Snapshot, name)
        if snapshot is None:
            raise CannotCopy(f"The snapshot {name} could not be made, so there is nothing to copy.")
        kept, at = self._ws.data.snapshots / snapshot.uid, snapshot.time
        copied = await branching.clone_directory(kept, part, self._ws.data.account)
        return Copied(snapshot.lsn, copied.method, copied.bytes, snapshot.segment, at, at), kept

    def _exists(self, branch: Branch) -> bool:
        return self._ws.data.cluster(branch.uid).data.exists()

    def _part(self, record: Record, directory: Path | None = None) -> Path:
        # Another name each time: the copying process of a killed emulator may still be at work on its own.
        return (directory or self._ws.data.branches) / f"{record.uid}.{secrets.token_hex(4)}.part"

    async def _fill(self, branch: Branch, moment: Moment | None) -> None:
        part, history = self._part(branch), self._ws.history
        if branch.source_snapshot:
            copied, source = await self._copy_snapshot(branch.source_snapshot, part)
            await begin(history, branch, part, copied, source)
        else:
            copied = await self._copy(branch.source_branch, moment, part, branch)
            branch.source_branch_time, branch.source_branch_lsn = copied.holds_all_by, copied.lsn
            source_branch = self._ws.store.get(Branch, branch.source_branch)
            if moment is None and source_branch is not None:
                await begin(history, branch, part, copied, source_branch)
        self._take(branch, copied, part)

    def _take(self, branch: Branch, copied: Copied, part: Path) -> None:
        part.rename(self._ws.data.cluster(branch.uid).data)
        branch.copied_by, branch.logical_size = copied.method, copied.bytes
        self._ws.store.put(branch)

    async def _start(self, branch: Branch) -> None:
        compute = self._ws.compute_of(branch.name)
        await compute.start()
        branch.state, branch.state_change_time = "READY", time.time()
        self._ws.store.put(branch)

    async def _forget_what_came_later(self, branch: Branch) -> None:
        """Roles and databases that its source has now and did not have at the moment."""
        compute, store = self._ws.compute_of(branch.name), self._ws.store
        roles = {name for (name,) in await compute.execute(sql.SQL("SELECT rolname FROM pg_roles"))}
        databases = {name for (name,) in await compute.execute(sql.SQL("SELECT datname FROM pg_database"))}
        later: list[Record] = [one for one in store.all(Role, branch.name) if one.postgres_role not in roles]
        later += [one for one in store.all(Database, branch.name) if one.postgres_database not in databases]
        with store.together():
            for record in later:
                store.drop(record.name)


def _moment(job: dict[str, Any]) -> Moment | None:
    return Moment(**job["moment"]) if job.get("moment") else None
