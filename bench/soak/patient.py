"""The REST API as a client asks it that expects the emulator to be killed at any moment."""

import time
import urllib.error
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any

import psycopg

from lakebase.local.child import API
from tests.local.sdk import DATABASE, Sdk

PROJECT = "projects/shop"
PRODUCTION = f"{PROJECT}/branches/production"
PRIMARY, READER = f"{PRODUCTION}/endpoints/primary", f"{PRODUCTION}/endpoints/reader"
PATIENCE = 120.0
# What is over before its time: killed, put to sleep, starting.
BROKEN = (psycopg.OperationalError, psycopg.InterfaceError, OSError)


class Gone(Exception):
    """It does not exist any more."""


class Sourceless(Gone):
    """What it was to be made from does not exist any more."""


class Refused(Exception):
    """The API's answer with its status, for good."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Patient:
    """Asks again while nobody answers, for two minutes: then something is wrong."""

    def __init__(self, sdk: Sdk) -> None:
        self.emulator, self.user = sdk.emulator, sdk.user

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Raises Gone for 404 and Refused for other refusals; OSError when two minutes are over."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self.emulator.ask(method, path, body)
            except urllib.error.HTTPError as refusal:
                message = refusal.read().decode(errors="replace")
                if refusal.code == 404:
                    raise Gone(message) from None
                raise Refused(refusal.code, message) from None
            except (OSError, HTTPException, ValueError, KeyError):
                # No answer, half of one, or no env file yet.
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def connect(self, endpoint: str) -> psycopg.Connection[tuple[Any, ...]]:
        token = self.ask("POST", f"{API}/credentials", {"endpoint": endpoint})["token"]
        return psycopg.connect(
            host="127.0.0.1", port=self.emulator.pg_port, user=self.user, dbname=DATABASE, sslmode="require",
            password=token, autocommit=True, connect_timeout=30,
        )  # fmt: skip

    def make(self, collection: str, key: str, identifier: str, spec: dict[str, Any]) -> str:
        """The name of a new branch, snapshot or endpoint; one that a killed emulator has acknowledged unheard will do.

        Raises Sourceless, and Gone for what was acknowledged and is not there: deleted, expired or lost.
        """
        parent, _, kind = collection.rpartition("/")
        try:
            self.ask("POST", f"{API}/{collection}?{key}={identifier}", {"spec": spec})
        except Gone as refusal:
            raise Sourceless(str(refusal)) from None
        except Refused as refusal:
            if refusal.status != 409:
                raise
        name = f"{parent}/{kind}/{identifier}"
        until = time.monotonic() + PATIENCE
        while not _is_made(self.ask("GET", f"{API}/{name}")["status"]):
            if time.monotonic() > until:
                raise TimeoutError(f"{name} is not ready after two minutes")
            time.sleep(0.1)
        return name

    def branches(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GET", f"{API}/{PROJECT}/branches").get("branches", [])
        return found

    def snapshots(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GET", f"{API}/{PROJECT}/snapshots").get("snapshots", [])
        return found

    def endpoints(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GET", "/_local/info")["endpoints"]
        return found


def _is_made(status: dict[str, Any]) -> bool:
    """A snapshot has no state: it is there when its size is known."""
    return bool(status.get("full_size_bytes")) or status.get("current_state", "INIT") != "INIT"


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
