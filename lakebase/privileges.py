"""The privileges of one role as Postgres's catalogs tell them, against what it should have.

Objects are looked up by oid: by name, has_table_privilege() fails for whoever may not look into the schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

Statement = tuple[str, str]  # SQL and the role that owns what it is about

TABLES = """
SELECT c.relname, pg_get_userbyid(c.relowner), string_agg(needed.privilege, ', ' ORDER BY needed.position)
FROM unnest(%(tables)s::text[], %(privileges)s::text[]) WITH ORDINALITY AS needed(name, privilege, position)
JOIN pg_class AS c ON c.relname = needed.name AND c.relnamespace = %(schema)s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
WHERE NOT has_table_privilege(%(role)s::oid, c.oid, needed.privilege)
GROUP BY c.relname, c.relowner ORDER BY c.relname
"""
# Only what the owner gave to this very role: the rest is not the owner's to take back.
SURPLUS = """
SELECT c.relname, pg_get_userbyid(c.relowner), string_agg(given.privilege_type, ', ' ORDER BY given.privilege_type)
FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS given
WHERE c.relnamespace = %(schema)s AND c.relname = ANY(%(exact)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND given.grantee = %(role)s AND given.grantor = c.relowner AND c.relowner <> %(role)s
  AND (c.relname::text, given.privilege_type) NOT IN (
    SELECT * FROM unnest(%(tables)s::text[], %(privileges)s::text[]))
GROUP BY c.relname, c.relowner ORDER BY c.relname
"""
# CASE keeps the planner from asking about what is no sequence, which is an error.
SEQUENCES = """
SELECT relname, pg_get_userbyid(relowner) FROM pg_class
WHERE relnamespace = %(schema)s
  AND CASE WHEN relkind = 'S' THEN NOT has_sequence_privilege(%(role)s::oid, oid, 'USAGE') END
ORDER BY relname
"""
ROUTINES = """
SELECT quote_ident(proname), pg_get_function_identity_arguments(p.oid), pg_get_userbyid(proowner)
FROM pg_proc AS p
WHERE pronamespace = %(schema)s AND prokind IN ('f', 'p', 'w')
  AND NOT has_function_privilege(%(role)s::oid, p.oid, 'EXECUTE')
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e')
ORDER BY 1, 2
"""
FUTURE = """
SELECT wanted.kind, string_agg(wanted.privilege, ', ' ORDER BY wanted.position)
FROM unnest(%(kinds)s::text[], %(defaults)s::text[]) WITH ORDINALITY AS wanted(kind, privilege, position)
WHERE NOT pg_has_role(%(role)s::oid, %(owner)s::oid, 'USAGE') AND NOT EXISTS (
  SELECT FROM pg_default_acl AS d CROSS JOIN LATERAL aclexplode(d.defaclacl) AS given
  WHERE d.defaclrole = %(owner)s AND d.defaclnamespace = %(schema)s AND d.defaclobjtype = wanted.kind::"char"
    AND given.grantee = %(role)s AND given.privilege_type = wanted.privilege)
GROUP BY wanted.kind ORDER BY min(wanted.position)
"""
KINDS = {"r": "TABLES", "S": "SEQUENCES", "f": "FUNCTIONS"}


@dataclass(frozen=True)
class Rights:
    """What a role should have in `schema`: privileges by table, exactly these for the tables in `exact`, and `rows` on
    every future table."""

    schema: str
    tables: Mapping[str, tuple[str, ...]]
    exact: frozenset[str]
    rows: tuple[str, ...]


def statements(connection: BaseDatabaseWrapper, role: str, role_oid: int, rights: Rights) -> Iterator[Statement] | None:
    """The GRANTs that `role` lacks and the REVOKEs of what it has too much; None when the schema does not exist."""
    found = _rows(
        connection,
        "SELECT n.oid, n.nspowner, pg_get_userbyid(n.nspowner), has_schema_privilege(%s::oid, n.oid, 'USAGE'),"
        " current_database(), pg_get_userbyid(d.datdba), has_database_privilege(%s::oid, d.oid, 'CONNECT')"
        " FROM pg_namespace AS n, pg_database AS d WHERE n.nspname = %s AND d.datname = current_database()",
        [role_oid, role_oid, rights.schema],
    )
    if not found:
        return None
    schema_oid, owner_oid, owner, may_look, database, database_owner, may_connect = found[0]
    pairs = [(table, privilege) for table, privileges in rights.tables.items() for privilege in privileges]
    defaults = [*(("r", privilege) for privilege in rights.rows), ("S", "USAGE"), ("f", "EXECUTE")]
    parameters = {
        "role": role_oid, "schema": schema_oid, "owner": owner_oid, "exact": list(rights.exact),
        "tables": [table for table, _ in pairs], "privileges": [privilege for _, privilege in pairs],
        "kinds": [kind for kind, _ in defaults], "defaults": [privilege for _, privilege in defaults],
    }  # fmt: skip

    def compared() -> Iterator[Statement]:
        to = f"TO {quoted(role)}"
        if not may_connect:
            yield f"GRANT CONNECT ON DATABASE {quoted(database)} {to}", database_owner
        if not may_look:
            yield f"GRANT USAGE ON SCHEMA {quoted(rights.schema)} {to}", owner
        yield from _on_objects(connection, rights.schema, role, parameters)
        for kind, privileges in _rows(connection, FUTURE, parameters):
            makes = f"ALTER DEFAULT PRIVILEGES FOR ROLE {quoted(owner)} IN SCHEMA {quoted(rights.schema)}"
            yield f"{makes} GRANT {privileges} ON {KINDS[kind]} {to}", owner

    return compared()


def quoted(name: str) -> str:
    """An identifier as SQL text."""
    return '"' + name.replace('"', '""') + '"'


def _on_objects(
    connection: BaseDatabaseWrapper, schema: str, role: str, parameters: dict[str, Any]
) -> Iterator[Statement]:
    inside, to = f"{quoted(schema)}.", f"TO {quoted(role)}"
    for table, owner, privileges in _rows(connection, TABLES, parameters):
        yield f"GRANT {privileges} ON TABLE {inside}{quoted(table)} {to}", owner
    for table, owner, privileges in _rows(connection, SURPLUS, parameters):
        yield f"REVOKE {privileges} ON TABLE {inside}{quoted(table)} FROM {quoted(role)}", owner
    for sequence, owner in _rows(connection, SEQUENCES, parameters):
        yield f"GRANT USAGE ON SEQUENCE {inside}{quoted(sequence)} {to}", owner
    for routine, arguments, owner in _rows(connection, ROUTINES, parameters):
        yield f"GRANT EXECUTE ON ROUTINE {inside}{routine}({arguments}) {to}", owner


def _rows(connection: BaseDatabaseWrapper, query: str, parameters: dict[str, Any] | list[Any]) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()
