"""The page of the query builder: what is typed, run, shown, and refused at its place."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from console import samples
from console.models import PastQuery
from pages.roles import Role
from tests.people import visitor

PATH = "/query/"
HOSTILE = "<script>alert('x')</script>"


def text_of(answer: Any) -> str:
    """Of the answer's part of the page, as people read it."""
    body = answer.content.decode()
    part = body[body.index('id="_answer"') :]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", part)).split())


def run(client: Client, sql: str, **more: str) -> Any:
    answer = client.post(PATH, {"sql": sql} | more)
    assert answer.status_code == 200
    return answer


@pytest.fixture
def person(site: None) -> Client:
    return visitor(Role.VIEWER)


def test_the_page_begins_with_a_statement_and_runs_nothing(person: Client) -> None:
    page = person.get(PATH)
    assert "FROM products" in page.context["sql"]
    assert "The answer appears here" in text_of(page)
    assert not PastQuery.objects.exists()


def test_rows_come_with_their_types(person: Client) -> None:
    told = text_of(run(person, "SELECT name, price FROM products ORDER BY price DESC LIMIT 1"))
    assert "1 row" in told and "numeric(10,2)" in told and "Laptop" in told


def test_a_fragment_is_the_answer_alone(person: Client) -> None:
    answer = person.post(PATH, {"sql": "SELECT 1"}, headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith('<section id="_answer"')


def test_a_refusal_sends_to_pages_that_there_are(person: Client) -> None:
    refused = run(person, "INSERT INTO products (name) VALUES ('Lamp')").context["answer"].trouble.message
    (named,) = re.findall(r"on the pages (.+)\.$", refused)
    editor = visitor(Role.EDITOR)
    pages = [editor.get(address).content.decode() for address in ("/products/", "/users/", "/orders/place")]
    assert re.split(", | and ", named) == [re.findall(r"<h1>(.+?)</h1>", page)[0] for page in pages]


@pytest.mark.parametrize("sample", [each.slug for group in samples.groups() for each in group.samples])
def test_every_sample_opens_and_runs(person: Client, sample: str) -> None:
    opened = person.get(PATH, {"sample": sample})
    answer = run(person, opened.context["sql"])
    assert answer.context["answer"].trouble is None
    assert answer.context["answer"].result is not None


@pytest.mark.parametrize(
    ("sql", "where", "says"),
    [
        ("SELECT 1;\nDELETE FROM products", (2, 1), "A second statement begins here"),
        ("SELECT name,\n  prise FROM products", (2, 3), 'column "prise" does not exist'),
        ("SELECT pg_sleep(1)", (1, 8), "pg_sleep"),
        ("SELEC 1", (1, 1), "Syntax error"),
    ],
)
def test_trouble_is_told_at_its_place(person: Client, sql: str, where: tuple[int, int], says: str) -> None:
    answer = run(person, sql)
    trouble = answer.context["answer"].trouble
    assert (trouble.place.line, trouble.place.column) == where
    assert says in trouble.message
    assert f"Line {where[0]}, column {where[1]}" in text_of(answer)
    assert trouble.quote.part in sql.splitlines()[where[0] - 1]
    # What was typed is still there.
    assert answer.context["sql"] == sql


def test_a_plans_mistake_is_at_its_place_in_what_was_typed(person: Client) -> None:
    trouble = run(person, "SELECT name,\n  prise FROM products", way="plan").context["answer"].trouble
    assert (trouble.place.line, trouble.place.column) == (2, 3)


def test_what_was_typed_is_shown_as_text(person: Client) -> None:
    answer = run(person, f"SELECT '{HOSTILE.replace(chr(39), chr(39) * 2)}' AS \"{HOSTILE}\"")
    assert HOSTILE not in answer.content.decode()
    assert HOSTILE in text_of(answer)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("NULL::text", "NULL"),
        ("''", "empty"),
        ("true", "true"),
        ("'NaN'::float8", "NaN"),
        ("'-infinity'::timestamptz", "-infinity"),
        ("'0044-03-15 BC'::date", "0044-03-15 BC"),
        ("ARRAY[1, NULL, 3]", "{1,NULL,3}"),
        ("int4range(1, 5)", "[1,5)"),
        ("interval '1 day 2 hours'", "1 day 02:00:00"),
        ("'\\xdeadbeef'::bytea", "\\xdeadbeef"),
        ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ("ROW(1, 'a')", "(1,a)"),
        ("'{\"a\": 1.50}'::jsonb", '{"a": 1.50}'),
    ],
)
def test_each_kind_of_value_is_shown(person: Client, value: str, shown: str) -> None:
    assert shown in text_of(run(person, f"SELECT {value} AS it"))


def test_long_json_is_folded_and_laid_out(person: Client) -> None:
    body = run(
        person, "SELECT jsonb_build_object('list', jsonb_agg(n)) FROM generate_series(1, 40) AS n"
    ).content.decode()
    assert '<details class="fold">' in body
    assert "\n    1,\n    2," in unescape(body)


