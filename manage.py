#!/usr/bin/env python
"""Django's command line for LakeShop: `manage.py up` brings everything up."""

import os
import re
import shlex
import sys
from pathlib import Path

# While `up` runs, this file holds what the owner of its database would export; `up` removes it when it stops.
SITE_VARIABLES = Path(__file__).resolve().parent / ".lakebase" / "site.env"
STARTERS = ("up", "lakebase_local")
SERVERS = (*STARTERS, "runserver")
# A command's name as the audit trail may bear it; it travels in the connection's start-up options.
COMMAND = re.compile(r"[\w.-]{1,50}", re.ASCII)


def use_the_running_site() -> None:
    """In a second terminal commands speak to the site that `up` has started, unless something else is named."""
    if sys.argv[1:2] in ([name] for name in STARTERS):
        return
    try:
        words = shlex.split(SITE_VARIABLES.read_text())
    except OSError:  # nothing runs, or for another user
        return
    site = {name: value for name, is_assignment, value in (word.partition("=") for word in words) if is_assignment}
    given = {name: value.strip() for name, value in os.environ.items() if value.strip()}
    if names_another(given, site):
        return
    if "LAKEBASE_ENDPOINT" in given:
        site.pop("LAKEBASE_PROJECT_ID", None)
    if "DATABRICKS_HOST" in given and "DATABRICKS_CLIENT_ID" in given:  # a login of one's own there
        site.pop("DATABRICKS_TOKEN", None)
        site.pop("DATABRICKS_AUTH_TYPE", None)
    os.environ.update({name: value for name, value in site.items() if name not in given})


def names_another(given: dict[str, str], site: dict[str, str]) -> bool:
    """Whether these variables lead to another workspace or database; `. .lakebase/env` leads to the site's own."""
    host = given.get("DATABRICKS_HOST", "").rstrip("/")
    return bool(host and host != site.get("DATABRICKS_HOST")) or any(
        name in given for name in ("DATABRICKS_CONFIG_PROFILE", "PGHOST")
    )


def act_as_the_command() -> None:
    """What this command writes is audited as its doing. The starters' children are commands and sites themselves."""
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command not in STARTERS and COMMAND.fullmatch(command):
        os.environ["LAKESHOP_ACTOR"] = f"command:{command}"


def log_no_news() -> None:
    """A command's output is what it is asked for; LOG_LEVEL=INFO tells of new tokens as well, as servers do."""
    if sys.argv[1:2] not in ([name] for name in SERVERS) and not os.environ.get("LOG_LEVEL", "").strip():
        os.environ["LOG_LEVEL"] = "WARNING"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lakeshop.settings")
    use_the_running_site()
    act_as_the_command()
    log_no_news()
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
