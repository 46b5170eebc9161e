"""`manage.py lakebase_local`: the emulator in the foreground."""

import sys
from argparse import Namespace

from django.core.management.base import BaseCommand, CommandParser

from lakebase.local.__main__ import add_arguments, run


class Command(BaseCommand):
    help = "Run Lakebase Local, a Lakebase on this machine, until Ctrl-C. Needs requirements-dev.txt."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def handle(self, *args: object, **options: object) -> None:
        sys.exit(run(Namespace(**options)))
