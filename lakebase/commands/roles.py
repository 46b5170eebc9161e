"""create-role, grant."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from .. import permissions
from ..provisioning import create_role
from .action import Action, Report, outcome_report
from .place import add_place, connection_to, place
from .terminal import Terminal


def _role_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("role", metavar="ROLE", help="a service principal's client id, or a person's e-mail address")
    add_place(parser)


def _create_role(options: Namespace, terminal: Terminal) -> Report:
    where = place(options)
    with terminal.working() as progress:
        return outcome_report(create_role(where.project, where.branch, options.role, progress=progress))


def _grant_arguments(parser: ArgumentParser) -> None:
    _role_arguments(parser)
    parser.add_argument("--dry-run", action="store_true", help="only show the SQL")
    parser.add_argument(
        "--reader", action="store_true", help="the role is a login of its own for the query builder: let it read, only"
    )


def _grant(options: Namespace, terminal: Terminal) -> Report:
    where = place(options)
    with terminal.working() as progress, connection_to(where) as connection:
        progress(f"Comparing what {options.role} may do")
        work = permissions.missing if options.dry_run else permissions.apply
        grants = work(connection, options.role, only_reading=options.reader)
        unmade = permissions.unmade(connection)
    if options.dry_run and grants:
        sentence = (
            f"Role {options.role} lacks {permissions.counted(grants)} on branch {where.branch} of {where.project}:"
        )
    else:
        sentence = permissions.told(options.role, grants, only_reading=options.reader)
    if unmade:
        sentence += f"\nNot made yet, so not granted: {', '.join(unmade)}. Run `manage.py migrate`, then this again."
    payload = {
        "changed": bool(grants) and not options.dry_run, "role": options.role, "project": where.project,
        "branch": where.branch, "statements": list(map(str, grants)), "unmade_tables": unmade, "message": sentence,
    }  # fmt: skip
    return Report(payload, sentence, "".join(f"{grant}\n" for grant in grants))


ROLES = (
    Action("create-role", "Let a service principal or person log in to a branch.", _role_arguments, _create_role),
    Action("grant", "Give a role what the installed apps need, and no more.", _grant_arguments, _grant),
)
