"""Whether the files below the data directory are those of the records, all of them and no others."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

SEGMENT = slice(8, 24)  # of a log file's name: where it lies, whatever the timeline


@dataclass
class Known:
    """`uids` of branches, snapshots and endpoints; `bases`: of each branch with any, their uids with their segments."""

    uids: set[str] = field(default_factory=set)
    bases: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, state: Path) -> Self:
        """From the emulator's records, while it runs."""
        with closing(sqlite3.connect(f"{state.as_uri()}?mode=ro", uri=True)) as database:
            rows = [(kind, json.loads(body)) for kind, body in database.execute("SELECT kind, body FROM record")]
        known = cls({body["uid"] for kind, body in rows if kind in ("branches", "snapshots", "endpoints")})
        branches = {body["name"]: body["uid"] for kind, body in rows if kind == "branches"}
        for kind, body in rows:
            if kind == "bases":
                branch = branches.get(body["name"].rsplit("/", 2)[0], body["name"])
                known.bases.setdefault(branch, {})[body["uid"]] = body["segment"]
        return known


def left_over(root: Path, known: Known) -> list[str]:
    """Paths below `root` that belong to nothing any more, and those that should be there and are not."""
    templates = {path.name.partition("-")[2] for path in root.glob("template-*")}
    kinds = ("branches", "snapshots", "standbys", "history")
    found = [path for kind in kinds for path in (root / kind).glob("*") if path.name not in known.uids]
    found += [path for path in (root / "logs").glob("*") if not path.name.startswith((*known.uids, "template-"))]
    found += [path for path in (root / "run").glob("*") if path.name not in templates | {u[-12:] for u in known.uids}]
    found += root.glob("template-*.part")
    for history in (root / "history").glob("*"):
        found += _of_history(history, known.bases.get(history.name, {}))
    wanted = [f"history/{branch}/bases/{base}" for branch, bases in known.bases.items() for base in bases]
    missing = {f"{path} is missing" for path in wanted if not (root / path).is_dir()}
    return sorted({str(path.relative_to(root)) for path in found} | missing)


def _of_history(history: Path, bases: dict[str, str]) -> list[Path]:
    """Copies without a record, half archived log, and log before the oldest base."""
    found = [path for path in (history / "bases").glob("*") if path.name not in bases]
    found += (history / "log").glob("*.part")
    first = min((segment[SEGMENT] for segment in bases.values()), default="")
    found += [path for path in (history / "log").glob("?" * 24 + "*") if path.name[SEGMENT] < first]
    return found
