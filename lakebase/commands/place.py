"""Which branch a command is about: its options, else what the site itself is configured to use."""

from __future__ import annotations

import copy
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.management import CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend

from ..backend.entry import DEFAULT_BRANCH, Mode, read_entry
from ..provisioning.identifiers import check_identifier

ENGINE = "lakebase.backend"
NO_PROJECT = (
    "No project is named. Add --project ID, or set LAKEBASE_PROJECT_ID (and LAKEBASE_BRANCH_ID, unless it is "
    "production); `manage.py lakebase list` shows what there is."
)


@dataclass(frozen=True)
class Place:
    """A branch of a project, by their ids."""

    project: str
    branch: str


def add_place(parser: ArgumentParser, *, branch: bool = True) -> None:
    """The options --project and --branch."""
    parser.add_argument("--project", metavar="ID", help="default: LAKEBASE_PROJECT_ID or the one of LAKEBASE_ENDPOINT")
    if branch:
        parser.add_argument("--branch", metavar="ID", help="default: LAKEBASE_BRANCH_ID, else production")


def place(options: Namespace) -> Place:
    """What --project and --branch say, else the configuration.

    CommandError when neither names a project, BadIdentifier when an option can be no id.
    """
    for what in ("project", "branch"):
        if given := getattr(options, what, None):
            check_identifier(given, what)
    configured = configured_place()
    project = options.project or (configured and configured.project)
    if not project:
        raise CommandError(NO_PROJECT)
    if given := getattr(options, "branch", None):
        return Place(project, given)
    same = configured is not None and configured.project == project
    return Place(project, configured.branch if configured and same else DEFAULT_BRANCH)


def configured_place() -> Place | None:
    """Where DATABASES["default"] leads; None when that is no Lakebase Autoscaling. Raises ImproperlyConfigured."""
    entry = read_entry(connections[DEFAULT_DB_ALIAS].settings_dict)
    if entry is None or entry.mode is not Mode.AUTOSCALING:
        return None
    if entry.target.endpoint:
        _, project, _, branch, *_ = entry.target.endpoint.split("/")
        return Place(project, branch)
    return Place(entry.target.project, entry.target.branch)


@contextmanager
def connection_to(where: Place) -> Iterator[BaseDatabaseWrapper]:
    """A connection to that branch, under the identity of the environment."""
    if where == configured_place():
        yield connections[DEFAULT_DB_ALIAS]
        return
    settings = copy.deepcopy(connections[DEFAULT_DB_ALIAS].settings_dict)
    settings |= {"ENGINE": ENGINE, "HOST": "", "USER": "", "PASSWORD": ""}
    settings["OPTIONS"].pop("pool", None)
    settings["OPTIONS"] |= {"lakebase": {"project": where.project, "branch": where.branch}}
    settings["OPTIONS"].setdefault("sslmode", "require")
    alias = f"{where.project}/{where.branch}"
    connections[alias] = connection = load_backend(ENGINE).DatabaseWrapper(settings, alias)
    try:
        yield connection
    finally:
        connection.close()
        del connections[alias]
