"""Lakebase Local as the tests use it: a process of its own, reached by address only."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from lakebase.local.child import FOREIGN, READY, LocalLakebase, plain_environment
from tests.relay import Relay

CHECKOUT = Path(__file__).resolve().parent.parent

__all__ = ["CHECKOUT", "FOREIGN", "READY", "Emulator", "commands", "plain_environment"]


def commands() -> Iterator[tuple[psutil.Process, list[str]]]:
    """Every process that runs here and may be looked at, with the words of its command line."""
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            yield process, process.cmdline()


class Emulator(LocalLakebase):
    """Starts when made. `control` stands before the REST API and can be cut; Postgres is direct."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        super().__init__(directory, *arguments)
        self.start()
        self.control = Relay(self.rest_port)

    def __enter__(self) -> "Emulator":
        return self

    def destroy(self) -> None:
        self.control.close()
        super().destroy()

    def environment(self) -> dict[str, str]:
        """With the REST API behind `control`."""
        return super().environment() | {"DATABRICKS_HOST": f"http://127.0.0.1:{self.control.port}"}
