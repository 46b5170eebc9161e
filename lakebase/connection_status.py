"""What the site is connected to, told without opening a database connection."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Mode(StrEnum):
    """How an entry of DATABASES logs in; `label` is the word for people."""

    AUTOSCALING = "autoscaling"
    PROVISIONED = "provisioned"
    PLAIN = "plain"
    UNCONFIGURED = "unconfigured"

    @property
    def label(self) -> str:
        return MODE_LABELS[self]


MODE_LABELS = {
    Mode.AUTOSCALING: "Lakebase Autoscaling",
    Mode.PROVISIONED: "Lakebase Provisioned",
    Mode.PLAIN: "PostgreSQL",
    Mode.UNCONFIGURED: "Not configured",
}


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
class ColdStart:
    """The last login of this process that woke the endpoint: when it was served, and how long it waited."""

    at: datetime
    milliseconds: float


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


def status(alias: str = "default") -> ConnectionStatus:
    """Tell what `alias` is connected to.

    Opens no database connection and asks the control plane at most once in 30 s for each process, waiting 2 s at most.
    """
    raise NotImplementedError("follows with the backend")
