"""An array as PostgreSQL writes it, {1,NULL,"a b"}, as JSON, as deep as it is nested."""

from __future__ import annotations

import re
from collections.abc import Callable

# Bounds come first where they do not begin at 1, as in [0:1]={1,2}.
BOUNDS = re.compile(r"(\[[+-]?\d+:[+-]?\d+\])+=")
# A sign, an element in quotes, one without.
TOKEN = re.compile(r'([{},])|"((?:[^"\\]|\\.)*)"|((?:[^{},"\\]|\\.)+)', re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
SIGNS = {"{": "[", "}": "]", ",": ", "}


def json_array(array: str, element: Callable[[str], str]) -> str | None:
    """`element` makes JSON of one element's text. None where it is no such array."""
    bounds = BOUNDS.match(array)
    begin = place = bounds.end() if bounds else 0
    written: list[str] = []
    while found := TOKEN.match(array, place):
        sign, quoted, bare = found.groups()
        if sign:
            written.append(SIGNS[sign])
        else:
            text = ESCAPED.sub(r"\1", bare if quoted is None else quoted)
            written.append("null" if bare == "NULL" else element(text))
        place = found.end()
    return "".join(written) if array[begin : begin + 1] == "{" and place == len(array) else None
