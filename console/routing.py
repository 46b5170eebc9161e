"""Keeps migrations away from the reader's entry of DATABASES: it leads to the database of the default one."""

from .apps import ALIAS


class ReaderReads:
    def allow_migrate(self, db: str, app_label: str, **hints: object) -> bool | None:
        return False if db == ALIAS else None
