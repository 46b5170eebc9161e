"""Imports a CSV file of products or users, as the Bulk Import page does."""

from contextlib import ExitStack
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from audit.actor import acting_as
from catalog.importing import KINDS, FileRefused, Judged, Report, import_file, preview
from catalog.importing.target import Target, reading
from catalog.search import background
from pages.counted import counted


class Command(BaseCommand):
    help = "Imports a CSV file: all of it, or nothing when a line of it is wrong. docs/csv.md describes the format."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the CSV file")
        parser.add_argument("--kind", required=True, choices=KINDS, help="what the file holds")
        parser.add_argument("--partial", action="store_true", help="import the other lines although some are wrong")
        parser.add_argument("--dry-run", action="store_true", help="tell what would happen, and write nothing")
        parser.add_argument("--again", action="store_true", help="import rows without a key a second time")
        parser.add_argument(
            "--rejected", metavar="FILE", help="write the wrong lines with their reasons to this file, if there are any"
        )

    def handle(self, *, file: str, kind: str, rejected: str | None, dry_run: bool, **options: Any) -> None:
        try:
            with ExitStack() as files:
                source = files.enter_context(reading(file))
                target = Target(rejected, source) if rejected else None
                aside = files.enter_context(target.writing()) if target else None
                told = self._dry(source, kind, aside) if dry_run else self._real(source, kind, aside, **options)
                if target and aside:
                    self._keep(target, aside, told)
        except FileRefused as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            raise CommandError(f"The database did not finish the import: {error}") from error
        except OSError as error:
            raise CommandError(f"The import stopped: {error.strerror or error}.") from error
        if isinstance(told, Report) and not told.imported:
            them = "it" if told.rejected == 1 else "them"
            raise CommandError(f"{told.wrong_words}, so nothing was written. Mend {them}, or --partial.")

    def _dry(self, file: IO[bytes], kind: str, rejected: IO[bytes] | None) -> Judged:
        found = preview(file, kind, rejected=rejected)
        self._tell(found)
        if found.repeated:
            self.stdout.write(f"{found.repeated} That needs --again.")
        self.stdout.write(
            f"{counted(found.lines, 'line')}: {found.new} new, {found.changed} changed, {found.unchanged} unchanged, "
            f"{found.rejected} wrong. Nothing was written."
        )
        return found

    def _real(
        self, file: IO[bytes], kind: str, rejected: IO[bytes] | None, *, partial: bool, again: bool, **_: Any
    ) -> Judged:
        with acting_as("command:import_csv"):
            report = import_file(file, kind, partial=partial, again=again, rejected=rejected)
        self._tell(report)
        if report.imported:
            trail = f" In the audit trail: transaction {report.txid}." if report.inserted or report.updated else ""
            self.stdout.write(
                f"{report.inserted} inserted, {report.updated} updated, {report.unchanged} unchanged, "
                f"{report.rejected} wrong in {report.seconds:.1f} s.{trail}"
            )
        if kind == "products" and (left := background.at_once(report.inserted + report.updated)):
            self.stdout.write(left)
        return report

    def _keep(self, target: Target, aside: IO[bytes], told: Judged) -> None:
        if not told.rejected:
            self.stdout.write(f"No line is wrong, so nothing was written to {target.name}.")
            return
        try:
            target.keep(aside)
        except OSError as error:
            raise CommandError(f"The wrong lines could not be written to {target.name}: {error.strerror}.") from error
        self.stdout.write(f"Written to {target.name}: {counted(told.rejected, 'line')}, with what is wrong in each.")

    def _tell(self, judged: Judged) -> None:
        if judged.ignored:
            self.stdout.write(f"Not known, and so left out: {judged.ignored_words}.")
        for line, column, value, message in judged.faults:
            said = f" {column} {value!r}" if column else ""
            self.stdout.write(f"Line {line}{said}: {message}")
        if judged.fault_count > len(judged.faults):
            self.stdout.write(f"... and {judged.fault_count - len(judged.faults):,} more.")
