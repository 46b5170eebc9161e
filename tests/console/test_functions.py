"""The list of functions against the server's own catalogs."""

import pytest

from console import functions
from lakebase.backend.base import DatabaseWrapper

# What is in PostgreSQL 18 and not in 16 or 17.
NEWER_NAMES = """
array_reverse array_sort casefold crc32 crc32c gamma lgamma jsonb_populate_record_valid pg_basetype random_normal to_bin
to_oct icu_unicode_version unicode_version uuid_extract_timestamp uuid_extract_version uuidv4 uuidv7 xmltext
"""
NEWER = set(NEWER_NAMES.split())
# Syntax with the look of a function.
SYNTAX = {"current_catalog"}


def asked(owner: DatabaseWrapper, question: str) -> set[str]:
    with owner.cursor() as cursor:
        cursor.execute(question, [sorted(functions.ALLOWED)])
        return {name for (name,) in cursor.fetchall()}


def test_each_is_a_function_or_type_of_postgres(owner: DatabaseWrapper) -> None:
    known = asked(owner, "SELECT proname FROM pg_proc WHERE pronamespace = 11 AND proname = ANY(%s)")
    known |= asked(owner, "SELECT typname FROM pg_type WHERE typnamespace = 11 AND typname = ANY(%s)")
    assert functions.ALLOWED - known - NEWER - SYNTAX == set()


def test_none_is_volatile_but_those_that_say_why(owner: DatabaseWrapper) -> None:
    volatile = asked(
        owner, "SELECT proname FROM pg_proc WHERE pronamespace = 11 AND provolatile = 'v' AND proname = ANY(%s)"
    )
    assert volatile <= functions.CHANGING
    assert functions.CHANGING <= functions.ALLOWED


def test_no_operator_is_volatile_and_no_cast_to_a_type_of_postgres(owner: DatabaseWrapper) -> None:
    """An operator is a function, and all of pg_catalog's may be written; so is a cast, by ::."""
    behind = (
        "SELECT proname FROM pg_proc AS p WHERE provolatile = 'v' AND proname <> ALL(%s) AND (EXISTS (SELECT FROM "
        "pg_operator AS o WHERE o.oprcode = p.oid AND oprnamespace = 11) OR EXISTS (SELECT FROM pg_cast AS c JOIN "
        "pg_type AS t ON t.oid = c.casttarget WHERE c.castfunc = p.oid AND t.typnamespace = 11))"
    )
    assert asked(owner, behind) == set()


def test_none_takes_a_query_as_text_or_an_inner_argument(owner: DatabaseWrapper) -> None:
    inner = (
        "SELECT proname FROM pg_proc WHERE pronamespace = 11 AND proname = ANY(%s) AND prokind = 'f' AND "
        "('internal'::regtype = ANY(proargtypes) OR proname ~ '_to_xml|^ts_stat|^ts_rewrite|^cursor|^dblink' "
        "OR 'query' = ANY(proargnames) OR 'sqlquery' = ANY(proargnames))"
    )
    assert asked(owner, inner) <= {"querytree"}


def test_none_is_closed_to_everybody(owner: DatabaseWrapper) -> None:
    """What Postgres itself does not let everyone call reaches further than a reader should."""
    closed = (
        "SELECT proname FROM pg_proc WHERE pronamespace = 11 AND proname = ANY(%s) AND proacl IS NOT NULL "
        "AND NOT has_function_privilege('lakeshop_reader', oid, 'EXECUTE')"
    )
    assert asked(owner, closed) == set()


def test_no_function_that_a_row_can_be_handed_to_by_a_dot_changes_anything(owner: DatabaseWrapper) -> None:
    """row.name is name(row), which the parser cannot tell from a column."""
    reachable = (
        "SELECT proname FROM pg_proc WHERE pronamespace = 11 AND provolatile = 'v' AND pronargs >= 1 "
        "AND pronargs - pronargdefaults <= 1 AND proname <> ALL(%s) AND proname !~ '^pg_' AND proargtypes[0] IN ("
        "SELECT oid FROM pg_type WHERE typtype = 'p' AND typname IN ('record', 'any', 'anyelement', 'anynonarray', "
        "'anycompatible', 'anycompatiblenonarray'))"
    )
    assert asked(owner, reachable) == set()


@pytest.mark.parametrize(
    "name", ["set_config", "query_to_xml", "pg_read_file", "nextval", "pg_sleep", "dblink", "nope"]
)
def test_a_refusal_says_why(name: str) -> None:
    reason = functions.refusal(name)
    assert reason is not None and reason.startswith(f"The function {name} ") and reason.endswith(".")
