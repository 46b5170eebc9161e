"""`python -m lakebase.local`: the emulator without Django."""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

try:
    from lakebase.local.event_loop import new_event_loop
    from lakebase.local.history.retention import MEGABYTE, Limits
    from lakebase.local.home import CannotServe, destroy, sweep
    from lakebase.local.server import Options, serve
except ModuleNotFoundError as missing:
    if __name__ != "__main__" or str(missing.name).startswith("lakebase"):
        raise
    sys.exit(
        f"Lakebase Local needs {missing.name}, which is not installed for {sys.executable}. In a checkout take "
        ".venv/bin/python, which `make env` makes; elsewhere install the package in lakebase/local."
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the emulator, shared with `manage.py lakebase_local`."""
    parser.add_argument("--dir", type=Path, default=Options.directory, help="state, keys and data (default: .lakebase)")
    parser.add_argument("--host", default=Options.host, help="a loopback address (default: 127.0.0.1)")
    parser.add_argument("--port", type=_port, default=Options.port, help="REST API; 0 picks a free one (default: 8765)")
    parser.add_argument(
        "--pg-port", type=_port, default=Options.pg_port, help="Postgres; 0 picks a free one (default: 54320)"
    )
    parser.add_argument(
        "--operation-delay", type=_delay, default=0.0, metavar="SECONDS", help="imitate slow operations"
    )
    parser.add_argument(
        "--wake-delay", type=_delay, default=0.0, metavar="MS", help="imitate the service's 200-500 ms wakes"
    )
    parser.add_argument("--no-history", action="store_true", help="keep no points in time: nothing but the present")
    for option, default, text in (
        ("--history-size", Limits.size, "what the history of a branch may take"),
        ("--history-min-free", Limits.min_free, "free disk under which no history is kept"),
        ("--history-every", Limits.every, "of log, after which the next copy is made to replay it from"),
    ):
        help_text = f"{text} (default: {default // MEGABYTE})"
        parser.add_argument(option, type=_megabytes, default=default, metavar="MB", help=help_text)
    parser.add_argument("--exit-with-parent", action="store_true", help="stop when standard input ends")
    parser.add_argument(
        "--destroy", action="store_true", help="remove everything of the stopped emulator in --dir, and exit"
    )
    parser.add_argument(
        "--sweep", action="store_true", help="stop the servers that a killed emulator has left in --dir, and exit"
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r:.40} is no port: give a number from 0 to 65535.")
    return int(text)


def _delay(text: str) -> float:
    try:
        delay = float(text)
    except ValueError:
        delay = -1
    if not 0 <= delay <= 3_600_000:
        raise argparse.ArgumentTypeError(f"{text!r:.40} is no delay: give a number from 0 on.")
    return delay


def _megabytes(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"{text!r:.40} is no size: give a whole number of megabytes.")
    return int(text) * MEGABYTE


def run(arguments: argparse.Namespace) -> int:
    """Serve, or destroy; the exit code. Faults are one sentence on standard error."""
    _log_to_standard_error()
    options = Options(
        directory=arguments.dir,
        host=arguments.host,
        port=arguments.port,
        pg_port=arguments.pg_port,
        user=os.environ.get("LAKEBASE_LOCAL_USER"),
        pg_bin=os.environ.get("LAKEBASE_LOCAL_PG_BIN"),
        wake_delay=arguments.wake_delay / 1000,
        operation_delay=arguments.operation_delay,
        exit_with_parent=arguments.exit_with_parent,
        history=None
        if arguments.no_history
        else Limits(arguments.history_size, arguments.history_min_free, arguments.history_every),
    )
    try:
        if arguments.destroy:
            sys.stderr.write(f"{destroy(arguments.dir.resolve())}\n")
        elif arguments.sweep:
            sys.stderr.write(f"{sweep(arguments.dir.resolve())}\n")
        else:
            with asyncio.Runner(loop_factory=new_event_loop) as runner:
                runner.run(serve(options))
    except CannotServe as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _log_to_standard_error() -> None:
    """Whatever Django has configured: standard output is for the one line that says the emulator is ready."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    for name in ("lakebase.local", "uvicorn", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.INFO if name == "lakebase.local" else logging.WARNING)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m lakebase.local", description="Lakebase Local: a Lakebase on this machine."
    )
    add_arguments(parser)
    return run(parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
