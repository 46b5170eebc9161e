"""JSON laid out over lines without being read: every digit stays, and what was cut is laid out as far as it goes."""

import re
from itertools import pairwise

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}\[\],:]|[^\s"{}\[\],:]+')
OPENING, CLOSING = frozenset("{["), frozenset("}]")


def indented(json: str) -> str:
    written: list[str] = []
    depth = 0
    for before, token in pairwise(["", *TOKEN.findall(json)]):
        if token in CLOSING:
            depth = max(depth - 1, 0)
        # What is empty stays in one line.
        is_inside = before in OPENING and token not in CLOSING
        if is_inside or before == "," or (token in CLOSING and before not in OPENING):
            written.append("\n" + "  " * depth)
        written.append(": " if token == ":" else token)
        if token in OPENING:
            depth += 1
    return "".join(written)
