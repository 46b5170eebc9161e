"""The resources of Lakebase as the emulator keeps them.

Times are epoch seconds, durations seconds. `create_time` and `update_time` are on the wall clock;
`expire_time`, `delete_time` and `purge_time` on the emulator's movable one.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

SOFT_DELETE_WINDOW = 7 * 86_400.0


@dataclass
class Record:
    kind: ClassVar[str]
    name: str
    uid: str
    create_time: float
    update_time: float

    @property
    def id(self) -> str:
        return self.name.rsplit("/", 1)[1]

    @property
    def parent(self) -> str:
        """ "projects/p/branches/b" of "projects/p/branches/b/roles/r"; "" of a project."""
        return self.name.rsplit("/", 2)[0] if self.name.count("/") > 1 else ""


@dataclass
class ComputeSettings:
    """Limits in compute units; `suspend_timeout` in seconds, None for never."""

    min_cu: float = 1.0
    max_cu: float = 1.0
    suspend_timeout: float | None = 300.0


@dataclass
class Project(Record):
    kind = "projects"
    display_name: str = ""
    pg_version: int = 17
    owner: str = ""
    default_branch: str = ""
    history_retention: float = 604_800.0
    custom_tags: list[dict[str, Any]] = field(default_factory=list)
    budget_policy_id: str = ""
    default_endpoint: ComputeSettings = field(default_factory=ComputeSettings)
    delete_time: float | None = None


@dataclass
class Branch(Record):
    kind = "branches"
    state: str = "INIT"
    state_change_time: float = 0.0
    is_protected: bool = False
    source_branch: str = ""
    source_branch_lsn: str = ""
    source_branch_time: float = 0.0
    expire_time: float | None = None
    delete_time: float | None = None
    logical_size: int = 0
    copied_by: str = ""


@dataclass
class Endpoint(Record):
    kind = "endpoints"
    compute: ComputeSettings = field(default_factory=ComputeSettings)
    disabled: bool = False
    read_only: bool = False
    last_active_time: float = 0.0
    wakes: int = 0
    last_wake_ms: float | None = None


@dataclass
class Role(Record):
    kind = "roles"
    postgres_role: str = ""
    identity_type: str = ""
    auth_method: str = "LAKEBASE_OAUTH_V1"
    membership_roles: list[str] = field(default_factory=list)
    attributes: dict[str, bool] = field(default_factory=dict)


@dataclass
class Database(Record):
    kind = "databases"
    postgres_database: str = ""
    role: str = ""


@dataclass
class ServicePrincipal(Record):
    """Its application id is `uid`, as the SDK's client_id; the secret is kept as a SHA-256 digest only."""

    kind = "service-principals"
    display_name: str = ""
    secret_digest: str = ""
    can_manage: bool = False


@dataclass
class Operation(Record):
    """A long-running operation. `job` says what to take up again after a restart; None when it has ended."""

    kind = "operations"
    metadata_type: str = ""
    job: dict[str, Any] | None = None
    response: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


KINDS: dict[str, type[Record]] = {
    kind.kind: kind for kind in (Project, Branch, Endpoint, Role, Database, ServicePrincipal, Operation)
}
