#!/usr/bin/env python
"""Django's command line for LakeShop: `manage.py up` brings everything up."""

import os
import shlex
import sys
from pathlib import Path

# While `up` runs, this file holds what the owner of its database would export; `up` removes it when it stops.
SITE_VARIABLES = Path(__file__).resolve().parent / ".lakebase" / "site.env"
TARGETS = ("DATABRICKS_HOST", "DATABRICKS_CONFIG_PROFILE", "LAKEBASE_ENDPOINT", "LAKEBASE_PROJECT_ID", "PGHOST")
STARTERS = ("up", "lakebase_local")


def use_the_running_site() -> None:
    """In a second terminal, without any configuration, commands speak to the site that `up` has started."""
    if any(os.environ.get(name) for name in TARGETS) or sys.argv[1:2] in ([name] for name in STARTERS):
        return
    if SITE_VARIABLES.exists():
        for word in shlex.split(SITE_VARIABLES.read_text()):
            name, is_assignment, value = word.partition("=")
            if is_assignment:
                os.environ.setdefault(name, value)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lakeshop.settings")
    use_the_running_site()
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError as error:
        sys.exit(f"{error.name} is not installed in {sys.executable}. Run `make env`, then .venv/bin/python manage.py.")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # a variable that the settings cannot use: its name is all one needs
        sys.exit(str(error))


if __name__ == "__main__":
    main()
