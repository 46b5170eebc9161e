"""Imports a CSV file of products or users, as the Bulk Import page does."""

from contextlib import ExitStack
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from audit.actor import acting_as
from catalog.csv_import import KINDS, FileRefused, Judged, import_file, preview


class Command(BaseCommand):
    help = "Imports a CSV file: all of it, or nothing when a line of it is wrong. docs/csv.md describes the format."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the CSV file")
        parser.add_argument("--kind", required=True, choices=KINDS, help="what the file holds")
        parser.add_argument("--partial", action="store_true", help="import the other lines although some are wrong")
        parser.add_argument("--dry-run", action="store_true", help="tell what would happen, and write nothing")
        parser.add_argument("--again", action="store_true", help="import rows without a key a second time")
        parser.add_argument("--rejected", metavar="FILE", help="write the wrong lines with their reasons to this file")

    def handle(self, *, file: str, kind: str, rejected: str | None, dry_run: bool, **options: Any) -> None:
        with ExitStack() as files:
            try:
                source: IO[bytes] = files.enter_context(open(file, "rb"))
                refused = files.enter_context(open(rejected, "wb")) if rejected else None
                told = self._dry(source, kind, refused) if dry_run else self._real(source, kind, refused, **options)
            except (OSError, FileRefused) as error:
                raise CommandError(str(error)) from error
            except OperationalError as error:
                raise CommandError(f"The database did not finish the import: {error}") from error
        if told:
            raise CommandError(told)

    def _dry(self, file: IO[bytes], kind: str, rejected: IO[bytes] | None) -> str:
        found = preview(file, kind, rejected=rejected)
        self._tell(found)
        if found.repeated:
            self.stdout.write(f"{found.repeated} That needs --again.")
        self.stdout.write(
            f"{found.lines} lines: {found.new} new, {found.changed} changed, {found.unchanged} unchanged, "
            f"{found.rejected} wrong. Nothing was written."
        )
        return ""

    def _real(
        self, file: IO[bytes], kind: str, rejected: IO[bytes] | None, *, partial: bool, again: bool, **_: Any
    ) -> str:
        with acting_as("command:import_csv"):
            report = import_file(file, kind, partial=partial, again=again, rejected=rejected)
        self._tell(report)
        if not report.imported:
            return (
                f"{report.rejected} of {report.lines} lines are wrong, so nothing was written. Mend them, or --partial."
            )
        self.stdout.write(
            f"{report.inserted} inserted, {report.updated} updated, {report.unchanged} unchanged, "
            f"{report.rejected} wrong in {report.seconds:.1f} s. In the audit trail: transaction {report.txid}."
        )
        return ""

    def _tell(self, judged: Judged) -> None:
        if judged.ignored:
            self.stdout.write(f"Not known, and so left out: {', '.join(judged.ignored)}.")
        for line, column, value, message in judged.faults:
            said = f" {column} {value!r}" if column else ""
            self.stdout.write(f"Line {line}{said}: {message}")
        if judged.fault_count > len(judged.faults):
            self.stdout.write(f"... and {judged.fault_count - len(judged.faults)} more.")
