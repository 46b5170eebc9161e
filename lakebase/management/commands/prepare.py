"""`manage.py prepare`: everything that must be true before the site serves."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import DatabaseError

from lakebase import provisioning
from lakebase.control_plane_errors import LakebaseError


class Command(BaseCommand):
    help = (
        "Applies the migrations, as whoever the environment says. With --app-role also makes the project and the "
        "app's Postgres role where missing, and grants to that role. Safe to repeat; `up` does it before it serves."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--app-role", metavar="CLIENT_ID", help="service principal under which the site will run")
        parser.add_argument("--reader-role", metavar="CLIENT_ID", help="service principal of its query builder, if any")

    def handle(self, *, app_role: str | None, reader_role: str | None, **options: Any) -> None:
        try:
            if app_role:
                self.prepare_for(app_role, reader_role)
            else:
                call_command("migrate", interactive=False, verbosity=options["verbosity"])
        except (LakebaseError, DatabaseError) as error:
            raise CommandError(str(error)) from error

    def prepare_for(self, role: str, reader: str | None) -> None:
        target = settings.DATABASES["default"]["OPTIONS"].get("lakebase", {})
        if "project" not in target:
            raise CommandError("--app-role needs a project. Set LAKEBASE_PROJECT_ID to its id.")
        outcomes = provisioning.prepare(
            target["project"],
            target["branch"],
            role,
            reader=reader,
            migrate=lambda: call_command("migrate", interactive=False, verbosity=0),
        )
        whose = {role: "the site", **({reader: "its query builder"} if reader else {})}
        lines = [*map(str, outcomes), *(f"{each} is the service principal of {what}." for each, what in whose.items())]
        for line in lines:
            self.stdout.write(f"                {line}")
