"""A site for gunicorn that used the database before the workers were forked, as a preloaded one may."""

import json
import os
from collections.abc import Callable, Iterable
from typing import Any

import django
from django.conf import settings

OPTIONS = {"lakebase": {"project": os.environ["LAKEBASE_PROJECT_ID"]}, "pool": {"max_size": 4}}
settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "lakebase.backend",
            "NAME": "databricks_postgres",
            "PORT": os.environ["PGPORT"],
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": OPTIONS,
        }
    }
)
django.setup()


def backend() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    return int(pid)


# Left open, also in the pool, at the moment of the fork.
IMPORTED_IN, IMPORTED_WITH = os.getpid(), backend()


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answer {"worker", "backend", "master", "masters_backend"}: process ids here and in Postgres."""
    from django.db import connection

    told = {"worker": os.getpid(), "backend": backend(), "master": IMPORTED_IN, "masters_backend": IMPORTED_WITH}
    connection.close()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(told).encode()]
