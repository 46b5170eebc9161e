"""`manage.py schema_sql`: the shop as plain SQL."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from lakeshop.schema_sql import schema_sql


class Command(BaseCommand):
    help = (
        "Print the shop's tables, triggers, functions and sample rows as SQL for psql, as in docs/schema.sql. "
        "No database is asked, and `migrate` takes on a database made from it."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--output", type=Path, metavar="FILE", help="write it there (docs/schema.sql)")

    def handle(self, *, output: Path | None, **options: Any) -> None:
        if output is None:
            self.stdout.write(schema_sql(), ending="")
            return
        try:
            output.write_text(schema_sql())
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from error
