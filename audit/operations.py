"""A migration's one line that puts a table under the audit."""

from typing import Any

from django.db.migrations.operations import RunSQL

# PostgreSQL allows transition tables to a trigger of a single event only: hence one for each.
TRIGGERS = """
CREATE TRIGGER audit_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION audit_record_change('{key}');
CREATE TRIGGER audit_update AFTER UPDATE ON {table} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION audit_record_change('{key}');
CREATE TRIGGER audit_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION audit_record_change('{key}');
CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION audit_record_truncate();
"""
REVERSE = "".join(f"DROP TRIGGER audit_{event} ON {{table}};" for event in ("truncate", "delete", "update", "insert"))


class AuditTable(RunSQL):
    """AuditTable("products", key="product_id"): every write to the table is recorded; reversed, no longer.

    The migration must depend on ("audit", "0001_audit_log"). The key column holds whole numbers. Raises ValueError for
    a name that SQL would have to quote.
    """

    def __init__(self, table: str, *, key: str) -> None:
        for name in (table, key):
            if not (name.isidentifier() and name.isascii() and name.islower()):
                raise ValueError(f"{name!r} cannot be audited: give the plain lower-case name of a table and its key.")
        self.table, self.key = table, key
        super().__init__(TRIGGERS.format(table=table, key=key), REVERSE.format(table=table))

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__qualname__, [self.table], {"key": self.key}

    def describe(self) -> str:
        return f"Audit table {self.table}"
