"""The only door to the Databricks SDK: typed results out, `LakebaseError` when something is wrong.

The SDK is imported inside functions, since its first import costs seconds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from .control_plane_errors import ControlPlaneDown, LakebaseError, NoEndpoint, explain
from .secret import Secret
from .silence import keep_tokens_out_of_the_log
from .workspace_client import ENVIRONMENT, Client, Identity, client_of, forget_clients

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.service.postgres import Endpoint as SdkEndpoint

__all__ = [
    "ENVIRONMENT",
    "ControlPlaneDown",
    "Credential",
    "Endpoint",
    "Identity",
    "LakebaseError",
    "NoEndpoint",
    "ask",
    "current_user",
    "database_credential",
    "endpoint",
    "forget_clients",
    "host",
    "provisioned_token",
    "read_write_endpoint",
    "workspace",
]

DEADLINE_SECONDS = 7.0

T = TypeVar("T")


@dataclass(frozen=True)
class Endpoint:
    """A compute endpoint as the service describes it now. `state` is its own word: ACTIVE, IDLE, INIT, DEGRADED."""

    name: str
    uid: str
    host: str
    state: str | None
    read_write: bool
    disabled: bool
    min_cu: float | None
    max_cu: float | None
    suspend_after_seconds: float | None

    @property
    def project(self) -> str:
        return self.name.split("/")[1]

    @property
    def branch(self) -> str:
        return self.name.split("/")[3]


@dataclass(frozen=True)
class Credential:
    """A database password for about an hour: checked at login only, so open sessions outlive it."""

    token: Secret
    expire_time: datetime


def workspace(identity: Identity = ENVIRONMENT) -> WorkspaceClient:
    """The SDK's client of `identity`, one for each process. Waits as long as the SDK does; see `ask` for a deadline."""
    return client_of(identity).workspace()


def host(identity: Identity = ENVIRONMENT) -> str | None:
    """The workspace's address, as soon as anything was asked of it."""
    return client_of(identity).host


def load() -> None:
    """Import the SDK, before a deadline begins: its seconds do not count as the workspace's."""
    import databricks.sdk.service.postgres  # noqa: F401


def ask(
    doing: str,
    call: Callable[[WorkspaceClient], T],
    identity: Identity = ENVIRONMENT,
    deadline: float | None = DEADLINE_SECONDS,
) -> T:
    """Do one thing with the workspace client, in `deadline` seconds at most (None: as long as it takes).

    `doing` completes the sentence "Could not ...". Raises a LakebaseError that says cause and remedy. The tracebacks
    of the SDK's own errors are dropped: their frames hold tokens, and Django's debug page would print them.
    """
    load()
    keep_tokens_out_of_the_log()
    client = client_of(identity)
    answer: Future[T] = Future()
    threading.Thread(target=_run, args=(answer, call, client), daemon=True, name="lakebase-control-plane").start()
    try:
        failure = answer.exception(deadline)
    except TimeoutError:
        failure = TimeoutError(f"no answer within {deadline:g} s")
    if failure is None:
        return answer.result()
    explained = explain(failure, doing=doing, host=client.host, client_id=client.identity.client_id)
    if explained is None:
        raise failure
    raise explained from _without_frames(failure)


def _run(answer: Future[T], call: Callable[[WorkspaceClient], T], client: Client) -> None:
    try:
        answer.set_result(client.call(call))
    except BaseException as error:  # noqa: BLE001  carried over to the thread that asked, which raises it
        answer.set_exception(error)


def _without_frames(error: BaseException) -> BaseException:
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error


def current_user(identity: Identity = ENVIRONMENT, deadline: float = DEADLINE_SECONDS) -> str:
    """The name under which `identity` logs in to Postgres: an e-mail address, or a service principal's client id."""
    name = ask("ask who you are", lambda w: w.current_user.me().user_name, identity, deadline)
    if not name:
        raise LakebaseError("The workspace did not say who you are (no userName). Set PGUSER to your Postgres role.")
    return name


def endpoint(name: str, identity: Identity = ENVIRONMENT, deadline: float = DEADLINE_SECONDS) -> Endpoint:
    """The endpoint `projects/P/branches/B/endpoints/E`."""
    found = ask(f"find the endpoint {name}", lambda w: w.postgres.get_endpoint(name=name), identity, deadline)
    return _described(found)


def read_write_endpoint(
    project: str, branch: str, identity: Identity = ENVIRONMENT, deadline: float = DEADLINE_SECONDS
) -> Endpoint:
    """The branch's one endpoint that takes writes; NoEndpoint when there is none."""
    parent = f"projects/{project}/branches/{branch}"
    found = ask(
        f"list the endpoints of branch {branch} of project {project}",
        lambda w: list(w.postgres.list_endpoints(parent=parent)),
        identity,
        deadline,
    )
    if writable := the_read_write(found):
        return writable
    raise NoEndpoint(
        f"Branch {branch} of project {project} has no read-write endpoint. `manage.py lakebase list` shows the "
        "branches and their endpoints; choose one with LAKEBASE_PROJECT_ID and LAKEBASE_BRANCH_ID."
    )


def the_read_write(found: Iterable[SdkEndpoint]) -> Endpoint | None:
    """The one that takes writes; never simply the first, since a branch may list read replicas before it."""
    return next((endpoint for endpoint in map(_described, found) if endpoint.read_write), None)


def _described(found: SdkEndpoint) -> Endpoint:
    from databricks.sdk.service.postgres import EndpointType

    status = found.status
    if status is None or not found.name:
        raise LakebaseError("The workspace described an endpoint without its status. Try again in a minute.")
    suspend = status.suspend_timeout_duration
    return Endpoint(
        name=found.name,
        uid=found.uid or "",
        host=(status.hosts.host if status.hosts else None) or "",
        state=status.current_state.value if status.current_state else None,
        read_write=status.endpoint_type == EndpointType.ENDPOINT_TYPE_READ_WRITE,
        disabled=bool(status.disabled),
        min_cu=status.autoscaling_limit_min_cu,
        max_cu=status.autoscaling_limit_max_cu,
        suspend_after_seconds=suspend.ToTimedelta().total_seconds() if suspend else None,
    )


def database_credential(
    endpoint_name: str, identity: Identity = ENVIRONMENT, deadline: float = DEADLINE_SECONDS
) -> Credential:
    """A fresh token with which `identity` logs in to this endpoint."""
    granted = ask(
        f"get a database token for {endpoint_name}",
        lambda w: w.postgres.generate_database_credential(endpoint=endpoint_name),
        identity,
        deadline,
    )
    expire_time = granted.expire_time.ToDatetime(tzinfo=UTC) if granted.expire_time else None
    return _credential(granted.token, expire_time)


def provisioned_token(identity: Identity = ENVIRONMENT, deadline: float = DEADLINE_SECONDS) -> Credential:
    """The workspace's own OAuth token, which is the password of a Provisioned instance."""
    granted = ask("get an OAuth token of the workspace", lambda w: w.config.oauth_token(), identity, deadline)
    # The SDK counts in naive local time.
    return _credential(granted.access_token, granted.expiry.astimezone(UTC) if granted.expiry else None)


def _credential(token: str | None, expire_time: datetime | None) -> Credential:
    if not token:
        raise LakebaseError("The workspace answered without a database token. Try again in a minute.")
    return Credential(Secret(token), expire_time or datetime.now(UTC) + timedelta(hours=1))
