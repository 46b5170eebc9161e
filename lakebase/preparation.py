"""What `manage.py prepare` brings about, by name: while that does not change there is nothing to prepare again."""

from django.db.migrations.loader import MigrationLoader

from . import permissions, readers


def fingerprint() -> list[str]:
    """One line for each migration and for each table's rights, read from the sources alone."""
    migrations = (f"{app} {name}" for app, name in MigrationLoader(None).disk_migrations)
    rights = (f"{table}: {', '.join(privileges)}" for table, privileges in permissions.needs().tables.items())
    reading = (f"{each.role} reads {each.reads} and calls {each.calls}" for each in readers.declared())
    return [*sorted(migrations), *sorted(rights), *sorted(reading)]
