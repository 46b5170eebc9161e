"""A branch as a test reaches it: its endpoint, a token for it, a session on it, the variables that name it."""

from dataclasses import dataclass
from typing import Any

import psycopg

from lakebase.local.child import API, LocalLakebase
from lakebase.local.cluster.branching import DATABASE


@dataclass(frozen=True)
class OwnBranch:
    """`name` is "projects/p/branches/b"; `user` the owner of everything in it."""

    lakebase: LocalLakebase
    name: str
    user: str
    database: str = DATABASE

    @property
    def endpoint(self) -> str:
        return f"{self.name}/endpoints/primary"

    def token(self) -> str:
        """A new token, the password of a session; valid for an hour."""
        return str(self.lakebase.post(f"{API}/credentials", {"endpoint": self.endpoint})["token"])

    def connect(self, **options: Any) -> psycopg.Connection[tuple[Any, ...]]:
        """A session of psycopg's as the owner, with a new token, changed by `options`."""
        arguments: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": self.lakebase.pg_port,
            "user": self.user,
            "dbname": self.database,
            "sslmode": "require",
            "password": options.get("password") or self.token(),
        }
        return psycopg.connect(**(arguments | options))

    def environment(self) -> dict[str, str]:
        """What a Databricks App with this branch as its resource is given, and the way to the workspace."""
        return self.lakebase.environment() | {
            "LAKEBASE_ENDPOINT": self.endpoint,
            "PGHOST": "127.0.0.1",
            "PGUSER": self.user,
            "PGDATABASE": self.database,
        }
