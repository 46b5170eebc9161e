"""The DATABASES entry, worked out from the environment. The first rule that fits decides what the site connects to."""

from typing import Any

from . import env

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


def database(schema: str) -> dict[str, Any]:
    """One entry of DATABASES whose sessions look for tables in `schema` first."""
    lakebase = lakebase_target()
    options: dict[str, Any] = {"options": f"-c search_path={schema},public"}
    if actor := env.text("LAKESHOP_ACTOR"):  # manage.py's command, where nobody says acting_as()
        options["options"] += f" -c lakeshop.actor={actor}"
    if root_certificate := env.text("PGSSLROOTCERT"):
        options["sslrootcert"] = root_certificate
    if lakebase is None:
        if env.text("PGSSLMODE"):
            options["sslmode"] = env.choice("PGSSLMODE", SSL_MODES, "prefer")
    else:
        options["sslmode"] = env.choice("PGSSLMODE", SSL_MODES, "require")
        # How long it keeps idle connections is the backend's business: no longer than an endpoint takes to fall asleep.
        options["pool"] = {"max_size": env.number("LAKEBASE_POOL_SIZE", 10, least=1, most=200)}
        options["lakebase"] = lakebase | {
            "connect_deadline": env.number("LAKEBASE_CONNECT_DEADLINE", 30, least=1, most=600)
        }
    return {
        "ENGINE": "lakebase.backend",
        "NAME": env.text("PGDATABASE", "databricks_postgres"),
        "HOST": env.text("PGHOST", ""),
        "PORT": env.number("PGPORT", 5432, least=1, most=65535),
        "USER": env.text("PGUSER", ""),
        "PASSWORD": (env.secret("PGPASSWORD") or "") if lakebase is None else "",
        "CONN_MAX_AGE": 60 if lakebase is None else 0,  # Django refuses anything else beside a pool
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def reader_database(schema: str) -> dict[str, Any]:
    """The same database for the query builder: connections of its own, few, that only read and wait for nobody.

    With LAKEBASE_READER_CLIENT_ID and _SECRET they log in as that service principal, which has no rights of its own.
    """
    entry = database(schema)
    options = entry["OPTIONS"]
    options["options"] = (
        "-c default_transaction_read_only=on -c statement_timeout=5s -c lock_timeout=1s "
        "-c idle_in_transaction_session_timeout=60s"
    )
    if "pool" in options:
        options["pool"] = {"max_size": 4}
    client_id, client_secret = env.text("LAKEBASE_READER_CLIENT_ID"), env.secret("LAKEBASE_READER_CLIENT_SECRET")
    if "lakebase" in options and (client_id or client_secret):
        options["lakebase"] |= {"client_id": client_id, "client_secret": client_secret}
    return entry


def lakebase_target() -> dict[str, Any] | None:
    """What to ask the control plane for; None is plain PostgreSQL with a password.

    {"endpoint": name}, {"project": id, "branch": id} or {"provisioned": True}. An empty mapping means that nothing is
    configured: connecting then explains what to set.
    """
    if endpoint := env.text("LAKEBASE_ENDPOINT"):
        return {"endpoint": endpoint}
    if project := env.text("LAKEBASE_PROJECT_ID"):
        return {"project": project, "branch": env.text("LAKEBASE_BRANCH_ID", "production")}
    if not env.text("PGHOST"):
        return {}
    return None if env.secret("PGPASSWORD") else {"provisioned": True}
