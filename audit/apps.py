"""Who changed what, told by PostgreSQL itself."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "Audit trail"
    # The site reads the log; only the trigger function, which is the owner's, writes it.
    grants = {"audit_log": ("SELECT",)}
