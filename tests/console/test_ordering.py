"""Rows in the order of what their texts mean."""

import pytest

from console.indented import indented
from console.ordering import in_order
from console.result import Family


@pytest.mark.parametrize(
    ("family", "ordered"),
    [
        (Family.NUMBER, ["-Infinity", "-10", "-9.5", "2", "10", "1e3", "Infinity", "NaN", None]),
        (Family.NUMBER, ["-$3.00", "$2.50", "$1,000.00", None]),
        (Family.TIME, ["-infinity", "0044-03-15 BC", "0001-01-01", "1999-12-31", "10000-01-01", "infinity", None]),
        (Family.TIME, ["08:00:00", "09:30:00"]),
        (Family.INTERVAL, ["-1 days", "00:00:05", "1 day 02:00:00", "1 mon", "1 year"]),
        (Family.TEXT, ["apple", "Banana", "cherry", None]),
        (Family.BOOLEAN, ["f", "t", None]),
    ],
)
def test_values_are_in_order(family: Family, ordered: list[str | None]) -> None:
    rows = [(cell,) for cell in reversed(ordered)]
    assert [cell for (cell,) in in_order(rows, 0, family, descending=False)] == ordered
    there = [cell for cell in ordered if cell is not None]
    nulls: list[str | None] = [None] * (len(ordered) - len(there))
    assert [cell for (cell,) in in_order(rows, 0, family, descending=True)] == [*reversed(there), *nulls]


@pytest.mark.parametrize(
    ("json", "over_lines"),
    [
        ('{"a": 1.50, "b": [], "c": {}}', '{\n  "a": 1.50,\n  "b": [],\n  "c": {}\n}'),
        ('[1, [2, "x, {y}"], null]', '[\n  1,\n  [\n    2,\n    "x, {y}"\n  ],\n  null\n]'),
        ('{"cut": "no en', '{\n  "cut": "no en'),
        ("12", "12"),
        ("", ""),
    ],
)
def test_json_is_laid_out_to_the_digit(json: str, over_lines: str) -> None:
    assert indented(json) == over_lines
