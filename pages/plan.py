"""A plan that Postgres wrote as JSON, as a tree for people: what each node costs by itself, and what looks wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .counted import counted
from .unfinished import unfinished

COSTLY = 0.25  # of the whole
MISJUDGED = 10  # times as many rows as expected, or as few
WORTH_TELLING = 100  # rows, below which neither matters
SIFTED = 1_000  # rows read and thrown away

# Their numbers are no numbers of rows, or are what was asked for.
UNCOUNTED = frozenset({"BitmapAnd", "BitmapOr", "Limit"})

# What is told of a node beside its rows, in this order.
TOLD = (
    "Index Cond", "Recheck Cond", "Hash Cond", "Merge Cond", "Join Filter", "Filter", "One-Time Filter", "Sort Key",
    "Group Key", "Sort Method", "Workers Planned", "Heap Fetches", "Subplan Name", "CTE Name", "Function Name",
)  # fmt: skip


@dataclass(frozen=True)
class Node:
    """`own` is milliseconds where it was measured, else Postgres's units of cost; `share` is its part of the whole."""

    title: str
    about: tuple[tuple[str, str], ...]
    expected: int
    came: int | None
    loops: int
    own: float
    share: float
    is_misjudged: bool
    faults: tuple[str, ...]
    children: tuple[Node, ...]

    @property
    def is_costly(self) -> bool:
        return self.share >= COSTLY

    @property
    def percent(self) -> int:
        return round(self.share * 100)

    def all(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.all()


@dataclass(frozen=True)
class Plan:
    root: Node
    is_measured: bool
    planning: float | None  # milliseconds
    execution: float | None
    text: str

    @property
    def faults(self) -> int:
        return sum(len(node.faults) for node in self.root.all())


def read(text: str) -> Plan | None:
    """The plan, where it was written as JSON, with what it costs, and came whole."""
    try:
        (told,) = json.loads(text)
        root = told["Plan"]
        _ = root["Plan Rows"], root["Total Cost"]
    except (ValueError, TypeError, KeyError):
        return None
    measured = "Actual Total Time" in root
    stopped = unfinished(root) if "Actual Rows" in root else set()
    whole = max(_total(root, measured), 1e-9)
    return Plan(
        _node(root, measured, whole, stopped), measured, told.get("Planning Time"), told.get("Execution Time"), text
    )


def _node(told: dict[str, Any], measured: bool, whole: float, stopped: set[int]) -> Node:
    inner = told.get("Plans", [])
    children = tuple(_node(each, measured, whole, stopped) for each in inner)
    own = max(_total(told, measured) - sum(_total(each, measured) for each in inner), 0.0)
    loops = int(told.get("Actual Loops", 1))
    came = round(told["Actual Rows"] * loops) if "Actual Rows" in told else None
    expected = round(told["Plan Rows"] * max(loops, 1))
    is_stopped = id(told) in stopped
    faults, misjudged = [], []
    if came is not None and loops:
        faults = list(_waste(told, came, loops))
        misjudged = _misjudged(told, expected, came, is_stopped)
    # Said where it begins: those above expect as much or as little because of it.
    is_said = any(each.is_misjudged for each in children) or _repeats(told)
    return Node(
        title=_title(told),
        about=tuple(_about(told)),
        expected=expected,
        came=came,
        loops=loops,
        own=own,
        share=min(own / whole, 1.0),
        is_misjudged=bool(misjudged) or (is_said and is_stopped),
        faults=tuple(faults if is_said else faults + misjudged),
        children=children,
    )


def _total(told: dict[str, Any], measured: bool) -> float:
    """Of the node and those below it: Postgres tells times of one loop."""
    return told["Actual Total Time"] * told["Actual Loops"] if measured else told["Total Cost"]


def _title(told: dict[str, Any]) -> str:
    kind = told["Node Type"]
    if (join := told.get("Join Type", "Inner")) != "Inner":
        kind = f"{kind} ({join})"
    if told.get("Strategy") == "Hashed":
        kind = f"Hash {kind}"
    words = [kind]
    if index := told.get("Index Name"):
        words.append(f"by {index}")
    if relation := told.get("Relation Name") or told.get("CTE Name") or told.get("Function Name"):
        words.append(f"on {relation}")
        if told.get("Alias", relation) != relation:
            words.append(told["Alias"])
    return " ".join(words)


def _about(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in TOLD:
        if name in told:
            value = told[name]
            yield name, ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    read, hit = told.get("Shared Read Blocks", 0), told.get("Shared Hit Blocks", 0)
    if read or hit:
        yield "Pages of 8 kB", f"{hit:,} in memory, {read:,} read"


def _repeats(told: dict[str, Any]) -> bool:
    """Whether it gives the rows of a WITH query, which stands elsewhere in the tree, as they are."""
    return told["Node Type"] == "CTE Scan" and "Filter" not in told


def _misjudged(told: dict[str, Any], expected: int, came: int, is_stopped: bool) -> list[str]:
    if max(expected, came) < WORTH_TELLING or told["Node Type"] in UNCOUNTED:
        return []
    if came >= MISJUDGED * max(expected, 1):
        return [f"{counted(came, 'row')} came where {expected:,} were expected: ANALYZE may help."]
    if expected >= MISJUDGED * max(came, 1) and not is_stopped:
        return [f"{counted(expected, 'row')} were expected and {came:,} came: the planner's statistics say otherwise."]
    return []


def _waste(told: dict[str, Any], came: int, loops: int) -> Iterator[str]:
    removed = told.get("Rows Removed by Filter", 0) * loops
    if removed >= SIFTED and removed >= MISJUDGED * max(came, 1):
        yield f"It reads {removed + came:,} rows to keep {came:,}: an index on what it filters by would spare that."
    if told.get("Sort Space Type") == "Disk":
        yield f"It sorts on disk, {told.get('Sort Space Used', 0):,} kB: work_mem is too small for it."
