"""System checks of the DATABASES entries with ENGINE "lakebase.backend"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Warning
from django.core.exceptions import ImproperlyConfigured

from .backend.entry import Entry, Mode, read_entry

ENGINE = "lakebase.backend"
LONGEST_IDLE_SECONDS = 60


def check_entries(app_configs: object = None, **kwargs: object) -> list[CheckMessage]:
    """Errors for entries that cannot work, warnings for pools that fail after a suspend or keep an endpoint awake."""
    found: list[CheckMessage] = []
    for alias, entry_settings in _aliases():
        try:
            entry = read_entry(entry_settings, alias)
        except ImproperlyConfigured as error:
            found.append(Error(str(error), id="lakebase.E001"))
            continue
        if entry and entry.mode is not Mode.UNCONFIGURED:
            found += [*_errors(alias, entry_settings, entry), *_pool_warnings(alias, entry_settings)]
    return found


def tell_mode(
    app_configs: object = None, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """One line for each alias that says how it logs in, to what."""
    told: list[CheckMessage] = []
    for alias, entry_settings in _aliases():
        if alias not in (databases or ()):
            continue
        try:
            entry = read_entry(entry_settings, alias)
        except ImproperlyConfigured:
            continue  # check_entries says it
        told.append(Info(f'Database "{alias}": {_described(entry, entry_settings)}.', id="lakebase.I001"))
    return told


def _aliases() -> list[tuple[str, dict[str, Any]]]:
    return [(alias, entry) for alias, entry in settings.DATABASES.items() if entry.get("ENGINE") == ENGINE]


def _described(entry: Entry | None, entry_settings: dict[str, Any]) -> str:
    if entry is None:
        return f"plain PostgreSQL on {entry_settings.get('HOST') or 'the local socket'}"
    if entry.mode is Mode.UNCONFIGURED:
        return "nothing configured; set LAKEBASE_PROJECT_ID or run `make run`"
    if entry.mode is Mode.PROVISIONED:
        return f"{entry.mode.label} on {entry.host}"
    who = f", as service principal {entry.identity.client_id}" if entry.identity.client_id else ""
    return f"{entry.mode.label}, {entry.target}{who}"


def _errors(alias: str, entry_settings: dict[str, Any], entry: Entry) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    options = entry_settings.get("OPTIONS") or {}
    if entry_settings.get("PASSWORD"):
        found.append(
            Error(
                f'DATABASES["{alias}"] has a PASSWORD, but Lakebase logs in with tokens.',
                hint="Unset PGPASSWORD, or leave LAKEBASE_ENDPOINT and LAKEBASE_PROJECT_ID unset for plain PostgreSQL.",
                id="lakebase.E002",
            )
        )
    if options.get("sslmode") in ("disable", "allow", "prefer"):
        found.append(
            Error(
                f'DATABASES["{alias}"] has sslmode {options["sslmode"]}, which may send the token unencrypted.',
                hint="Set PGSSLMODE to require, or to verify-full with PGSSLROOTCERT.",
                id="lakebase.E003",
            )
        )
    if options.get("pool") and entry_settings.get("CONN_MAX_AGE", 0) != 0:
        found.append(
            Error(
                f'DATABASES["{alias}"] has both a pool and CONN_MAX_AGE.',
                hint="Set CONN_MAX_AGE to 0: the pool keeps connections.",
                id="lakebase.E004",
            )
        )
    return found


def _pool_warnings(alias: str, entry_settings: dict[str, Any]) -> list[CheckMessage]:
    pool = (entry_settings.get("OPTIONS") or {}).get("pool")
    if not pool:
        return []
    found: list[CheckMessage] = []
    pool = pool if isinstance(pool, dict) else {}
    if not entry_settings.get("CONN_HEALTH_CHECKS"):
        found.append(
            Warning(
                f'The pool of "{alias}" hands out connections unchecked; a suspended endpoint leaves dead ones in it.',
                hint="Set CONN_HEALTH_CHECKS to True.",
                id="lakebase.W001",
            )
        )
    if pool.get("min_size", 0) > 0:
        found.append(
            Warning(
                f'The pool of "{alias}" keeps {pool["min_size"]} connections open, so the endpoint may never sleep.',
                hint="Set min_size to 0.",
                id="lakebase.W002",
            )
        )
    if pool.get("max_idle", 0) > LONGEST_IDLE_SECONDS:
        found.append(
            Warning(
                f'The pool of "{alias}" keeps idle connections and its endpoint awake for {pool["max_idle"]} s.',
                hint=f"Set max_idle below the suspend timeout, {LONGEST_IDLE_SECONDS} s at most.",
                id="lakebase.W003",
            )
        )
    return found
