"""Statements made at random out of PostgreSQL's grammar: the check answers each, and lets through only what reads.

A statement that has a hostile part, however deep and in whatever place an expression can stand, is refused.
"""

import os
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.mistakes import QueryFailed
from console.running import Limits, run
from console.statement import Allowed, Kind, Refused, checked
from lakebase.backend.base import DatabaseWrapper
from tests.console.unchanged import fingerprint

pytestmark = pytest.mark.fuzz

FUZZ = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
every = settings(
    max_examples=10_000 if FUZZ else 300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
some = settings(every, max_examples=1_000 if FUZZ else 60)
few = settings(every, max_examples=100 if FUZZ else 10)  # each with a fingerprint of the whole database
# A transaction that reads, a role that may not: what the check lets through never comes to either.
WRITES = ("25006", "42501")

TABLES = st.sampled_from(["users", "ecommerce.products", "orders AS o", "pg_class", "generate_series(1, 3) AS g(n)"])
PLAIN = st.sampled_from(["1", "NULL", "'it''s'", "$$;$$", "true", "username", "now()", "E'\\\\'", "'a'::text", "1.5e3"])
HOSTILE = st.sampled_from(
    [
        "set_config('role', 'none', true)",
        "pg_catalog.pg_sleep(9)",
        "ecommerce.place_order(1)",
        "nextval('ecommerce.users_user_id_seq')",
        "query_to_xml('delete from ecommerce.users', true, true, '')",
        "(1 OPERATOR(public.+) 2)",
        "'x'::public.evil",
        "(SELECT 1 FROM ecommerce.auth_user)",
        "(SELECT 1 FROM users FOR UPDATE)",
        "(WITH d AS (DELETE FROM users RETURNING 1) SELECT 1 FROM d)",
        "$1",
    ]
)


def inside(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions with such a part in them."""
    around = st.sampled_from(
        [
            "lower({})", "({})", "CASE WHEN true THEN {} ELSE NULL END", "coalesce(NULL, {})", "ARRAY[{}]",
            "ROW({}, 1)",
            "NOT ({}) IS NULL", "({})::text", "1 + ({})", "({}) IN (1, 2)", "EXISTS (SELECT {})", "greatest({}, 1)",
            "count({}) FILTER (WHERE true)", "sum(1) OVER (PARTITION BY {} ORDER BY 1)", "(SELECT {} LIMIT 1)",
            "(VALUES ({}))", "nullif({}, 1)", "json_build_object('a', {})", "({}) BETWEEN 1 AND 2", "- ({})",
            "string_agg('a', 'b' ORDER BY {})", "({}) LIKE 'a' ESCAPE 'b'", "({}) COLLATE \"C\"",
            "substring('a' FROM {})",
            "ANY_VALUE({})", "(ARRAY[1])[{}]", "({}) IS DISTINCT FROM 1", "1 = ANY (ARRAY[{}])",
            "extract(year FROM {})",
        ]
    )  # fmt: skip
    return st.recursive(part, lambda inner: st.builds(lambda form, it: form.format(it), around, inner), max_leaves=4)


def queries(expression: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Statements with such an expression in one of the places where one can stand."""
    form = st.sampled_from(
        [
            "SELECT {} FROM {}", "SELECT 1 FROM {1} WHERE {0} IS NULL", "SELECT 1 FROM {1} GROUP BY {0}",
            "SELECT 1 FROM {1} HAVING {0} IS NULL", "SELECT 1 FROM {1} ORDER BY {0}",
            "SELECT DISTINCT ON ({0}) 1 FROM {1}",
            "SELECT 1 FROM {1} LIMIT {0}", "SELECT 1 FROM {1} OFFSET {0}", "VALUES ({0}), (1)",
            "SELECT 1 UNION SELECT {0}",
            "WITH q AS (SELECT {0} FROM {1}) SELECT * FROM q", "SELECT * FROM {1}, LATERAL (SELECT {0}) AS l",
            "SELECT * FROM (SELECT {0} FROM {1}) AS q", "SELECT * FROM {1} JOIN users AS j ON ({0}) IS NULL",
            "EXPLAIN SELECT {0} FROM {1}", "EXPLAIN (ANALYZE, FORMAT JSON) SELECT {0}",
            "WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT 2 FROM r WHERE {0} IS NULL) TABLE r",
            "SELECT rank() OVER w FROM {1} WINDOW w AS (ORDER BY {0})", "SELECT * FROM unnest(ARRAY[{0}])",
            "SELECT * FROM {1} WHERE 1 IN (SELECT {0})", "SELECT 1 GROUP BY GROUPING SETS (({0}), ())",
        ]
    )  # fmt: skip
    around = st.sampled_from(["{}", "{};", " {} ; ", "/* ; */ {} -- ; DELETE FROM users", "({})", "-- DROP\n{}"])

    def written(shape: str, part: str, table: str, frame: str) -> str:
        statement = shape.format(part, table)
        return frame.format(statement) if frame != "({})" or not statement.startswith("EXPLAIN") else statement

    return st.builds(written, form, expression, TABLES, around)


@every
@given(st.one_of(st.text(max_size=200), queries(inside(PLAIN)), queries(inside(HOSTILE))))
def test_every_text_gets_an_answer(typed: str) -> None:
    answer = checked(typed)
    if isinstance(answer, Refused):
        assert answer.message
        where = answer.position
        assert where is None or 0 <= where.start <= where.end <= len(typed)
    else:
        assert isinstance(checked(answer.sql), Allowed)


@every
@given(queries(inside(HOSTILE)))
def test_a_hostile_part_is_found_wherever_it_stands(typed: str) -> None:
    refused = checked(typed)
    assert isinstance(refused, Refused) and refused.position is not None


@every
@given(queries(inside(PLAIN)), st.sampled_from(["DELETE FROM users", "SELECT 1", "COMMIT", "DROP TABLE users"]))
def test_a_second_statement_is_found_behind_any_first(first: str, second: str) -> None:
    assert isinstance(checked(f"{first}\n;{second}"), Refused)


@some
@given(typed=queries(inside(PLAIN)))
def test_what_is_let_through_gives_rows_or_a_mistake(console: str, typed: str) -> None:
    answer = checked(typed)
    if isinstance(answer, Allowed):
        try:
            found = run(answer, limits=Limits(seconds=1, rows=20))
        except QueryFailed as failure:
            assert failure.sqlstate not in WRITES
            return
        assert len(found.rows) <= 20


@few
@given(typed=queries(inside(HOSTILE)))
def test_what_is_refused_would_change_nothing(console: str, owner: DatabaseWrapper, typed: str) -> None:
    before = fingerprint(owner)
    with suppress(QueryFailed):
        run(Allowed(Kind.QUERY, typed.rstrip("; "), typed), limits=Limits(seconds=0.2, rows=5))
    assert fingerprint(owner) == before
