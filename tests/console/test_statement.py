"""Which statements are let through, as what, and where a refusal points."""

import re

import pytest

from console.statement import Allowed, Kind, Refused, checked, planned
from tests.console.conftest import allowed

READS = {
    "SELECT 1": Kind.QUERY,
    "  select 1 ; -- the end\n;": Kind.QUERY,
    "-- first\n/* a ; b */ SELECT ';'": Kind.QUERY,
    "(SELECT 1)": Kind.QUERY,
    "SELECT": Kind.QUERY,
    "VALUES (1, 'a'), (2, NULL)": Kind.QUERY,
    "TABLE ecommerce.users": Kind.QUERY,
    "TABLE users LIMIT 5": Kind.QUERY,
    "WITH a AS (SELECT 1 AS n), b AS (SELECT n + 1 FROM a) SELECT * FROM a, b": Kind.QUERY,
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 9) TABLE r": Kind.QUERY,
    "SELECT * FROM users u LEFT JOIN LATERAL (SELECT 1) q ON true": Kind.QUERY,
    "SELECT extract(year FROM now()), trim(' a '), substring('abc' FROM 2), position('a' IN 'b')": Kind.QUERY,
    "SELECT now() AT TIME ZONE 'UTC', CURRENT_USER, 'a' SIMILAR TO 'b', 'a' LIKE 'b' ESCAPE 'c'": Kind.QUERY,
    "SELECT 1 OPERATOR(pg_catalog.+) 2, pg_catalog.lower('A'), 'x'::pg_catalog.text": Kind.QUERY,
    "SELECT NULL::users, jsonb_populate_record(NULL::ecommerce.products, '{}')": Kind.QUERY,
    "SELECT 'users'::regclass, date '2026-01-31', '1'::xml, B'101', X'ff', (ARRAY[1,2])[1], (ROW(1, 2)).f1": Kind.QUERY,
    "SELECT json_object('a': 1), xmlelement(name a, 1)": Kind.QUERY,
    "SELECT count(*) FILTER (WHERE true) OVER w FROM users WINDOW w AS ()": Kind.QUERY,
    "SELECT * FROM json_table('[1]', '$[*]' COLUMNS (n int PATH '$')) AS t": Kind.QUERY,
    "SELECT * FROM users TABLESAMPLE bernoulli (50) REPEATABLE (1)": Kind.QUERY,
    "SELECT * FROM ROWS FROM (generate_series(1, 2), unnest(ARRAY['a'])) WITH ORDINALITY AS t(a, b, c)": Kind.QUERY,
    "SELECT category, sum(price) FROM products GROUP BY GROUPING SETS ((category), ())": Kind.QUERY,
    "SELECT 1 UNION SELECT 2 EXCEPT SELECT 3 INTERSECT SELECT 4 ORDER BY 1 FETCH FIRST 1 ROW WITH TIES": Kind.QUERY,
    'SELECT \'set_config(1)\', $$ DELETE FROM users; $$, "username" AS "DROP TABLE" FROM users': Kind.QUERY,
    "SELECT * FROM pg_stat_activity, pg_catalog.pg_class, information_schema.tables": Kind.QUERY,
    "EXPLAIN SELECT 1": Kind.PLAN,
    "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) WITH a AS (SELECT 1) TABLE a": Kind.PLAN,
    "EXPLAIN ANALYZE VERBOSE VALUES (1)": Kind.PLAN,
    "SHOW ALL": Kind.SETTING,
    "SHOW TIME ZONE": Kind.SETTING,
    "show server_version": Kind.SETTING,
}
# The statement, with the part that is refused between « and »; what the reason says.
POINTED_AT = (
    ("SELECT «pg_sleep»(1)", "only waits"),
    ("SELECT username,\n    «ecommerce.place_order»(1)\nFROM users", "belongs to the schema ecommerce"),
    ("SELECT 'äöü', '😀', «pg_catalog.set_config»('role', 'none', true)", "SHOW and current_setting\\(\\) read them"),
    ("WITH d AS («DELETE» FROM users RETURNING 1) TABLE d", "DELETE deletes rows.*shop's pages"),
    ("SELECT 1;\n\n«DROP» TABLE users", "second statement begins here"),
    ("«DROP» TABLE users", "does more than read"),
    ("«commit»", "COMMIT steers the transaction"),
    ("SELECT * «INTO» copy FROM users", "SELECT INTO makes a table"),
    ("SELECT * FROM users WHERE true «FOR» UPDATE", "lock the rows"),
    ("SELECT * FROM «ecommerce.auth_user»", "does not read ecommerce.auth_user: it is the site's own"),
    ("SELECT * FROM «pg_roles»", "does not read pg_roles: it tells of logins"),
    ("SELECT * FROM «pg_catalog.pg_stat_ssl»", "does not read pg_catalog.pg_stat_ssl: it tells how other machines"),
    ("SELECT E'«\\»u0000'", "Invalid Unicode escape value"),
    ("SELECT * FROM «usres»", "Did you mean users\\?"),
    ("SELECT * FROM «ecommerce.product»", "Did you mean products\\?"),
    ("SELECT «lowr»('A')", "Did you mean lower\\?"),
    ("SELECT 1 «OPERATOR»(public.+) 2", "The operator public.\\+ belongs to the schema public"),
    ("SELECT 'x'::«public.evil»", "The type public.evil is not PostgreSQL's own"),
    ("SELECT * FROM users WHERE user_id = «$1»", "Write the value in its place"),
    ("EXPLAIN (COSTS, «EVIL») SELECT 1", "EXPLAIN has no option EVIL"),
    ("EXPLAIN ANALYZE «UPDATE» users SET email = ''", "EXPLAIN shows the plan of a query, and UPDATE is none"),
    ("SELECT * FROM users WHRE «true»", "Syntax error at or near"),
    ("SELECT 1,\n «'»b", "Unterminated quoted string"),
    ("«\\»d users", "belong to psql"),
    ("SELECT count(*) FROM users AS u WHERE u.«»", "Syntax error at end of input"),
)  # fmt: skip
TOO_LARGE = (
    "SELECT 1" + "+1" * 60,
    "SELECT 1" + "+1" * 30_000,
    "SELECT " + "(" * 20_000,
    "SELECT '" + "x" * 100_000 + "'",
    "SELECT " + ", ".join("1" * 3_000),
)


