"""Rows in the order of one of their columns, by what its values mean: they are texts here."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from .result import Family, Row

DATE = re.compile(r"(?P<year>\d{4,})-(?P<rest>.*?)(?P<bc> BC)?", re.ASCII)
UNITS = {"year": 31_557_600, "mon": 2_592_000, "day": 86_400}
UNIT = re.compile(r"(-?\d+) (year|mon|day)s?")
CLOCK = re.compile(r"(-?)(\d+):(\d\d):(\d\d(?:\.\d+)?)")


def in_order(rows: list[Row], place: int, family: Family, *, descending: bool) -> list[Row]:
    """Sorted by the cells at `place`, equal ones as they came, NULL last."""
    key = KEYS.get(family, _text)
    there = [row for row in rows if row[place] is not None]
    nulls = [row for row in rows if row[place] is None]
    return [*sorted(there, key=lambda row: key(row[place] or ""), reverse=descending), *nulls]


def _text(cell: str) -> Any:
    return cell.casefold(), cell


def _number(cell: str) -> Any:
    """As Postgres orders them: NaN after infinity. A sum of money bears signs that are no part of the number."""
    try:
        number = Decimal(re.sub(r"[^\w.+-]", "", cell))
    except InvalidOperation:
        return 2, Decimal(0), cell
    return (1, Decimal(0), "") if number.is_nan() else (0, number, "")


def _time(cell: str) -> Any:
    if cell.endswith("infinity"):
        return -1 if cell.startswith("-") else 1, 0, ""
    if found := DATE.fullmatch(cell):
        return 0, 1 - int(found["year"]) if found["bc"] else int(found["year"]), found["rest"]
    return 0, 0, cell


def _interval(cell: str) -> Any:
    if cell.endswith("infinity"):
        return float("-inf") if cell.startswith("-") else float("inf")
    seconds = float(sum(int(count) * UNITS[unit] for count, unit in UNIT.findall(cell)))
    if clock := CLOCK.search(cell):
        hours = int(clock[2]) * 3600 + int(clock[3]) * 60 + float(clock[4])
        seconds += -hours if clock[1] else hours
    return seconds


KEYS: dict[Family, Callable[[str], Any]] = {Family.NUMBER: _number, Family.TIME: _time, Family.INTERVAL: _interval}
