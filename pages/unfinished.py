"""Which nodes of a measured plan were not asked for all of their rows: few of them came, and nobody had misjudged that.

What Postgres's nodes do is read from its executor, src/backend/executor; the keys are those of EXPLAIN (FORMAT JSON).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Told = dict[str, Any]

# They have read all that is below them before they give their first row, whoever asks for no more than that.
GREEDY = frozenset({"Sort", "Hash", "Bitmap Heap Scan"})
# Plain and hashed ones, too; a sorted one gives each group as soon as it has it.
GREEDY_AGGREGATES = frozenset({"Plain", "Hashed", "Mixed"})
# Of these every row of the other side is wanted, so that one side is read although the other has none.
FILLING = frozenset({"Left", "Full", "Anti"})
HASHED = re.compile(r"hashed (SubPlan \d+)")


def unfinished(root: Told) -> set[int]:
    """The nodes by id(). A WITH query is read to its end when one of those who read it does so."""
    hashed = frozenset(HASHED.findall(str(root)))
    finished: frozenset[str] = frozenset()
    while True:
        walked = list(_walk(root, False, hashed | finished))
        found = frozenset(f"CTE {node['CTE Name']}" for node, stops in walked if "CTE Name" in node and not stops)
        if found == finished:
            return {id(node) for node, stops in walked if stops}
        finished = found


def _walk(node: Told, stops: bool, finished: frozenset[str]) -> Iterator[tuple[Told, bool]]:
    """Each node, and whether it may have been stopped; `finished` are names of subplans that were not."""
    yield node, stops
    for child in node.get("Plans", []):
        if "Subplan Name" in child:
            # EXISTS and IN stop at the first row that decides.
            yield from _walk(child, child["Subplan Name"] not in finished, finished)
        else:
            yield from _walk(child, _stops(node, child) or (stops and not _is_greedy(node)), finished)


def _is_greedy(node: Told) -> bool:
    kind = node["Node Type"]
    return kind in GREEDY or (kind == "Aggregate" and node.get("Strategy") in GREEDY_AGGREGATES)


def _stops(node: Told, child: Told) -> bool:
    """Whether a node itself, whatever is above it, may have stopped this child."""
    kind, join = node["Node Type"], node.get("Join Type")
    is_inner = child.get("Parent Relationship") == "Inner"
    if kind == "Limit":
        return not _is_short_of_its_limit(node, child)
    if kind == "Merge Join":
        return True  # at the end of either side, and some rows of the inner one are read again
    if kind == "Nested Loop":
        return is_inner and (join in ("Semi", "Anti") or bool(node.get("Inner Unique")))
    if kind == "Hash Join":
        (inner,) = (each for each in node["Plans"] if each.get("Parent Relationship") == "Inner")
        return not is_inner and join not in FILLING and bool(inner["Actual Loops"]) and not inner["Actual Rows"]
    return "Run Condition" in node


def _is_short_of_its_limit(node: Told, child: Told) -> bool:
    """Whether a Limit has got fewer rows than it takes, and so all there are.

    It expects no more rows than its limit, except where the planner does not know that: then a tenth of what comes.
    """
    came, expected = node["Actual Rows"], node["Plan Rows"]
    is_guessed = expected == round(child["Plan Rows"] / 10)
    return node["Actual Loops"] == 1 and (not came or (came < expected and not is_guessed))
