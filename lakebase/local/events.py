"""What happened, in order: logins, refusals, mints, wakes, suspends and the life of branches.

Kept in a SQLite file of its own without fsync: it must survive a killed emulator, not a power cut.
Labs and tests read it; tokens never stand in it.
"""

import json
import sqlite3
import time
from pathlib import Path
from typing import Any

KEPT = 20_000


class EventLog:
    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS event"
            " (id INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL)"
        )
        self._prune()

    def record(self, kind: str, **fields: Any) -> None:
        """Append one event; `fields` must be JSON values."""
        row = self._database.execute(
            "INSERT INTO event (at, kind, body) VALUES (?, ?, ?)", (time.time(), kind, json.dumps(fields, default=str))
        )
        if row.lastrowid and row.lastrowid % 1000 == 0:
            self._prune()

    def read(self, *, kind: str | None = None, after: int = 0, limit: int = 200) -> list[dict[str, Any]]:
        """The oldest `limit` events behind id `after`, each {"id", "at" (epoch seconds), "kind", ...fields}."""
        rows = self._database.execute(
            "SELECT id, at, kind, body FROM event WHERE id > ? AND (? IS NULL OR kind = ?) ORDER BY id LIMIT ?",
            (after, kind, kind, limit),
        )
        return [{"id": number, "at": at, "kind": kind, **json.loads(body)} for number, at, kind, body in rows]

    def latest(self, limit: int) -> list[dict[str, Any]]:
        """The newest `limit` events, oldest first."""
        (newest,) = self._database.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()
        return self.read(after=max(0, newest - limit), limit=limit)

    def close(self) -> None:
        self._database.close()

    def _prune(self) -> None:
        self._database.execute("DELETE FROM event WHERE id <= (SELECT max(id) FROM event) - ?", (KEPT,))
