"""`manage.py up`: everything, with one command."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from lakebase.collected import collect_when_changed
from lakebase.local_workspace import LocalWorkspaceFailed
from lakebase.processes import CHECKOUT, environment, port_is_free
from lakebase.up import SERVE, Kept, LocalSite, UpFailed, secret_key


class Command(BaseCommand):
    help = (
        "Serves the site. Without a configured workspace (DATABRICKS_HOST, DATABRICKS_CONFIG_PROFILE) Lakebase Local "
        "is started first and a project made on it; otherwise only the migrations are applied. Ctrl-C stops it all."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.SITE_PORT, help="of the site (PORT, else 8080)")
        parser.add_argument("--dir", type=Path, default=settings.BASE_DIR / ".lakebase", help="of Lakebase Local")

    def handle(self, *, port: int, dir: Path, **options: Any) -> None:
        if not settings.ON_DATABRICKS_APPS and not port_is_free(port):
            raise CommandError(
                f"Port {port} is in use by another program. Stop that one, or choose another port: "
                f"PORT={port + 1} make run"
            )
        if settings.WORKSPACE_IS_CONFIGURED or settings.DATABASES["default"]["OPTIONS"].get("lakebase") is None:
            return self.serve_on_workspace(port, dir)
        try:
            LocalSite(dir.resolve(), port, say=self.say).run()
        except (UpFailed, LocalWorkspaceFailed) as failure:
            raise CommandError(str(failure)) from failure

    def serve_on_workspace(self, port: int, directory: Path) -> None:
        """Make ready, then become the server: there is nothing else to look after."""
        call_command("prepare", verbosity=1)
        collect_when_changed()
        self.say(f"LakeShop is served on port {port}")
        variables = {"PORT": str(port), "DJANGO_SECRET_KEY": secret_key(Kept(directory / "up.json"))}
        os.chdir(CHECKOUT)
        os.execve(sys.executable, [sys.executable, *SERVE], environment(variables))

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
