"""Who changed what, told by PostgreSQL itself."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "Audit trail"
    # The site reads the log and its summary; only the owner's functions write them.
    grants = dict.fromkeys(("audit_log", "audit_summary", "audit_counts", "audit_count_deltas"), ("SELECT",))

    def ready(self) -> None:
        from pages.roles import ASKED_ALONG

        from .news import AS_JSON

        ASKED_ALONG["audit_summary"] = AS_JSON