@pytest.mark.parametrize(("typed", "kind"), READS.items())
def test_what_reads_is_allowed(typed: str, kind: Kind) -> None:
    assert allowed(typed).kind is kind


@pytest.mark.parametrize(("marked", "reason"), POINTED_AT)
def test_a_refusal_points_at_the_part(marked: str, reason: str) -> None:
    before, part, _ = marked.replace("»", "«").split("«")
    refused = checked(marked.replace("«", "").replace("»", ""))
    assert isinstance(refused, Refused) and refused.position is not None
    where = refused.position
    assert (where.start, where.text[: len(part)]) == (len(before), part)
    assert (where.line, where.column) == (before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
    assert re.search(reason, refused.message), refused.message
    assert str(refused) == f"Line {where.line}, column {where.column}, at {where.quoted}: {refused.message}"


def test_an_empty_text_asks_for_a_statement() -> None:
    for typed in ("", "  \n", "-- nothing", ";;", "/* nothing */"):
        refused = checked(typed)
        assert isinstance(refused, Refused) and refused.message.startswith("There is nothing to run.")


@pytest.mark.parametrize("typed", TOO_LARGE, ids=len)
def test_what_is_too_large_for_the_parser_is_refused(typed: str) -> None:
    refused = checked(typed)
    assert isinstance(refused, Refused) and refused.message.startswith("The statement is too large.")


def test_only_the_statement_is_sent() -> None:
    assert allowed(" ; -- note\nSELECT 1 -- one\n; ;").sql == "SELECT 1 -- one\n"


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("SELECT * FROM users", "SELECT * FROM ecommerce.users"),
        ('TABLE "users"', 'TABLE ecommerce."users"'),
        (
            "SELECT users.* FROM ONLY users, products AS p",
            "SELECT users.* FROM ONLY ecommerce.users, ecommerce.products AS p",
        ),
        ("SELECT NULL::users", "SELECT NULL::ecommerce.users"),
        ("SELECT 'ü' FROM users", "SELECT 'ü' FROM ecommerce.users"),
        ("SELECT * FROM ecommerce.users", "SELECT * FROM ecommerce.users"),
        ("WITH users AS (SELECT 1) SELECT * FROM users", "WITH users AS (SELECT 1) SELECT * FROM users"),
        (
            "WITH users AS (SELECT * FROM users) SELECT * FROM users",
            "WITH users AS (SELECT * FROM ecommerce.users) SELECT * FROM users",
        ),
        (
            "SELECT * FROM (WITH users AS (SELECT 1) TABLE users) AS q, users",
            "SELECT * FROM (WITH users AS (SELECT 1) TABLE users) AS q, ecommerce.users",
        ),
        (
            "WITH RECURSIVE users AS (SELECT 1 UNION ALL SELECT * FROM users) SELECT (SELECT 1 FROM users)",
            "WITH RECURSIVE users AS (SELECT 1 UNION ALL SELECT * FROM users) SELECT (SELECT 1 FROM users)",
        ),
    ],
)
def test_the_shops_tables_get_their_schema(typed: str, sent: str) -> None:
    assert allowed(typed).sql == sent


