"""`manage.py lakebase ACTION`: provisioning. What each action does stands in lakebase/commands."""

from argparse import ArgumentParser, Namespace
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management import BaseCommand, CommandError
from django.db import Error

from lakebase.commands import ACTIONS
from lakebase.commands.terminal import Terminal, quiet_log
from lakebase.control_plane import LakebaseError

INTERRUPTED = 130


class Command(BaseCommand):
    help = "Make, look at and change projects, branches, computes and roles of a Lakebase workspace. Safe to repeat."
    # Most of it is for the time before there is a database to check.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION", title="actions")
        for action in ACTIONS.values():
            own = actions.add_parser(action.name, help=action.help, description=action.help)
            own.add_argument("--json", action="store_true", help="for programs: JSON on standard output")
            action.add_arguments(own)

    def handle(self, *, action: str, json: bool, **options: Any) -> None:
        try:
            with quiet_log():
                report = ACTIONS[action].run(Namespace(**options), Terminal())
        except (LakebaseError, ImproperlyConfigured, Error) as error:
            raise CommandError(str(error).strip()) from error
        except KeyboardInterrupt:
            left = "Interrupted. What the workspace has begun goes on; repeat the command to see how it ended."
            raise CommandError(left, returncode=INTERRUPTED) from None
        colours = self.stdout.isatty() and not options["no_color"]
        self.stdout.write(report.as_json() if json else report.as_text(colours=colours))
