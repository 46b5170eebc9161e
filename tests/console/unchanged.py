"""A fingerprint of all that a statement could have changed: rows, definitions, rights, sequences, large objects, locks,
sessions' settings."""

from lakebase.backend.base import DatabaseWrapper

TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'ecommerce'::regnamespace AND relkind = 'r' ORDER BY 1"
ROWS = "SELECT md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM ecommerce.{} AS t"
CATALOGS = (
    "pg_namespace", "pg_type", "pg_attribute", "pg_proc", "pg_constraint", "pg_trigger", "pg_rewrite", "pg_index",
    "pg_attrdef", "pg_depend", "pg_extension", "pg_roles", "pg_auth_members", "pg_db_role_setting", "pg_default_acl",
    "pg_description", "pg_seclabel", "pg_largeobject_metadata", "pg_prepared_xacts", "pg_publication",
    "pg_replication_slots", "pg_collation", "pg_event_trigger", "pg_policy", "pg_cast", "pg_operator", "pg_database",
)  # fmt: skip
CATALOG = "SELECT md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM {} AS t"
# Statistics of pg_class move by themselves; these do not.
RELATIONS = """
SELECT md5(string_agg(concat_ws(' ', oid, relname, relkind, relowner, relfilenode, relacl), ' ' ORDER BY oid))
FROM pg_class
"""
SEQUENCES = """
SELECT string_agg(concat_ws(' ', schemaname, sequencename, last_value), ' ' ORDER BY schemaname, sequencename)
FROM pg_sequences
"""
LOCKS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"


def fingerprint(owner: DatabaseWrapper) -> dict[str, object]:
    """What must be the same afterwards, by what it is about."""
    with owner.cursor() as cursor:

        def asked(query: str) -> object:
            cursor.execute(query)
            return cursor.fetchone()[0]

        cursor.execute(TABLES)
        found = {name: asked(ROWS.format(name)) for (name,) in cursor.fetchall()}
        found |= {name: asked(CATALOG.format(name)) for name in CATALOGS}
        return found | {"relations": asked(RELATIONS), "sequences": asked(SEQUENCES), "locks": asked(LOCKS)}
