"""The records on disk: SQLite with full fsync, so that what was acknowledged survives a kill at any moment."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from lakebase.local.records import KINDS, ComputeSettings, Record

R = TypeVar("R", bound=Record)


class Store:
    """All records in memory, every change written through. Used by the event loop's thread only."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS record (name TEXT PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL)"
        )
        self._database.execute("CREATE TABLE IF NOT EXISTS setting (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        self._records = self._read_all()

    @contextmanager
    def together(self) -> Iterator[None]:
        """All puts and drops inside are written, or none. No await inside."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            self._records = self._read_all()
            raise
        self._database.execute("COMMIT")

    def put(self, record: Record) -> None:
        self._database.execute(
            "INSERT INTO record (name, kind, body) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET body = excluded.body",
            (record.name, record.kind, json.dumps(asdict(record))),
        )
        self._records[record.name] = record

    def drop(self, name: str) -> None:
        self._database.execute("DELETE FROM record WHERE name = ?", (name,))
        self._records.pop(name, None)

    def get(self, kind: type[R], name: str) -> R | None:
        record = self._records.get(name)
        return record if isinstance(record, kind) else None

    def all(self, kind: type[R], parent: str | None = None) -> list[R]:
        """Records of one kind in the order of their making; of one parent when given."""
        return [
            record
            for record in self._records.values()
            if isinstance(record, kind) and (parent is None or record.parent == parent)
        ]

    def below(self, name: str) -> list[Record]:
        """Everything whose name lies under `name`."""
        return [record for record in self._records.values() if record.name.startswith(f"{name}/")]

    def setting(self, key: str) -> Any:
        row = self._database.execute("SELECT value FROM setting WHERE key = ?", (key,)).fetchone()
        return json.loads(row[0]) if row else None

    def set(self, key: str, value: Any) -> None:
        self._database.execute("INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)", (key, json.dumps(value)))

    def close(self) -> None:
        self._database.close()

    def _read_all(self) -> dict[str, Record]:
        rows = self._database.execute("SELECT kind, body FROM record ORDER BY rowid")
        return {record.name: record for record in (_read(*row) for row in rows)}


def _read(kind: str, body: str) -> Record:
    fields = json.loads(body)
    for nested in ("compute", "default_endpoint"):
        if nested in fields:
            fields[nested] = ComputeSettings(**fields[nested])
    return KINDS[kind](**fields)
