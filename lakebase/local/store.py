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
        self._read_all()

    @contextmanager
    def together(self) -> Iterator[None]:
        """All puts and drops inside are written, or none. No await inside."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            self._read_all()
            raise
        self._database.execute("COMMIT")

    def put(self, record: Record) -> None:
        self._database.execute(
            "INSERT INTO record (name, kind, body) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET body = excluded.body",
            (record.name, record.kind, json.dumps(asdict(record))),
        )
        self._keep(record)

    def drop(self, name: str) -> None:
        self._database.execute("DELETE FROM record WHERE name = ?", (name,))
        record = self._records.pop(name, None)
        if record is not None:
            del self._kinds[record.kind][name]
            del self._families[record.kind, record.parent][name]
            if not self._families[record.kind, record.parent]:
                del self._families[record.kind, record.parent]

    def get(self, kind: type[R], name: str) -> R | None:
        record = self._records.get(name)
        return record if isinstance(record, kind) else None

    def all(self, kind: type[R], parent: str | None = None) -> list[R]:
        """Records of one kind in the order of their making; of one parent when given."""
        found = self._kinds.get(kind.kind, {}) if parent is None else self._families.get((kind.kind, parent), {})
        return [record for record in found.values() if isinstance(record, kind)]

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

    def _read_all(self) -> None:
        self._records: dict[str, Record] = {}
        # The same once more, for whoever asks each second for what belongs to each of 500 branches.
        self._kinds: dict[str, dict[str, Record]] = {}
        self._families: dict[tuple[str, str], dict[str, Record]] = {}
        for kind, body in self._database.execute("SELECT kind, body FROM record ORDER BY rowid"):
            self._keep(_read(kind, body))

    def _keep(self, record: Record) -> None:
        self._records[record.name] = record
        self._kinds.setdefault(record.kind, {})[record.name] = record
        self._families.setdefault((record.kind, record.parent), {})[record.name] = record


def _read(kind: str, body: str) -> Record:
    fields = json.loads(body)
    for nested in ("compute", "default_endpoint"):
        if nested in fields:
            fields[nested] = ComputeSettings(**fields[nested])
    return KINDS[kind](**fields)
