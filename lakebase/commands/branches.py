"""create-branch, delete-branch."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import replace

from ..provisioning import create_branch, delete_branch
from .action import Action, Report, duration, outcome_report
from .place import add_place, place
from .terminal import Terminal

# A branch that nobody told to stay goes after a week: one soon forgets what costs storage.
TTL = "7d"


def _create_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="lower-case letters, digits and hyphens")
    parser.add_argument("--from", dest="source", metavar="BRANCH", help="what to copy; default: the default branch")
    life = parser.add_mutually_exclusive_group()
    life.add_argument("--ttl", metavar="DURATION", help=f"delete it after 1h, 7d ...; default: {TTL}")
    life.add_argument("--no-expiry", action="store_true", help="keep it until it is deleted")
    add_place(parser, branch=False)


def _create(options: Namespace, terminal: Terminal) -> Report:
    where = place(options)
    ttl = None if options.no_expiry else duration(options.ttl or TTL)
    with terminal.working() as progress:
        outcome = create_branch(where.project, options.id, source=options.source, ttl_seconds=ttl, progress=progress)
    if not outcome.changed and (options.ttl or options.no_expiry):
        option = "--ttl" if options.ttl else "--no-expiry"
        told = f"{outcome.sentence} Its expiry, too: {option} is for a new branch only."
        outcome = replace(outcome, sentence=told)
    return outcome_report(outcome)


def _delete_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID")
    parser.add_argument("--purge", action="store_true", help="for good: it cannot be undeleted, and its id is free")
    add_place(parser, branch=False)


def _delete(options: Namespace, terminal: Terminal) -> Report:
    where = place(options)
    with terminal.working() as progress:
        return outcome_report(delete_branch(where.project, options.id, purge=options.purge, progress=progress))


BRANCHES = (
    Action("create-branch", "Copy a branch, data and all, in moments.", _create_arguments, _create),
    Action("delete-branch", "Delete a branch.", _delete_arguments, _delete),
)
