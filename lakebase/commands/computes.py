"""resize, suspend-after."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from django.core.management import CommandError

from ..provisioning import Suspension, resize, suspend_after
from .action import Action, Report, compute_units, duration, outcome_report
from .place import add_place, place
from .terminal import Terminal

NEVER = "never"


def add_suspension(parser: ArgumentParser, argument: str) -> None:
    """An argument that says after which idle time an endpoint sleeps; see `suspension`."""
    parser.add_argument(argument, metavar="DURATION|never", help="90s, 5m, 1h, 7d ... without queries, or never")


def suspension(text: str) -> Suspension:
    """Raises CommandError, OutOfRange."""
    return Suspension(None if text.strip().lower() == NEVER else duration(text))


def _resize_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--min-cu", metavar="CU", help="smallest size: 0.5, or 1, 2, 3 ...")
    parser.add_argument("--max-cu", metavar="CU", help="largest size, at most 16 above")
    add_place(parser)


def _resize(options: Namespace, terminal: Terminal) -> Report:
    min_cu, max_cu = compute_units(options.min_cu), compute_units(options.max_cu)
    if min_cu is None and max_cu is None:
        raise CommandError("No size is given. Add --min-cu, --max-cu or both.")
    where = place(options)
    with terminal.working() as progress:
        return outcome_report(resize(where.project, where.branch, min_cu=min_cu, max_cu=max_cu, progress=progress))


def _suspend_arguments(parser: ArgumentParser) -> None:
    add_suspension(parser, "after")
    add_place(parser)


def _suspend_after(options: Namespace, terminal: Terminal) -> Report:
    where, when = place(options), suspension(options.after)
    with terminal.working() as progress:
        return outcome_report(suspend_after(where.project, where.branch, when, progress=progress))


COMPUTES = (
    Action("resize", "Set between which sizes a branch's compute scales.", _resize_arguments, _resize),
    Action("suspend-after", "Set after which idle time a branch's compute sleeps.", _suspend_arguments, _suspend_after),
)
