"""The resources of Lakebase as the emulator keeps them.

Times are epoch seconds, durations seconds. `create_time` and `update_time` are on the wall clock;
`expire_time`, `delete_time` and `purge_time` on the emulator's movable one.
Log positions are as PostgreSQL prints them, such as "0/1A2B3C8".
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
    asked_lsn: str = ""  # which may lie within the last record that it holds
    source_snapshot: str = ""
    expire_time: float | None = None
    delete_time: float | None = None
    logical_size: int = 0
    copied_by: str = ""

    @property
    def is_root(self) -> bool:
        """Whether it was born with its project."""
        return not self.source_branch and not self.source_snapshot


@dataclass
class Base(Record):
    """A copy of a branch's cluster from which its log can be replayed, as long as the log has no gap.

    What was committed up to `lsn` is in it, and nothing that was committed after `time`; `segment` is the first file of
    the log that the replay needs. `until_*`: where the log breaks off, None and "" while it goes on.
    `early`: the copy itself is of the branch that this one was made from, and older; all that is sure about it is that
    the log from `segment` on leads from it to `lsn` and beyond.
    """

    kind = "bases"
    time: float = 0.0
    lsn: str = ""
    segment: str = ""
    bytes: int = 0
    until_time: float | None = None
    until_lsn: str = ""
    early: bool = False


@dataclass
class Snapshot(Record):
    """A kept copy of a branch's cluster, with the resources that go with it; `time`, `lsn` and `segment` as of Base."""

    kind = "snapshots"
    source_branch: str = ""
    expire_time: float | None = None
    bytes: int = 0
    time: float = 0.0
    lsn: str = ""
    segment: str = ""
    roles: list[dict[str, Any]] = field(default_factory=list)
    databases: list[dict[str, Any]] = field(default_factory=list)


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
    kind.kind: kind for kind in (Project, Branch, Base, Snapshot, Endpoint, Role, Database, ServicePrincipal, Operation)
}
