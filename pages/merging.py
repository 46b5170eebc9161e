"""What two people did to one row: who changed which field of it since this one read it.

A form brings along a mark of each value as it was read, not the value: a description may be long. Each key of a JSON
object counts by itself, so that two people may add one each.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from enum import Enum
from hashlib import blake2b
from typing import Any, NamedTuple

from .exact_json import written

Path = tuple[str, str | None]
Parts = dict[Path, Any]


class Absent(Enum):
    """In place of the value of a key that is not there, which is another thing than null."""

    ABSENT = ""

    def __str__(self) -> str:
        return ""


class Difference(NamedTuple):
    """A field, or a key in one, as this person's form has it and as it stands in the database now."""

    field: str
    key: str | None
    yours: Any
    theirs: Any


class Merge(NamedTuple):
    """`open`: both have changed it. `came`: only the others have. `values`: theirs, and yours where you changed it."""

    open: list[Difference]
    came: list[Difference]
    values: dict[str, Any]


def marks(values: Mapping[str, Any]) -> dict[str, str]:
    """By field, or "field.key": what tells later whether the value is still the one that was read."""
    return {_name(path): _mark(value) for path, value in _parts(values).items()}


def touched(read: Mapping[str, str], values: dict[str, Any]) -> dict[str, Any]:
    """The fields that are not as they were read; all where that is not known."""
    now = marks(values)
    names = {name for name in {*read, *now} if read.get(name) != now.get(name)}
    return {field: value for field, value in values.items() if any(_field(name) == field for name in names)}


def merge(read: Mapping[str, str], yours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Merge:
    """Where it is not known what was read, all that differs is open; so it is where an object became none."""
    wholes = {field for field in theirs if not isinstance(yours[field], dict) or not isinstance(theirs[field], dict)}
    mine, others = _parts(yours, wholes), _parts(theirs, wholes)
    found = Merge([], [], {})
    merged = dict(others)
    for path in sorted({**others, **mine}, key=lambda each: list(theirs).index(each[0])):
        your, their = mine.get(path, Absent.ABSENT), others.get(path, Absent.ABSENT)
        if _mark(your) == _mark(their):
            continue
        was = read.get(_name(path), None if path[0] in wholes else _mark(Absent.ABSENT)) if read else None
        if was == _mark(your):
            found.came.append(Difference(*path, your, their))
            continue
        merged[path] = your
        if was != _mark(their):
            found.open.append(Difference(*path, your, their))
    found.values.update(_whole(merged, theirs))
    return found


def _parts(values: Mapping[str, Any], wholes: Collection[str] = ()) -> Parts:
    parts: Parts = {}
    for field, value in values.items():
        is_one = field in wholes or not isinstance(value, dict)
        parts |= {(field, None): value} if is_one else {(field, key): part for key, part in value.items()}
    return parts


def _whole(parts: Parts, fields: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {field: {} for field in fields}
    for (field, key), value in parts.items():
        if key is None:
            values[field] = value
        elif value is not Absent.ABSENT:
            values[field][key] = value
    return values


def _name(path: Path) -> str:
    field, key = path
    return field if key is None else f"{field}.{key}"


def _field(name: str) -> str:
    return name.partition(".")[0]


def _mark(value: Any) -> str:
    """The same for what a form sends back untouched: browsers end lines in their own way, forms cut blanks off."""
    if isinstance(value, str):
        value = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    elif isinstance(value, Decimal):
        value = _plain(value)
    elif value is Absent.ABSENT:
        return ""
    return blake2b(written(value, sort_keys=True, default=str).encode(), digest_size=9).hexdigest()


def _plain(number: Decimal) -> Decimal:
    """1.5 for 1.50, as a form may send it back; all digits of a longer one."""
    text = f"{number:f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)
