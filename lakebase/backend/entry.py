"""What an entry of DATABASES says about Lakebase, read from OPTIONS["lakebase"] alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.utils import OperationalError

from ..control_plane import ENVIRONMENT, Identity
from ..secret import Secret
from ..tokens import Target, TokenSource, source

KEYS = ("endpoint", "project", "branch", "provisioned", "client_id", "client_secret", "connect_deadline")
ENDPOINT_NAME = re.compile(r"projects/[^/]+/branches/[^/]+/endpoints/[^/]+")
RESOURCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")
DEFAULT_BRANCH = "production"
DEFAULT_CONNECT_DEADLINE = 30.0


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

NOTHING_CONFIGURED = (
    "No database is configured. Set LAKEBASE_PROJECT_ID (and LAKEBASE_BRANCH_ID, unless it is production) to the "
    "Lakebase project to use, or run `make run`, which starts Lakebase Local and makes one."
)


class NothingConfigured(ImproperlyConfigured, OperationalError):
    """No database is configured. An OperationalError too: a page answers it as it does one that is out of reach."""


@dataclass(frozen=True)
class Entry:
    """A checked OPTIONS["lakebase"], with the entry's HOST and USER.

    The host matters only for a Provisioned instance: an endpoint's is discovered. No user: the identity's own name.
    """

    mode: Mode
    target: Target = field(default_factory=Target)
    identity: Identity = ENVIRONMENT
    connect_deadline: float = DEFAULT_CONNECT_DEADLINE
    host: str = ""
    user: str = ""

    @property
    def tokens(self) -> TokenSource:
        # Asked for anew each time: a forked process has other ones.
        return source(self.target, self.identity)


def read_entry(settings: Mapping[str, Any], alias: str = "default") -> Entry | None:
    """The entry of a DATABASES alias; None when it has no "lakebase" option and is plain PostgreSQL.

    Raises ImproperlyConfigured naming what is wrong. An empty option is an entry of mode UNCONFIGURED.
    """
    options = settings.get("OPTIONS") or {}
    if "lakebase" not in options:
        return None
    given = options["lakebase"]
    where = f'DATABASES["{alias}"]["OPTIONS"]["lakebase"]'
    if not isinstance(given, Mapping):
        raise ImproperlyConfigured(f'{where} is {given!r}. Make it a mapping like {{"project": "training-app"}}.')
    if unknown := sorted(str(key) for key in given if key not in KEYS):
        raise ImproperlyConfigured(f"{where} has unknown keys: {', '.join(unknown)}. Known are {', '.join(KEYS)}.")
    host, user = str(settings.get("HOST") or ""), str(settings.get("USER") or "")
    mode, target = _target(given, host, where)
    return Entry(mode, target, _identity(given, where), _deadline(given, where), host, user)


def _target(given: Mapping[str, Any], host: str, where: str) -> tuple[Mode, Target]:
    endpoint, project, provisioned = given.get("endpoint"), given.get("project"), given.get("provisioned")
    chosen = [key for key in ("endpoint", "project", "provisioned") if given.get(key)]
    if len(chosen) > 1:
        raise ImproperlyConfigured(f"{where} names {' and '.join(chosen)}. Keep one of them.")
    if endpoint:
        if not ENDPOINT_NAME.fullmatch(str(endpoint)):
            raise ImproperlyConfigured(
                f"{where}: {endpoint!r} is no endpoint. Write projects/PROJECT/branches/BRANCH/endpoints/ENDPOINT, as "
                "`manage.py lakebase info` prints it; on Databricks Apps declare LAKEBASE_ENDPOINT with "
                "`valueFrom: postgres` in app.yaml."
            )
        return Mode.AUTOSCALING, Target(endpoint=str(endpoint))
    if project:
        branch = given.get("branch") or DEFAULT_BRANCH
        for what, name in (("project", project), ("branch", branch)):
            if not RESOURCE_ID.fullmatch(str(name)):
                raise ImproperlyConfigured(
                    f"{where}: {name!r} is no id of a {what}. Ids are lower-case letters, digits and hyphens; "
                    "`manage.py lakebase list` shows them."
                )
        return Mode.AUTOSCALING, Target(project=str(project), branch=str(branch))
    if provisioned:
        _check_provisioned_host(host, where)
        return Mode.PROVISIONED, Target(provisioned=True)
    if given.get("branch"):
        raise ImproperlyConfigured(f"{where} names a branch but no project. Set LAKEBASE_PROJECT_ID.")
    return Mode.UNCONFIGURED, Target()


def _check_provisioned_host(host: str, where: str) -> None:
    if not host:
        raise ImproperlyConfigured(f"{where}: a Provisioned instance is not discovered. Set PGHOST to its host.")
    if host.startswith("ep-"):
        raise ImproperlyConfigured(
            f"{where}: {host} is the host of an Autoscaling endpoint, whose token needs the endpoint's name. Set "
            "LAKEBASE_ENDPOINT=projects/PROJECT/branches/BRANCH/endpoints/ENDPOINT; on Databricks Apps declare it in "
            "app.yaml as `- name: LAKEBASE_ENDPOINT` with `valueFrom: postgres`."
        )


def _identity(given: Mapping[str, Any], where: str) -> Identity:
    client_id, secret = given.get("client_id"), given.get("client_secret")
    if bool(client_id) != bool(secret):
        raise ImproperlyConfigured(f"{where} has one of client_id and client_secret. A login needs both, or neither.")
    if not client_id or not secret:
        return ENVIRONMENT
    return Identity(str(client_id), secret if isinstance(secret, Secret) else Secret(str(secret)))


def _deadline(given: Mapping[str, Any], where: str) -> float:
    deadline = given.get("connect_deadline", DEFAULT_CONNECT_DEADLINE)
    if isinstance(deadline, bool) or not isinstance(deadline, int | float) or not 0 < deadline <= 3600:
        raise ImproperlyConfigured(f"{where}: connect_deadline is {deadline!r}. Give seconds, from 1 to 3600.")
    return float(deadline)
