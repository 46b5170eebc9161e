"""`manage.py schema_sql`: the shop for people with psql only."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from lakeshop.schema_sql import schema_sql


class Command(BaseCommand):
    help = "Print the shop's tables, triggers and sample as one SQL file for psql. Needs no database."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, metavar="FILE", help="write to this file, as docs/schema.sql")

    def handle(self, *, output: Path | None, **options: Any) -> None:
        if output is None:
            self.stdout.write(schema_sql(), ending="")
        else:
            output.write_text(schema_sql())
            self.stdout.write(f"Wrote {output}.")
