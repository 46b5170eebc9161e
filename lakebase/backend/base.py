"""ENGINE = "lakebase.backend": Django's PostgreSQL, logging in with Lakebase tokens where OPTIONS["lakebase"] says so.

An entry without that option is Django's own backend: every override below asks `self.lakebase` first.
"""

from __future__ import annotations

import os
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper
from django.utils.asyncio import async_unsafe
from django.utils.functional import cached_property
from psycopg import IsolationLevel
from psycopg.errors import InsufficientPrivilege
from psycopg_pool import ConnectionPool

from .client import DatabaseClient
from .entry import NOTHING_CONFIGURED, Entry, Mode, NothingConfigured, read_entry
from .login import LakebaseConnection
from .patience import patience
from .pool import DEFAULTS, SPARE_SECONDS, LakebasePool, Pools

# Always there on Lakebase, while a login to `postgres` is not everybody's.
MAINTENANCE_DATABASE = "databricks_postgres"


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL, logging in with a Lakebase token in place of a password."""

    client_class = DatabaseClient
    patience = staticmethod(patience)  # for who knows of the engine no more than what Django tells
    _read: tuple[object, str, str, Entry | None] | None = None
    _connection_pools: dict[str, Any]  # Django's, shared by all wrappers of the process
    _pools = Pools(base.DatabaseWrapper._connection_pools)  # type: ignore[attr-defined]

    @property
    def lakebase(self) -> Entry | None:
        """What OPTIONS["lakebase"] says now (tests change settings_dict); None for plain PostgreSQL."""
        settings = self.settings_dict
        given = settings["OPTIONS"].get("lakebase")
        if given is None:
            return None
        # Asked several times in every request, so read again only when the entry holds another object.
        if self._read is None or self._read[0] is not given or self._read[1:3] != (settings["HOST"], settings["USER"]):
            self._read = (given, settings["HOST"], settings["USER"], read_entry(settings, self.alias))
        return self._read[3]

    @property
    def pool(self) -> ConnectionPool[Any] | None:
        entry = self.lakebase
        if entry is None:
            return super().pool
        pool_options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not pool_options:
            return None
        return self._connection_pools.get(self.alias) or self._make_pool(entry, pool_options)

    def close_pool(self) -> None:
        """Django's own would make a pool in order to close it."""
        if self.lakebase is None:
            super().close_pool()
        elif pool := self._connection_pools.pop(self.alias, None):
            pool.close()

    def _make_pool(self, entry: Entry, pool_options: dict[str, Any] | bool) -> LakebasePool:
        if self.settings_dict.get("CONN_MAX_AGE", 0) != 0:
            raise ImproperlyConfigured("Pooling doesn't support persistent connections. Set CONN_MAX_AGE to 0.")
        # Resolved once for the pool's life, as Django does; the token is not among them: see LakebaseConnection.
        kwargs = self.get_connection_params() | {"autocommit": True}
        options = DEFAULTS | {"name": self.alias, "timeout": entry.connect_deadline + SPARE_SECONDS}
        options |= pool_options if isinstance(pool_options, dict) else {}
        return self._pools.get_or_make(
            self.alias,
            kwargs=kwargs,
            open=False,
            configure=self._configure_connection,  # type: ignore[attr-defined]
            check=ConnectionPool.check_connection if self.settings_dict["CONN_HEALTH_CHECKS"] else None,
            **options,
        )

    def get_connection_params(self) -> dict[str, Any]:
        """Django's parameters, with an Entry where a password would stand. Runs at every checkout: it asks nobody."""
        entry = self.lakebase
        if entry is None:
            return super().get_connection_params()
        if entry.mode is Mode.UNCONFIGURED:
            raise NothingConfigured(NOTHING_CONFIGURED)
        if self.alias in self._connection_pools and self.settings_dict["OPTIONS"].get("pool"):
            return {"lakebase": entry}  # the pool was given the rest when it was made
        params = super().get_connection_params()
        for replaced in ("password", "host", "user"):
            params.pop(replaced, None)
        if self.settings_dict["NAME"] is None:
            params["dbname"] = MAINTENANCE_DATABASE
        params.setdefault("sslmode", "require")
        return params | {"lakebase": entry}

    @async_unsafe
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if "lakebase" not in conn_params:
            return super().get_new_connection(conn_params)
        # As in Django's own, but connecting through LakebaseConnection: there is no seam to pass it in by.
        chosen = self.settings_dict["OPTIONS"].get("isolation_level")
        try:
            self.isolation_level = IsolationLevel(chosen or IsolationLevel.READ_COMMITTED)
        except ValueError:
            raise ImproperlyConfigured(
                f"Invalid transaction isolation level {chosen} specified. Use one of the psycopg.IsolationLevel values."
            ) from None
        if pool := self.pool:
            pool.open()
            connection: Any = pool.getconn()
        else:
            connection = LakebaseConnection.connect(**conn_params)
        if chosen is not None:
            connection.isolation_level = self.isolation_level
        return connection

    @cached_property
    def wrap_database_errors(self) -> DatabaseErrorWrapper:
        return ExplainedErrors(self)


class ExplainedErrors(DatabaseErrorWrapper):
    """Adds the remedy to Postgres's "permission denied", in Lakebase modes."""

    wrapper: DatabaseWrapper

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        if exc_type is None:
            return
        if isinstance(exc_value, InsufficientPrivilege) and self.wrapper.lakebase is not None:
            said = str(exc_value).rstrip()
            remedy = self._remedy(said)
            if remedy and remedy not in said:
                exc_value.args = (f"{said}\nHINT:  {remedy}", *exc_value.args[1:])
        super().__exit__(exc_type, exc_value, traceback)

    def _remedy(self, said: str) -> str:
        role = self.wrapper.connection.info.user if self.wrapper.connection is not None else "ROLE"
        if said.startswith("permission denied for "):
            return f"Let an owner of the project run `manage.py lakebase grant {role}`."
        if said.startswith("must be owner of "):
            return f"{role} does not own it: run this as the owner, who also runs `manage.py migrate`."
        return ""


_abandoned: list[Any] = []


def _leave_parents_connections() -> None:
    """A forked child must not speak on a socket it shares with its parent: its wrappers start without a connection."""
    for wrapper in connections.all(initialized_only=True):
        if isinstance(wrapper, DatabaseWrapper) and wrapper.connection is not None and wrapper.lakebase is not None:
            # Kept, so that the garbage collector does not close what is the parent's; psycopg then warns of nothing.
            wrapper.connection._pool = None
            _abandoned.append(wrapper.connection)
            wrapper.connection = None


os.register_at_fork(after_in_child=_leave_parents_connections)
