"""Django's `flush`, which tells that the audit trail stays."""

from typing import Any

from django.core.management.commands import flush

from audit.models import AuditEntry


class Command(flush.Command):
    help = f"{flush.Command.help} The audit trail is kept, and records what was removed."

    def handle(self, **options: Any) -> None:
        super().handle(**options)
        if options["verbosity"] > 0:
            kept = AuditEntry.objects.using(options["database"]).counted()
            self.stdout.write(f"The audit trail is kept: {kept} entries.")
