"""Rows in the order of a column: Postgres's own, of all of them, whatever the statement is."""

import pytest

from console.indented import indented
from console.mistakes import QueryFailed, Reason
from console.ordering import Order, asked
from console.result import Result
from console.running import SHOWN, Limits, run
from tests.console.conftest import allowed

NULL = None


def sorted_by(order: str, sql: str, limits: Limits = SHOWN) -> Result:
    return run(allowed(sql), order=asked(order), limits=limits)


@pytest.mark.parametrize(
    ("type_name", "ordered"),
    [
        ("numeric", ["-Infinity", "-10", "2", "10", "NaN", NULL]),
        ("money", ["-$3.00", "$2.50", "$1,000.00"]),
        ("date", ["-infinity", "0044-03-15 BC", "0001-01-01", "10000-01-01", "infinity", NULL]),
        ("interval", ["-1 days", "00:00:05", "1 day 02:00:00", "1 mon", "1 year"]),
        ("text", ["apple", "Banana", "cherry", NULL]),
        ("varchar", ["a", "B"]),
        ("int[]", ["{9}", "{10}", "{11,1}"]),
        ("int4range", ["empty", "[2,3)", "[9,10)", "[10,20)"]),
        ("inet", ["10.0.0.9", "10.0.0.10"]),
        ("jsonb", ["9", "10", "{}"]),
        # Of these there is no order but that of their text.
        ("json", ["10", "9", NULL]),
        ("point[]", ['{"(10,1)"}', '{"(9,1)"}']),
    ],
)
def test_values_are_in_their_types_order(console: str, type_name: str, ordered: list[str | None]) -> None:
    sql = f"SELECT 0, v FROM (VALUES {', '.join(_quoted(cell) for cell in reversed(ordered))}) AS given(t), "
    sql += f"LATERAL (SELECT t::{type_name}) AS cast_to(v)"
    assert [cell for _, cell in sorted_by("2", sql).rows] == ordered
    there = [cell for cell in ordered if cell is not None]
    assert [cell for _, cell in sorted_by("-2", sql).rows] == [*reversed(there), *ordered[len(there) :]]


def _quoted(cell: str | None) -> str:
    return "(NULL)" if cell is None else f"('{cell}')"


def test_all_rows_are_in_order_and_the_first_of_them_shown(console: str) -> None:
    found = sorted_by("-1", "SELECT n FROM generate_series(1, 2000) AS n -- all")
    assert (found.rows[0], len(found.rows), found.order) == (("2000",), 1000, Order(0, descending=True))


def test_equal_ones_stay_as_the_statement_has_them(console: str) -> None:
    sql = "SELECT n % 2, n FROM generate_series(1, 9) AS n ORDER BY n DESC"
    assert [n for _, n in sorted_by("1", sql).rows] == ["8", "6", "4", "2", "9", "7", "5", "3", "1"]


def test_settings_are_in_order_and_a_plan_stays_as_it_is(console: str) -> None:
    names = [name for name, *_ in sorted_by("-1", "SHOW ALL").rows]
    assert names == sorted(names, key=lambda name: str(name).lower(), reverse=True)
    assert sorted_by("1", "EXPLAIN SELECT 1").order is None


@pytest.mark.parametrize("order", ["", "0", "-0", "x", "--1", "1;", "99999", "2"])
def test_what_names_no_column_is_as_if_unsaid(console: str, order: str) -> None:
    assert sorted_by(order, "VALUES (2), (1)").rows == [("2",), ("1",)]


def test_a_mistake_of_the_statement_is_told_as_without_an_order(console: str) -> None:
    with pytest.raises(QueryFailed, match=r"function lower\(integer, integer\) does not exist"):
        sorted_by("1", "SELECT lower(1, 2)")


def test_too_much_to_be_sorted_is_told(console: str) -> None:
    with pytest.raises(QueryFailed) as failed:
        sorted_by("1", "SELECT n FROM generate_series(1, 100000000) AS n", Limits(seconds=0.1))
    assert failed.value.reason is Reason.TOO_SLOW and failed.value.hint.startswith("To bring them in order")


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
