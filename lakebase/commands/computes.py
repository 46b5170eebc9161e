"""resize, suspend-after."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..control_plane import LakebaseError
from ..provisioning import Suspension, resize, suspend_after
from .action import Action, Report, compute_units, duration, outcome_report
from .place import add_place, place
from .terminal import Terminal

NEVER = "never"


def add_suspension(parser: ArgumentParser, argument: str) -> None:
    """An argument that says after which idle time an endpoint sleeps; see `suspension`."""
    parser.add_argument(
        argument, type=_suspension_text, metavar="DURATION|never", help="90s, 5m, 1h, 7d ... without queries, or never"
    )


def suspension(given: str | int) -> Suspension:
    """Raises OutOfRange."""
    return Suspension(None if given == NEVER else int(given))


def _suspension_text(text: str) -> str | int:
    return NEVER if text.strip().lower() == NEVER else duration(text)


def _resize_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--min-cu", type=compute_units, metavar="CU", help="smallest size: 0.5, or 1, 2, 3 ...")
    parser.add_argument("--max-cu", type=compute_units, metavar="CU", help="largest size, at most 16 above")
    add_place(parser)


def _resize(options: Namespace, terminal: Terminal) -> Report:
    if options.min_cu is None and options.max_cu is None:
        raise LakebaseError("No size is given. Add --min-cu, --max-cu or both.")
    where = place(options)
    with terminal.working() as progress:
        return outcome_report(
            resize(where.project, where.branch, min_cu=options.min_cu, max_cu=options.max_cu, progress=progress)
        )


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