def test_places_in_what_is_sent_lead_to_what_was_typed() -> None:
    statement = allowed(";\nSELECT 'ü', nope FROM users AS u JOIN products ON nope2")
    for word in ("nope", "u", "JOIN", "nope2", "users", "products"):
        sent = statement.sql.index(f" {word}") + 1 if word not in ("users", "products") else statement.sql.index(word)
        found = statement.place(sent + 1)
        assert (found.text, statement.typed[found.start : found.end]) == (word, word)
    # Postgres points at the schema that was written before a name: that is about the name.
    assert statement.place(statement.sql.index("ecommerce.users") + 1).text == "users"
    assert statement.place(statement.sql.index("ecommerce.products") + 3).text == "products"


@pytest.mark.parametrize(
    "typed",
    [
        "{}",
        "EXPLAIN {}",
        "explain analyze verbose {}",
        "EXPLAIN VERBOSE {}",
        "EXPLAIN (ANALYZE, COSTS off, FORMAT JSON) {}",
        "EXPLAIN (ANALYZE) -- ( it\n {}",
        "/* EXPLAIN ( */ EXPLAIN\n(FORMAT TEXT)\n{};",
    ],
)
@pytest.mark.parametrize(
    "query",
    ["SELECT 'ü', nope FROM users", "(SELECT 'ü', nope FROM users)", "WITH a AS (TABLE users) SELECT nope FROM a"],
)
def test_the_plan_takes_the_place_of_what_was_written_before_the_query(typed: str, query: str) -> None:
    statement = planned(allowed(typed.format(query)), measured=False)
    sent = query.replace("users", "ecommerce.users")
    assert (statement.kind, statement.sql) == (Kind.PLAN, f"EXPLAIN (FORMAT JSON) {sent}")
    assert isinstance(checked(statement.sql), Allowed)
    place = statement.place(statement.sql.index("nope") + 1)
    assert statement.typed[place.start : place.end] == "nope"
    measured = planned(statement, measured=True)
    assert measured.sql == f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sent}"


def test_a_setting_has_no_plan() -> None:
    statement = allowed("SHOW search_path")
    assert planned(statement, measured=True) is statement


def test_a_result_is_one_or_the_other() -> None:
    assert isinstance(checked("SELECT 1"), Allowed) and isinstance(checked("DELETE"), Refused)
