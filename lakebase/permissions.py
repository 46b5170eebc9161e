"""What the role of the site may do in the database, what it lacks, and the exact SQL that gives it.

The role reads and writes rows and owns nothing: CONNECT, USAGE on the schema, DML on tables, USAGE on sequences,
EXECUTE on functions, and the same for what its owner makes there in future. Nothing in `public` or elsewhere.

An AppConfig may declare `grants = {"table": ("SELECT", ...)}`. A declared table gets exactly these, and what the role
was given beyond them is taken back; tables of models that nothing declares get `ROWS`. Roles that only read, for the
role to change into, are declared as readers.py says.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import ProgrammingError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from . import readers
from .control_plane_errors import LakebaseError
from .privileges import Rights, statements

ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE")
GRANTABLE = (*ROWS, "TRUNCATE", "REFERENCES", "TRIGGER")
MIGRATIONS = "django_migrations"
INSUFFICIENT_PRIVILEGE = "42501"
# Two grants at once fail with "tuple concurrently updated"; this number, "grant" in ASCII, makes one wait.
LOCK = 0x6772616E74


class MayNotGrant(LakebaseError):
    """Whoever is logged in does not own what is to be granted."""


class UnknownRole(LakebaseError):
    """The role does not exist in this branch's Postgres."""


class NoSchema(LakebaseError):
    """Nothing was migrated yet."""


@dataclass(frozen=True)
class Grant:
    """One statement that the role lacks; `owner` is the role that may run it. As text it is the SQL."""

    sql: str
    owner: str

    def __str__(self) -> str:
        return f"{self.sql};"


def needs() -> Rights:
    """What the installed apps need. Raises ImproperlyConfigured for a declaration that names no privilege."""
    tables = {
        model._meta.db_table: ROWS
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and not model._meta.swapped
    }
    declared: dict[str, tuple[str, ...]] = {MIGRATIONS: ("SELECT",)}
    for config in apps.get_app_configs():
        grants: Mapping[str, Iterable[str]] = getattr(config, "grants", {})
        for table, privileges in grants.items():
            declared[table] = _checked(config.label, table, privileges)
    return Rights(schema=settings.SHOP_SCHEMA, tables={**tables, **declared}, exact=frozenset(declared), rows=ROWS)


def missing(connection: BaseDatabaseWrapper, role: str, *, only_reading: bool = False) -> list[Grant]:
    """The statements that bring `role` to what the installed apps need, by the owner's hand; none when it is there.

    `only_reading` is for a login of its own for the readers: all it gets is that it may change into them. Anyone may
    ask, also the role itself. Tables that no migration has made yet are left out: see `unmade`. Raises UnknownRole,
    NoSchema.
    """
    rights = needs()
    oid = _oid(connection, role)
    found = statements(connection, role, oid, rights)
    if found is None:
        raise NoSchema(
            f"The schema {rights.schema} does not exist in this database: nothing was migrated yet. Run "
            "`manage.py migrate` as the owner, then repeat."
        )
    reading = (readers.statements(connection, each, rights.schema, role, oid) for each in readers.declared())
    every = chain(() if only_reading else found, *reading)
    return [Grant(sql, owner) for sql, owner in every]


def unmade(connection: BaseDatabaseWrapper) -> list[str]:
    """The tables that installed apps need and that are not in the database."""
    rights = needs()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(%s))", [rights.schema]
        )
        there = {name for (name,) in cursor.fetchall()}
    return sorted(set(rights.tables) - there)


def apply(connection: BaseDatabaseWrapper, role: str, *, only_reading: bool = False) -> list[Grant]:
    """Run what is missing, all or nothing; returns it. The second time that is nothing.

    `connection` stands in django.db.connections. Raises MayNotGrant naming the owner, UnknownRole, NoSchema, and
    django.db.Error for what else the database refuses.
    """
    with transaction.atomic(using=connection.alias):
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, pg_advisory_xact_lock(%s)", [LOCK])
            user = cursor.fetchone()[0]
        wanted = missing(connection, role, only_reading=only_reading)
        for grant in wanted:
            _run(connection, grant, user, role)
        # A GRANT by someone who may use a table but not grant on it passes with a warning and does nothing.
        if left := missing(connection, role, only_reading=only_reading):
            raise _refused(left[0], user, role)
    return wanted


def told(role: str, granted: list[Grant], *, only_reading: bool = False) -> str:
    """One sentence on what `apply` did."""
    who = "query builder" if only_reading else "site"
    if not granted:
        return f"Role {role} has everything the {who} needs already."
    return f"Role {role} now has everything the {who} needs ({counted(granted)})."


def counted(grants: list[Grant]) -> str:
    return "1 statement" if len(grants) == 1 else f"{len(grants)} statements"


def _run(connection: BaseDatabaseWrapper, grant: Grant, user: str, role: str) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(grant.sql)
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", None) == INSUFFICIENT_PRIVILEGE:
            raise _refused(grant, user, role) from error
        raise


def _refused(grant: Grant, user: str, role: str) -> MayNotGrant:
    return MayNotGrant(
        f"{user} may not run `{grant}` since the owner is {grant.owner}. Run `manage.py lakebase grant "
        f"{shlex.quote(role)}` as {grant.owner}; nothing was changed."
    )


def _oid(connection: BaseDatabaseWrapper, role: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_roles WHERE rolname = %s", [role])
        found = cursor.fetchone()
    if found is None:
        raise UnknownRole(
            f"This branch has no Postgres role {role}. Make it with `manage.py lakebase create-role "
            f"{shlex.quote(role)}`, then repeat: roles belong to a branch."
        )
    oid: int = found[0]
    return oid


def _checked(label: str, table: str, privileges: Iterable[str]) -> tuple[str, ...]:
    given = tuple(privileges)
    if isinstance(privileges, str) or not set(given) <= set(GRANTABLE):
        raise ImproperlyConfigured(
            f"The grants of the app {label} give {privileges!r} on {table}. Write a tuple of words from "
            f"{', '.join(GRANTABLE)}."
        )
    return given