def test_a_short_text_of_some_lines_is_shown_whole(person: Client) -> None:
    assert run(person, "SELECT E'a\\tb\\nc'").context["shown"].lines[0].count(">a\tb\nc</span>") == 1
    assert "<details" in run(person, "SELECT repeat(E'x\\n', 9)").context["shown"].lines[0]


def test_columns_of_one_name_and_none_at_all(person: Client) -> None:
    assert run(person, "SELECT 1 AS a, 2 AS a").content.decode().count('<span dir="auto">a</span>') == 2
    assert "4 rows without columns" in text_of(run(person, "SELECT FROM generate_series(1, 4)"))
    assert "No row is like that" in text_of(run(person, "SELECT 1 WHERE false"))


def test_rows_come_in_pages_and_in_the_order_of_a_column(person: Client) -> None:
    sql = "SELECT n, CASE WHEN n % 2 = 0 THEN n END AS even FROM generate_series(1, 120) AS n"
    second = run(person, sql, page="2")
    assert (second.context["shown"].first, second.context["shown"].last) == (51, 100)
    # By number and not by text, NULL last.
    down = run(person, sql, sort="-2").context["shown"]
    assert ">120<" in down.lines[0] and ">118<" in down.lines[1]
    assert "NULL" in run(person, sql, sort="2", page="3").context["shown"].lines[-1]
    # What names no column or page is as if unsaid.
    assert run(person, sql, sort="9", page="x").context["shown"].first == 1


def test_more_rows_than_are_shown_are_told(person: Client) -> None:
    told = text_of(run(person, "SELECT generate_series(1, 2000)"))
    assert "Only the first 1,000 rows are here: there are more. Read in 0." in told
    assert "Cells of more than 10,000 characters are cut" in text_of(run(person, "SELECT repeat('x', 20000)"))


def test_a_plan_is_a_tree(person: Client) -> None:
    sql = "SELECT p.name, sum(i.quantity) FROM order_items i JOIN products p USING (product_id) GROUP BY 1"
    expected = run(person, sql, way="plan").context["answer"].plan
    assert not expected.is_measured and expected.root.came is None
    measured = run(person, sql, way="measured").context["answer"].plan
    titles = [node.title for node in measured.root.all()]
    assert any(title.startswith("Seq Scan on order_items") for title in titles)
    assert sum(node.share for node in measured.root.all()) == pytest.approx(1, abs=0.05)
    assert "EXPLAIN" not in run(person, "EXPLAIN SELECT 1").context["sql"].replace("EXPLAIN SELECT 1", "")


def test_a_plan_as_lines_and_of_a_setting(person: Client) -> None:
    assert "Result (cost=" in text_of(run(person, "EXPLAIN SELECT 1"))
    for way in ("plan", "measured"):
        drawn = run(person, "EXPLAIN (COSTS off) SELECT name FROM products", way=way).context["answer"].plan
        assert (drawn.root.title, drawn.is_measured) == ("Seq Scan on products", way == "measured")
    assert "SHOW has no plan" in text_of(run(person, "SHOW work_mem", way="plan"))
    assert "16MB" in text_of(run(person, "SHOW work_mem"))


@pytest.mark.parametrize("address", [{"sample": "no-such"}, {"past": "12345"}])
def test_what_is_not_there_is_not_found(person: Client, address: dict[str, str]) -> None:
    assert person.get(PATH, address).status_code == 404


def test_a_statement_may_come_in_the_address(person: Client) -> None:
    page = person.get(PATH, {"sql": "SELECT 42"})
    assert page.context["sql"] == "SELECT 42" and page.context["answer"] is None


@pytest.mark.parametrize("sql", ["", "   ", "\0", "x" * 300_000])
def test_texts_that_are_no_statement_are_answered(person: Client, sql: str) -> None:
    assert run(person, sql).context["answer"].trouble.message


def test_the_page_asks_little(person: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(5):
        person.get(PATH)


def test_the_tables_beside_it_are_those_that_can_be_read(person: Client) -> None:
    page = person.get(PATH)
    assert [table.name for table in page.context["tables"]] == [
        "users",
        "products",
        "orders",
        "order_items",
        "audit_log",
    ]
    (items,) = [table for table in page.context["tables"] if table.name == "order_items"]
    columns = {column.name: column for column in items.columns}
    assert columns["subtotal"].is_generated and columns["order_id"].refers_to == "orders"
    assert any(index.on.startswith("btree (order_id") for index in items.indexes)


def test_a_tables_name_in_quotes_is_told_how_to_be_written(person: Client) -> None:
    for name in ("users", "order_items"):
        trouble = run(person, f"SELECT pg_total_relation_size('{name}')").context["answer"].trouble
        assert f"Write 'ecommerce.{name}'" in trouble.hint
        assert run(person, f"SELECT pg_total_relation_size('ecommerce.{name}')").context["answer"].result
    assert run(person, "SELECT to_regclass('x'), 'y'::regclass").context["answer"].trouble.hint == ""
