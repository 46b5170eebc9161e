"""One statement is run: every kind of value comes as Postgres's text, and no more of anything than was asked for."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest
from django.db import connections

from console.apps import ALIAS
from console.mistakes import QueryFailed, Reason
from console.result import Cut, Family
from console.running import AT_ONCE, Limits, running
from tests.console.conftest import allowed, ask, value

pytestmark = pytest.mark.usefixtures("console")

# A value as SQL, as text, its type, its family.
VALUES = (
    ("1", "1", "integer", Family.NUMBER),
    ("1::bigint", "1", "bigint", Family.NUMBER),
    ("12345678901234567890.10::numeric(30,2)", "12345678901234567890.10", "numeric(30,2)", Family.NUMBER),
    ("'NaN'::numeric", "NaN", "numeric", Family.NUMBER),
    ("'-Infinity'::float8", "-Infinity", "double precision", Family.NUMBER),
    ("'infinity'::numeric", "Infinity", "numeric", Family.NUMBER),
    ("0.1::float8 + 0.2::float8", "0.30000000000000004", "double precision", Family.NUMBER),
    ("true", "t", "boolean", Family.BOOLEAN),
    ("NULL", None, "text", Family.TEXT),
    ("''", "", "text", Family.TEXT),
    ("'ü😀'::varchar(9)", "ü😀", "character varying(9)", Family.TEXT),
    ("'a'::char(3)", "a  ", "character(3)", Family.TEXT),
    ("'users'::name", "users", "name", Family.TEXT),
    ("'ecommerce.users'::regclass", "ecommerce.users", "regclass", Family.TEXT),
    ("'infinity'::timestamptz", "infinity", "timestamp with time zone", Family.TIME),
    ("'-infinity'::date", "-infinity", "date", Family.TIME),
    ("'0044-03-15 BC'::date", "0044-03-15 BC", "date", Family.TIME),
    ("'294276-12-31 23:59:59'::timestamptz", "294276-12-31 23:59:59+00", "timestamp with time zone", Family.TIME),
    ("'2026-01-31 12:00+02'::timestamptz", "2026-01-31 10:00:00+00", "timestamp with time zone", Family.TIME),
    ("'24:00'::time", "24:00:00", "time without time zone", Family.TIME),
    ("interval '1 year 2 months -3 days 04:05:06.7'", "1 year 2 mons -3 days +04:05:06.7", "interval", Family.INTERVAL),
    ("int4range(1, 5)", "[1,5)", "int4range", Family.RANGE),
    ("'empty'::tstzrange", "empty", "tstzrange", Family.RANGE),
    ("'{[1,2),[3,)}'::int8multirange", "{[1,2),[3,)}", "int8multirange", Family.RANGE),
    ("'{\"a\": [1, null]}'::jsonb", '{"a": [1, null]}', "jsonb", Family.JSON),
    ("'{\"a\" :1}'::json", '{"a" :1}', "json", Family.JSON),
    ("'null'::jsonb", "null", "jsonb", Family.JSON),
    ("ARRAY[1, NULL, 3]", "{1,NULL,3}", "integer[]", Family.ARRAY),
    ("ARRAY[['a,b', ''], ['\"', NULL]]", '{{"a,b",""},{"\\"",NULL}}', "text[]", Family.ARRAY),
    ("'{}'::int[]", "{}", "integer[]", Family.ARRAY),
    ("'[0:1]={1,2}'::int[]", "[0:1]={1,2}", "integer[]", Family.ARRAY),
    ("'\\x00ff'::bytea", "\\x00ff", "bytea", Family.BYTES),
    ("''::bytea", "\\x", "bytea", Family.BYTES),
    ("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "uuid", Family.UUID),
    ("ROW(1, NULL, 'x')", "(1,,x)", "record", Family.ROW),
    ("ROW(NULL, NULL)", "(,)", "record", Family.ROW),
    ("'127.0.0.1'::inet", "127.0.0.1", "inet", Family.OTHER),
    ("'10.0.0.0/8'::cidr", "10.0.0.0/8", "cidr", Family.OTHER),
    ("'101'::bit(3)", "101", "bit(3)", Family.OTHER),
    ("'(1,2)'::point", "(1,2)", "point", Family.OTHER),
    ("'a & b'::tsquery", "'a' & 'b'", "tsquery", Family.OTHER),
    ("to_tsvector('simple', 'b a')", "'a':2 'b':1", "tsvector", Family.OTHER),
)  # fmt: skip


@pytest.mark.parametrize(("written", "text", "type_name", "family"), VALUES)
def test_a_value_is_postgres_own_text(written: str, text: str | None, type_name: str, family: Family) -> None:
    found = ask(f"SELECT {written} AS v")
    (column,) = found.columns
    assert (found.rows, column.name, column.type, column.family) == ([(text,)], "v", type_name, family)


def test_columns_of_one_name_and_without_one() -> None:
    found = ask('SELECT 1 AS a, 2 AS a, 3, username AS "a b" FROM users LIMIT 1')
    assert [column.name for column in found.columns] == ["a", "a", "?column?", "a b"]
    assert found.rows == [("1", "2", "3", "johndoe")]


def test_no_columns_and_no_rows() -> None:
    assert (ask("SELECT FROM users").columns, ask("SELECT FROM users").rows) == ((), [()] * 5)
    nothing = ask("SELECT username FROM users WHERE false")
    assert ([column.name for column in nothing.columns], nothing.rows, nothing.limited) == (["username"], [], "")


def test_the_order_is_the_statements() -> None:
    assert [row[0] for row in ask("SELECT n FROM generate_series(1, 900) AS n ORDER BY -n").rows][:2] == ["900", "899"]
    assert ask("VALUES ('b'), ('a')").rows == [("b",), ("a",)]
    assert ask("SELECT 1 -- a comment at the end").rows == [("1",)]


def test_plans() -> None:
    found = ask("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) SELECT * FROM users")
    assert [column.name for column in found.columns] == ["QUERY PLAN"]
    assert found.rows[0][0] is not None and found.rows[0][0].startswith("Seq Scan on users (actual rows=5")
    in_json = ask("EXPLAIN (FORMAT JSON) SELECT * FROM users")
    assert (in_json.columns[0].family, len(in_json.rows)) == (Family.JSON, 1)


def test_settings() -> None:
    found = ask("SHOW transaction_read_only")
    assert (found.columns[0].name, found.rows) == ("transaction_read_only", [("on",)])
    assert value("SHOW TIME ZONE") == "UTC"
    every = ask("SHOW ALL")
    assert [column.name for column in every.columns] == ["name", "setting", "description"]
    assert len(every.rows) > 200


def test_rows_are_capped_and_it_is_said() -> None:
    assert ask("SELECT generate_series(1, 1000)").limited == ""
    found = ask("SELECT generate_series(1, 1001)")
    assert (len(found.rows), found.limited) == (1000, "Only the first 1,000 rows are here: there are more.")
    few = ask("SELECT generate_series(1, 1000000)", Limits(rows=3))
    assert (len(few.rows), few.limited) == (3, "Only the first 3 rows are here: there are more.")


def test_more_rows_than_one_portion() -> None:
    found = ask("SELECT generate_series(1, 12000)", Limits(rows=20_000))
    assert (len(found.rows), found.rows[-1], found.limited) == (12_000, ("12000",), "")
    exact = ask("SELECT generate_series(1, 10001)", Limits(rows=10_000))
    assert (len(exact.rows), exact.limited != "") == (10_000, True)


def test_large_cells_are_cut_by_the_server() -> None:
    found = ask("SELECT repeat('ü', 20000), 'short', repeat('ab', 20000)::bytea, to_jsonb(repeat('x', 20000))")
    text, short, some_bytes, document = found.rows[0]
    assert (text, isinstance(text, Cut), isinstance(short, Cut)) == ("ü" * 10_000, True, False)
    assert isinstance(some_bytes, Cut) and some_bytes.startswith("\\x6162") and len(some_bytes) == 10_000
    assert isinstance(document, Cut) and found.has_cut_cells
    whole = value("SELECT repeat('x', 10000)")
    assert whole is not None and len(whole) == 10_000 and not isinstance(whole, Cut)


def test_all_cells_together_are_limited() -> None:
    found = ask("SELECT repeat('x', 9000) FROM generate_series(1, 1000)")
    assert 400 < len(found.rows) < 500
    assert found.limited == f"Only the first {len(found.rows):,} rows are here: they are large, and there may be more."


def test_many_columns() -> None:
    found = ask("SELECT " + ", ".join(f"repeat('{n % 10}', 5000) AS c{n}" for n in range(500)) + " FROM users")
    assert len(found.columns) == 500
    assert sum(len(cell or "") for row in found.rows for cell in row) < 8_000_000


# Statement with the place marked, if Postgres gives one; SQLSTATE; what it says.
MISTAKES = (
    ("SELECT «nope» FROM users", "42703", 'column "nope" does not exist'),
    ("SELECT 'ü', 1\nFROM users AS u\nWHERE «u.nope» = 1", "42703", "does not exist"),
    ("WITH q AS (SELECT * FROM users, products) SELECT «q.nope» FROM q, orders", "42703", "does not exist"),
    ("EXPLAIN SELECT «nope» FROM users", "42703", "does not exist"),
    ("SELECT «lower»(1, 2)", "42883", "function lower(integer, integer) does not exist"),
    ("SELECT «'x'»::int", "22P02", "invalid input syntax"),
    ("SELECT username, «count»(*) FROM users", "42803", "must appear in the GROUP BY"),
    ("SELECT 1/0", "22012", "division by zero"),
    ("SELECT username::int FROM users", "22P02", 'invalid input syntax for type integer: "'),
    ("SELECT (SELECT user_id FROM users)", "21000", "more than one row"),
    ("SHOW no_such_setting", "42704", "unrecognized configuration parameter"),
    ("SELECT repeat('x', 2000000000)", "54000", "requested length too large"),
    ("SELECT * FROM users LIMIT -1", "2201W", "LIMIT must not be negative"),
)  # fmt: skip


@pytest.mark.parametrize(("marked", "sqlstate", "said"), MISTAKES)
def test_a_mistake_is_told_with_its_place(marked: str, sqlstate: str, said: str) -> None:
    with pytest.raises(QueryFailed) as failed:
        ask(marked.replace("«", "").replace("»", ""))
    failure = failed.value
    assert (failure.reason, failure.sqlstate) == (Reason.MISTAKE, sqlstate)
    assert said in failure.message
    if sqlstate == "42803":
        return  # the place is another column's
    before, _, rest = marked.partition("«")
    if rest:
        assert failure.position is not None
        assert (failure.position.start, failure.position.text) == (len(before), rest.partition("»")[0])
    else:
        assert failure.position is None


def test_hints_and_details_come_along() -> None:
    with pytest.raises(QueryFailed) as failed:
        ask("SELECT usrname FROM users")
    assert failed.value.hint == 'Perhaps you meant to reference the column "users.username".'
    with pytest.raises(QueryFailed) as failed:
        ask("SELECT '{\"a\": }'::jsonb")
    assert failed.value.detail == 'Expected JSON value, but found "}".'


def test_a_large_error_is_cut_by_the_server() -> None:
    with pytest.raises(QueryFailed) as failed:
        ask("SELECT repeat('x', 3000000)::int", Limits(seconds=60))
    assert (failed.value.sqlstate, len(failed.value.message)) == ("22P02", 2000)
    with pytest.raises(QueryFailed) as failed:
        ask("SELECT repeat(username, 300000)::int FROM users", Limits(seconds=60))
    assert (failed.value.sqlstate, len(failed.value.message)) == ("22P02", 2000)


def test_a_long_line_of_a_plan_is_cut_by_the_server() -> None:
    found = ask("EXPLAIN SELECT * FROM users WHERE email = repeat('x', 1000000)", Limits(seconds=60, line=1_000))
    assert max(len(row[0] or "") for row in found.rows) == 1_000 and found.has_cut_cells


def test_a_query_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(QueryFailed) as failed:
        ask("SELECT count(*) FROM generate_series(1, 10000000000)", Limits(seconds=0.2))
    assert failed.value.reason is Reason.TOO_SLOW
    assert str(failed.value) == "The query was stopped: a query here may take 0.2 seconds."
    assert "EXPLAIN" in failed.value.hint


def test_portions_share_the_time() -> None:
    slow = "SELECT n, (SELECT count(*) FROM generate_series(1, 20000)) + n FROM generate_series(1, 1000000) AS n"
    with pytest.raises(QueryFailed) as failed:
        ask(slow.replace("20000)", "20000) AS g WHERE g > n"), Limits(seconds=0.5, rows=1_000_000))
    assert failed.value.reason is Reason.TOO_SLOW


def test_who_comes_when_all_runs_are_taken_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.running.QUEUE_SECONDS", 0.01)
    with ExitStack() as others:
        for _ in range(AT_ONCE):
            others.enter_context(a_run_of_somebody_else())
        with pytest.raises(QueryFailed, match=r"^3 other queries are running\. Try again") as failed:
            ask("SELECT 2")
    assert failed.value.reason is Reason.BUSY
    assert value("SELECT 3") == "3"


@contextmanager
def a_run_of_somebody_else() -> Iterator[None]:
    """Another thread's, which has a connection of its own and keeps it."""
    started, done = threading.Event(), threading.Event()

    def other() -> None:
        with running(allowed("SELECT 1")):
            started.set()
            done.wait(30)

    thread = threading.Thread(target=other)
    thread.start()
    assert started.wait(30)
    try:
        yield
    finally:
        done.set()
        thread.join()


@pytest.mark.parametrize("typed", ["SELECT 1", "SELECT 1/0", "SELECT nope", "EXPLAIN SELECT 1", "SHOW ALL"])
def test_nothing_is_left_of_a_run(typed: str) -> None:
    reader = connections[ALIAS]
    with suppress(QueryFailed):
        ask(typed)
    assert reader.connection is None
    with reader.cursor() as cursor:
        cursor.execute(
            "SELECT current_user = session_user, current_setting('search_path') LIKE 'pg_catalog%', "
            "(SELECT count(*) FROM pg_cursors WHERE name = 'console'), current_setting('application_name')"
        )
        assert cursor.fetchone() == (True, False, 0, "")
    reader.close()


def test_the_session_only_reads_outside_of_a_run_too() -> None:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT current_setting('default_transaction_read_only')")
        assert cursor.fetchone() == ("on",)
    connections[ALIAS].close()
