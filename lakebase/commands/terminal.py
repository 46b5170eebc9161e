"""The terminal of whoever runs a command: progress and questions, and nothing of either for programs."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import CommandError

from ..provisioning import Progress, quiet

QUIET = {"lakebase": logging.WARNING, "databricks.sdk": logging.ERROR, "psycopg.pool": logging.ERROR}


class Terminal:
    """Speaks on standard error, so that standard output holds the answer alone."""

    @contextmanager
    def working(self) -> Iterator[Progress]:
        """Show what is being done while it is done; nothing unless a person watches."""
        if not sys.stderr.isatty():
            yield quiet
            return
        from rich.console import Console
        from rich.text import Text

        with Console(stderr=True).status("Asking the workspace") as status:
            # As text: what people type may look like rich's markup.
            yield lambda sentence: status.update(Text(sentence))

    def confirm(self, question: str, expected: str, remedy: str) -> None:
        """Return when the person types `expected`. CommandError with `remedy` when nobody can answer."""
        if not sys.stdin.isatty():
            raise CommandError(f"{question} Nobody can answer here: {remedy}")
        sys.stderr.write(f"{question} Type {expected} to confirm: ")
        sys.stderr.flush()
        if sys.stdin.readline().strip() != expected:
            raise CommandError(f"That was not {expected}. Nothing was changed.")


@contextmanager
def quiet_log() -> Iterator[None]:
    """What is logged goes to standard error: standard output is for the answer.

    News is not told, nor the warnings of libraries about a failure that the command explains in its own sentence.
    """
    loggers = [logging.getLogger(name) for name in QUIET]
    before = [logger.level for logger in loggers]
    moved = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stdout
    ]
    for handler in moved:
        handler.setStream(sys.stderr)
    for logger in loggers:
        logger.setLevel(QUIET[logger.name])
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
        for handler in moved:
            handler.setStream(sys.stdout)
