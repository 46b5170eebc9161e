"""Roles that only read, without a login, into which the site's role may change: what they lack, as SQL.

An AppConfig declares one by `reader = "its_name"`, `reads = ("table", ...)` and `calls = ("function", ...)`. It gets
SELECT on exactly these tables and EXECUTE on these functions of the shop's schema, and nothing of what is made later.
The site's role does not inherit its rights: it must change into it, and has none of its own then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper

from .privileges import Statement, quoted

STATE = """
SELECT n.oid, pg_get_userbyid(n.nspowner), r.oid, coalesce(has_schema_privilege(r.oid, n.oid, 'USAGE'), false),
    EXISTS (
        SELECT FROM pg_auth_members
        WHERE roleid = r.oid AND member = %(member)s AND set_option
    )
FROM pg_namespace AS n LEFT JOIN pg_roles AS r ON r.rolname = %(reader)s WHERE n.nspname = %(name)s
"""
TABLES = """
SELECT relname, pg_get_userbyid(relowner) FROM pg_class
WHERE relnamespace = %(schema)s AND relname = ANY(%(reads)s) AND relkind IN ('r', 'p', 'v', 'm', 'f')
  AND NOT coalesce(has_table_privilege(%(oid)s::oid, oid, 'SELECT'), false)
ORDER BY relname
"""
SURPLUS = """
SELECT c.relname, c.relkind = 'S', pg_get_userbyid(c.relowner), string_agg(given.privilege_type, ', ' ORDER BY 1)
FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS given
WHERE c.relnamespace = %(schema)s AND given.grantee = %(oid)s AND given.grantor = c.relowner
  AND NOT (c.relname = ANY(%(reads)s) AND given.privilege_type = 'SELECT')
GROUP BY 1, 2, 3 ORDER BY 1
"""
ROUTINES = """
SELECT quote_ident(proname), pg_get_function_identity_arguments(oid), pg_get_userbyid(proowner) FROM pg_proc
WHERE pronamespace = %(schema)s AND proname = ANY(%(calls)s)
  AND NOT coalesce(has_function_privilege(%(oid)s::oid, oid, 'EXECUTE'), false)
ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Reader:
    """A role and all that it may read and call in the shop's schema."""

    role: str
    reads: tuple[str, ...]
    calls: tuple[str, ...]


def declared() -> list[Reader]:
    """The readers of the installed apps."""
    return [
        Reader(role, tuple(getattr(config, "reads", ())), tuple(getattr(config, "calls", ())))
        for config in apps.get_app_configs()
        if (role := getattr(config, "reader", None))
    ]


def statements(
    connection: BaseDatabaseWrapper, reader: Reader, schema: str, member: str, member_oid: int
) -> Iterator[Statement]:
    """What makes the reader what it is declared to be, and lets `member` change into it."""
    parameters: dict[str, Any] = {
        "name": schema, "reader": reader.role, "reads": list(reader.reads), "calls": list(reader.calls),
        "member": member_oid,
    }  # fmt: skip
    ((schema_oid, owner, oid, may_look, may_change),) = _rows(connection, STATE, parameters)
    parameters |= {"schema": schema_oid, "oid": oid}
    role, inside = quoted(reader.role), f"{quoted(schema)}."
    if oid is None:
        yield f"CREATE ROLE {role} NOLOGIN", owner
    if not may_look:
        yield f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {role}", owner
    for table, table_owner in _rows(connection, TABLES, parameters):
        yield f"GRANT SELECT ON TABLE {inside}{quoted(table)} TO {role}", table_owner
    for name, is_sequence, table_owner, privileges in _rows(connection, SURPLUS, parameters):
        kind = "SEQUENCE" if is_sequence else "TABLE"
        yield f"REVOKE {privileges} ON {kind} {inside}{quoted(name)} FROM {role}", table_owner
    for routine, arguments, routine_owner in _rows(connection, ROUTINES, parameters):
        yield f"GRANT EXECUTE ON ROUTINE {inside}{routine}({arguments}) TO {role}", routine_owner
    if not may_change:
        yield f"GRANT {role} TO {quoted(member)} WITH INHERIT FALSE, SET TRUE", owner


def _rows(connection: BaseDatabaseWrapper, query: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()
