"""Why a connection could not be opened, told apart by what helps: waiting, another token, or a person."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from enum import Enum

import psycopg
from psycopg_pool import PoolTimeout

from ..control_plane import LakebaseError


class Cure(Enum):
    """What helps against a failure."""

    WAIT = "wait"  # the endpoint sleeps or starts, or the network has a moment
    RENEW = "renew"  # perhaps the token is at fault
    PERSON = "person"  # somebody must change something


class LoginFailed(psycopg.OperationalError):
    """No connection could be opened; the text says why and what to do. Django makes its OperationalError of it."""

    def __init__(self, message: str, sqlstate: str | None = None) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate

    def again(self) -> LoginFailed:
        """A copy for another thread: an exception raised in several at once would mix their tracebacks."""
        return copy.copy(self)


class NoAnswer(LoginFailed):
    """The database did not answer within the patience of who asked."""


class PoolExhausted(LoginFailed, PoolTimeout):
    """Every connection that this process may open is in use."""


NO_ANSWER = (
    "The database has not answered in time: it hangs, or has very much to do. "
    "`manage.py lakebase info` shows its state."
)


@dataclass(frozen=True)
class Kind:
    """One way for a login to fail: how the server words it, its SQLSTATE, what helps and what to tell a person."""

    words: re.Pattern[str]
    sqlstate: str | None
    cure: Cure
    remedy: str


@dataclass(frozen=True)
class Failure:
    """One attempt that failed. `said` is the server's or the network's own text, without secrets."""

    said: str
    sqlstate: str | None
    cure: Cure
    remedy: str

    def error(self, *, user: str, database: str, where: str, tried: str = "") -> LoginFailed:
        remedy = self.remedy.format(user=user, database=database, where=where)
        return LoginFailed(
            f"No connection to database {database} on {where} as {user}{tried}: {self.said.rstrip('.')}. {remedy}",
            self.sqlstate,
        )


def _kind(words: str, sqlstate: str | None, cure: Cure, remedy: str) -> Kind:
    return Kind(re.compile(words, re.IGNORECASE), sqlstate, cure, remedy)


# libpq tells the text of a refused login but not its SQLSTATE, so the texts decide. First match wins.
KINDS = (
    _kind(
        r'database ".*" does not exist',
        "3D000",
        Cure.PERSON,
        "Set PGDATABASE to a database of this branch; `manage.py lakebase info` names it (databricks_postgres, unless "
        "you made another).",
    ),
    _kind(
        r"permission denied for database|does not have CONNECT privilege",
        "42501",
        Cure.PERSON,
        "Let an owner of the project run `manage.py lakebase grant {user}`.",
    ),
    _kind(
        r"did not match the security label",
        "28P01",
        Cure.RENEW,
        "The token belongs to another identity than the role. Unset PGUSER, or set it to the identity of DATABRICKS_*; "
        "`manage.py lakebase whoami` prints it.",
    ),
    _kind(
        r'role ".*" does not exist|security label',
        "28000",
        Cure.RENEW,
        "Roles are made for each branch: let an owner of the project run `manage.py lakebase grant {user}`, and check "
        "PGUSER if it is set.",
    ),
    _kind(
        r"not permitted to log in",
        "28000",
        Cure.PERSON,
        "Choose a role that may log in: unset PGUSER, or let an owner run `manage.py lakebase grant ROLE`.",
    ),
    _kind(
        r"FATAL:.*(encrypt|requires? (a )?(TLS|SSL)|(TLS|SSL).*(required|refused))",
        "28000",
        Cure.PERSON,
        "Lakebase takes TLS only: set PGSSLMODE=require (or verify-full).",
    ),
    _kind(
        r"certificate verify failed|root certificate file|server certificate for|does not support SSL|sslmode",
        "08001",
        Cure.PERSON,
        "Set PGSSLROOTCERT to the certificate authority of this host (Lakebase Local keeps its own as ca.crt in its "
        "directory), or PGSSLMODE=require to encrypt without checking it.",
    ),
    _kind(
        r"token|password|authentication failed|no pg_hba.conf entry",
        "28P01",
        Cure.RENEW,
        "A fresh token was refused as well. `manage.py lakebase whoami` prints the identity that logs in; its role is "
        "made on each branch by `manage.py lakebase grant {user}`.",
    ),
    _kind(
        r"is disabled",
        "57P03",
        Cure.PERSON,
        "Enable it in the workspace, or with update_endpoint (mask spec.disabled, disabled=false).",
    ),
    _kind(
        r"too many (connections|clients)|remaining connection slots|connection limit",
        "53300",
        Cure.PERSON,
        "The endpoint has as many connections as its largest size allows. Raise it with `manage.py lakebase resize "
        "--max-cu N`, or lower LAKEBASE_POOL_SIZE or the number of workers.",
    ),
    _kind(
        r"database system is|terminating connection|starting|suspend|not ready|waking|being (started|stopped|deleted)",
        "57P03",
        Cure.WAIT,
        "The endpoint did not wake in time. `manage.py lakebase info` shows its state; LAKEBASE_CONNECT_DEADLINE says "
        "how many seconds a connection waits.",
    ),
    _kind(
        r"failed to resolve host|could not translate host name",
        "08001",
        Cure.WAIT,
        "Neither the system nor a name server knows this host. Check the network, and with `manage.py lakebase info` "
        "that the endpoint still exists.",
    ),
    _kind(
        r"invalid connection option|invalid .* value",
        None,
        Cure.PERSON,
        "Check the OPTIONS of this database.",
    ),
    _kind(
        r"FATAL:",  # some other word of the server: perhaps of an endpoint that was since made anew, elsewhere
        "08004",
        Cure.RENEW,
        "Check the settings of this database; `manage.py lakebase info` shows how to connect.",
    ),
)
UNREACHABLE = Kind(
    re.compile(""),
    "08001",
    Cure.WAIT,
    "Check that this machine reaches {where} (network, firewall), that the endpoint exists (`manage.py lakebase "
    "info`), and for Lakebase Local that it is running (`make run`).",
)
# Names are left out of the comparison: a project may well be called "token-shop".
NAMES = re.compile(r"""(["'])[^"']*\1|projects/\S+()""")
SERVER_TEXT = re.compile(r"(?:FATAL|ERROR|PANIC):\s+(.*)")
NETWORK_TEXT = re.compile(r"^connection (?:failed|is bad): (?:connection to server at .*? failed: )?")


def read_failure(error: Exception, token: str) -> Failure:
    """Tell what an attempt's error means. `token` is taken out, should a server ever repeat it."""
    text = str(error)
    if token:
        text = text.replace(token, "********")
    # The texts of a refusal stand in its first line; DETAIL and HINT follow.
    head = text.split("\n", 1)[0]
    words = NAMES.sub(r"\1\1", head)
    kind = next((kind for kind in KINDS if kind.words.search(words)), UNREACHABLE)
    server = SERVER_TEXT.search(head)
    return Failure(server[1] if server else NETWORK_TEXT.sub("", head), kind.sqlstate, kind.cure, kind.remedy)


def no_login(error: LakebaseError) -> LoginFailed:
    """The control plane gave no login."""
    return LoginFailed(f"No login for the database. {error}", "08001")
