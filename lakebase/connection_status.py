"""What the site is connected to, told without opening a database connection."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from . import cold_starts, control_plane
from .backend.entry import MODE_LABELS, NOTHING_CONFIGURED, Entry, Mode, read_entry
from .cold_starts import ColdStart
from .control_plane import Endpoint, LakebaseError

__all__ = ["ACTIVE", "MODE_LABELS", "ColdStart", "ConnectionStatus", "Mode", "PoolUse", "status"]

STATE_SERVES_SECONDS = 30.0
PATIENCE_SECONDS = 2.0
ACTIVE = "ACTIVE"


@dataclass(frozen=True, kw_only=True)
class PoolUse:
    """The pool of this process: connections open (`size`), idle, requests waiting, the largest size allowed."""

    size: int
    idle: int
    waiting: int
    max_size: int

    @property
    def in_use(self) -> int:
        return max(self.size - self.idle, 0)


@dataclass(frozen=True, kw_only=True)
class ConnectionStatus:
    """Everything the connection card and /healthz show of one alias; None means not known (yet).

    `state` is the service's own word (ACTIVE, IDLE, ...); `problem` is a sentence with cause and remedy when the
    configuration is wrong or the control plane does not answer. Times are aware datetimes.
    """

    alias: str
    mode: Mode
    project: str | None = None
    branch: str | None = None
    endpoint: str | None = None
    host: str | None = None
    port: int | None = None
    database: str | None = None
    role: str | None = None
    token_age_seconds: float | None = None
    token_expires_at: datetime | None = None
    state: str | None = None
    min_cu: float | None = None
    max_cu: float | None = None
    suspend_after_seconds: float | None = None
    workspace: str | None = None
    last_cold_start: ColdStart | None = None
    pool: PoolUse | None = None
    problem: str | None = None


def status(alias: str = "default", *, patience: float = PATIENCE_SECONDS) -> ConnectionStatus:
    """Tell what `alias` is connected to.

    Opens no database connection and asks the control plane at most once in 30 s for each process, waiting `patience`
    seconds at most; who does not wait at all is told what was known before.
    """
    settings = connections[alias].settings_dict
    try:
        entry = read_entry(settings, alias)
    except ImproperlyConfigured as error:
        return ConnectionStatus(alias=alias, mode=Mode.UNCONFIGURED, problem=str(error))
    told = ConnectionStatus(
        alias=alias,
        mode=entry.mode if entry else Mode.PLAIN,
        host=settings["HOST"] or None,
        port=int(settings["PORT"]) if settings["PORT"] else None,
        database=settings["NAME"] or None,
        role=settings["USER"] or None,
        pool=_pool_use(alias),
    )
    if entry is None:
        return told
    if entry.mode is Mode.UNCONFIGURED:
        return replace(told, problem=NOTHING_CONFIGURED)
    return _with_lakebase(told, entry, patience)


def _with_lakebase(told: ConnectionStatus, entry: Entry, patience: float) -> ConnectionStatus:
    endpoint, problem = _states.of(entry, patience)
    known, user, token = entry.tokens.known()
    endpoint = endpoint or known
    told = replace(
        told,
        role=entry.user or user or entry.identity.client_id or None,
        workspace=control_plane.host(entry.identity),
        last_cold_start=cold_starts.last(entry.target),
        problem=problem,
    )
    if token:
        told = replace(
            told,
            token_age_seconds=max(time.time() - token.minted_at, 0.0),
            token_expires_at=datetime.fromtimestamp(token.expires_at, UTC),
        )
    if endpoint is None:
        return replace(told, project=entry.target.project or None, branch=entry.target.branch or None)
    return replace(
        told,
        project=endpoint.project,
        branch=endpoint.branch,
        endpoint=endpoint.name,
        host=endpoint.host,
        state=_state(endpoint, entry, problem),
        min_cu=endpoint.min_cu,
        max_cu=endpoint.max_cu,
        suspend_after_seconds=endpoint.suspend_after_seconds,
    )


def _state(endpoint: Endpoint, entry: Entry, problem: str | None) -> str | None:
    if problem:
        return None
    return ACTIVE if _states.woken_since(entry) else endpoint.state


def _pool_use(alias: str) -> PoolUse | None:
    pool: Any = connections[alias]._connection_pools.get(alias)  # type: ignore[attr-defined]
    if pool is None:
        return None
    stats = pool.get_stats()
    return PoolUse(
        size=stats["pool_size"],
        idle=stats["pool_available"],
        waiting=stats["requests_waiting"],
        max_size=stats["pool_max"],
    )


class _States:
    """The endpoints' states as last told, asked for in the background and by one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[Entry, tuple[Endpoint | None, str | None]] = {}
        self._asked_at: dict[Entry, float] = {}
        self._answered: dict[Entry, threading.Event] = {}
        self._told_at: dict[Entry, datetime] = {}

    def woken_since(self, entry: Entry) -> bool:
        """Whether a login of this process has woken the endpoint since its state was told."""
        woken, told_at = cold_starts.last(entry.target), self._told_at.get(entry)
        return woken is not None and told_at is not None and woken.at > told_at

    def of(self, entry: Entry, patience: float) -> tuple[Endpoint | None, str | None]:
        """The endpoint and, when it could not be asked, the reason; waits shortly for the first answer."""
        with self._lock:
            answered = self._answered.setdefault(entry, threading.Event())
            if time.monotonic() - self._asked_at.get(entry, -STATE_SERVES_SECONDS) >= STATE_SERVES_SECONDS:
                self._asked_at[entry] = time.monotonic()
                answered.clear()
                threading.Thread(
                    target=self._ask, args=(entry, answered), daemon=True, name="lakebase-endpoint-state"
                ).start()
        if not patience:
            return self._answers.get(entry, (None, None))
        endpoint, problem = self._answers.get(entry, (None, None)) if answered.wait(patience) else (None, None)
        if endpoint or problem or entry.target.provisioned:
            return endpoint, problem
        late = f"{control_plane.host(entry.identity) or 'The workspace'} has not answered yet. Look again shortly."
        return self._answers.get(entry, (None, None))[0], late

    def _ask(self, entry: Entry, answered: threading.Event) -> None:
        before = self._answers.get(entry, (None, None))[0]
        self._told_at[entry] = datetime.now(UTC)
        try:
            self._answers[entry] = (entry.tokens.learn_endpoint(), None)
        except LakebaseError as error:
            self._answers[entry] = (before, str(error))
        finally:
            answered.set()


_states = _States()


def forget_states() -> None:
    global _states
    _states = _States()


os.register_at_fork(after_in_child=forget_states)
