"""Lakebase Local as the tests use it: a process of its own, reached by address only."""

from pathlib import Path

from lakebase.local.child import FOREIGN, READY, LocalLakebase, plain_environment
from tests.relay import Relay

CHECKOUT = Path(__file__).resolve().parent.parent

__all__ = ["CHECKOUT", "FOREIGN", "READY", "Emulator", "plain_environment"]


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
