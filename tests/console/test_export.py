"""Whole results as files: equal to what is shown, safe in a spreadsheet, never silently less than all."""

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from console import export
from console.export import distinct
from console.models import PastQuery
from console.running import AT_ONCE, Limits
from pages.roles import Role
from tests.console.conftest import allowed, value
from tests.people import visitor


@pytest.fixture
def person(site: None) -> Client:
    return visitor(Role.VIEWER)


def file(client: Client, kind: str, sql: str) -> str:
    answer = client.post(f"/query/export.{kind}", {"sql": sql})
    assert answer.status_code == 200 and answer.streaming, answer.content
    assert answer["Content-Disposition"].endswith(f'.{kind}"')
    return b"".join(answer.streaming_content).decode()


def rows(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def test_a_csv_file_holds_every_row(person: Client) -> None:
    found = rows(
        file(person, "csv", "SELECT n, 'row ' || n AS name, NULL AS nothing FROM generate_series(1, 3000) AS n")
    )
    assert found[0] == ["n", "name", "nothing"]
    assert found[1:] == [[str(n), f"row {n}", ""] for n in range(1, 3001)]


def test_a_spreadsheet_runs_none_of_it(person: Client) -> None:
    found = rows(file(person, "csv", "SELECT '=1+1' AS \"=cmd\", -5 AS n, '@x, \"y\"' AS at"))
    assert found == [["'=cmd", "n", "at"], ["'=1+1", "-5", '\'@x, "y"']]


def test_null_and_the_empty_text_are_told_apart(person: Client) -> None:
    text = file(person, "csv", """SELECT NULL AS a, '' AS b, 'a "b", c' AS c, E'x\ny' AS d""")
    assert text == '\ufeffa,b,c,d\r\n,"","a ""b"", c","x\ny"\r\n'


@pytest.mark.parametrize(
    ("array", "written"),
    [
        ("ARRAY[1, NULL, 3]", [1, None, 3]),
        ("'[0:1]={1.50,NaN}'::numeric[]", [1.5, "NaN"]),
        ("ARRAY[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
        ("ARRAY['a b', 'NULL', NULL, '', '{x}']", ["a b", "NULL", None, "", "{x}"]),
        ("ARRAY['a\"b\\c', ',', E'\n']", ['a"b\\c', ",", "\n"]),
        ("ARRAY[true, false]", [True, False]),
        ("""ARRAY['{"a": [1, "b"]}'::jsonb]""", [{"a": [1, "b"]}]),
        ("'{}'::text[]", []),
        ("NULL::int[]", None),
        ("ARRAY[int4range(1, 3)]", ["[1,3)"]),
        ("ARRAY[box '((0,0),(1,1))', NULL]", "{(1,1),(0,0);NULL}"),
        ("'1 2'::int2vector", "1 2"),
    ],
)  # fmt: skip
def test_arrays_are_arrays_in_json(person: Client, array: str, written: Any) -> None:
    assert json.loads(file(person, "json", f"SELECT {array} AS it"))["rows"] == [{"it": written}]


def test_a_json_file_has_values_of_their_kinds(person: Client) -> None:
    sql = """SELECT 1.50 AS price, true AS yes, NULL AS nothing, '{"a": [1, 2]}'::jsonb AS doc, 'NaN'::float8 AS nan,
             'a "b"' AS text, 7 AS n, 8 AS n"""
    told = json.loads(file(person, "json", sql))
    expected = {"price": 1.5, "yes": True, "nothing": None, "doc": {"a": [1, 2]}, "nan": "NaN", "text": 'a "b"'}
    assert told == {"rows": [expected | {"n": 7, "n_2": 8}], "complete": True}
    assert json.loads(file(person, "json", "SELECT 1 WHERE false")) == {"rows": [], "complete": True}
    assert len(json.loads(file(person, "json", "SELECT generate_series(1, 1200) AS n"))["rows"]) == 1200


def test_names_are_told_apart() -> None:
    assert distinct(["a", "a", "a_2", "a", "b"]) == ["a", "a_2", "a_2_2", "a_3", "b"]
    assert distinct([]) == []


def test_a_file_that_is_not_all_says_so(person: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "LIMITS", Limits(rows=10))
    sql = "SELECT generate_series(1, 11) AS n"
    assert rows(file(person, "csv", sql))[-1] == ["Only the first 10 rows are here: there are more."]
    told = json.loads(file(person, "json", sql))
    assert (told["complete"], len(told["rows"])) == (False, 10) and "there are more" in told["note"]


def test_a_cell_that_is_cut_is_told_too(person: Client) -> None:
    sql = "SELECT n, repeat('x', 20000) AS long FROM generate_series(1, 2) AS n"
    note = "2 cells were too long, and only the beginning is here."
    found = rows(file(person, "csv", sql))
    assert (len(found), len(found[1][1]), found[-1]) == (4, 10_000, [note])
    told = json.loads(file(person, "json", sql))
    assert (told["complete"], told["note"], len(told["rows"])) == (False, note, 2)


@pytest.mark.parametrize("sql", ["DELETE FROM products", "SELECT prise FROM products", "SELECT 1/0"])
def test_where_there_is_none_the_page_says_why(person: Client, sql: str) -> None:
    answer = person.post("/query/export.csv", {"sql": sql})
    assert answer.context["answer"].trouble.message
    assert answer.context["sql"] == sql


def test_another_kind_of_file_is_not_there(person: Client) -> None:
    assert person.post("/query/export.xlsx", {"sql": "SELECT 1"}).status_code == 404


def test_a_failure_on_the_way_is_told_on_the_page(person: Client) -> None:
    sql = "SELECT CASE WHEN n = 6000 THEN 1 / (n - 6000) ELSE n END FROM generate_series(1, 7000) AS n"
    answer = person.post("/query/export.json", {"sql": sql})
    assert "division by zero" in answer.context["answer"].trouble.message


def test_a_file_that_is_too_large_is_not_begun(person: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST_BYTES", 10_000)
    answer = person.post("/query/export.csv", {"sql": "SELECT repeat('x', 11000)"})
    assert answer.context["answer"].trouble.title == "Too large"


def test_who_reads_slowly_keeps_no_place_of_a_run(console: str) -> None:
    slow = [export.download(allowed("SELECT generate_series(1, 2000)"), "csv", name="") for _ in range(AT_ONCE + 1)]
    assert value("SELECT 1") == "1"
    for exported in slow:
        assert b"".join(exported.answer.streaming_content).endswith(b"2000\r\n")
        exported.answer.close()


def test_it_is_among_the_persons_queries(person: Client) -> None:
    file(person, "csv", "SELECT generate_series(1, 3000)")
    file(person, "json", "EXPLAIN SELECT 1")
    person.post("/query/export.csv", {"sql": "DELETE FROM products"})
    kept = list(PastQuery.objects.order_by("query_id").values_list("sql", "rows"))
    assert kept[:2] == [("SELECT generate_series(1, 3000)", 3000), ("EXPLAIN SELECT 1", None)]
    assert kept[2:] == [("DELETE FROM products", None)]
    first = PastQuery.objects.earliest("query_id")
    assert first.seconds is not None and first.trouble == ""
