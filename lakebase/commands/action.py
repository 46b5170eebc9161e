"""What an action of `manage.py lakebase` consists of, and what it tells."""

from __future__ import annotations

import io
import json
import shutil
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.management import CommandError

from ..provisioning import Outcome, read_duration
from .terminal import Terminal

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass(frozen=True)
class Report:
    """What an action found or did: `payload` for programs, `body` for people, and lines to copy, never wrapped."""

    payload: dict[str, Any]
    body: RenderableType = ""
    to_copy: str = ""

    def as_json(self) -> str:
        return json.dumps(self.payload, indent=2, default=_written)

    def as_text(self, *, colours: bool) -> str:
        from rich.console import Console

        if isinstance(self.body, str):
            text = f"{self.body}\n" if self.body else ""
        else:
            page = Console(
                file=io.StringIO(),
                markup=False,
                width=shutil.get_terminal_size().columns,
                force_terminal=colours,
                color_system="standard" if colours else None,
            )
            with page.capture() as captured:
                page.print(self.body)
            text = "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())
        return (text + self.to_copy).strip("\n")


@dataclass(frozen=True)
class Action:
    """One word after `manage.py lakebase`: its arguments, and the function that does it."""

    name: str
    help: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace, Terminal], Report]


def outcome_report(outcome: Outcome) -> Report:
    """The report of an action that changes something, or finds it so already."""
    return Report({"changed": outcome.changed, "name": outcome.name, "message": outcome.sentence}, outcome.sentence)


# Arguments are read here and not by argparse, whose refusal is a page of usage and exit code 2.


def duration(text: str) -> int:
    """An argument such as 90s, 5m, 1h, 7d, as seconds. CommandError when it is none."""
    try:
        return read_duration(text)
    except ValueError as error:
        raise CommandError(str(error)) from error


def compute_units(text: str | None) -> float | None:
    """An argument such as 0.5 or 8; None when it was left out. CommandError when it is none."""
    try:
        return None if text is None else float(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is no number of compute units. Give 0.5, or 1, 2, 3 ...") from error


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    raise TypeError(f"{value!r} has no JSON form")
