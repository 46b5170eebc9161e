"""The SDK's client of the workspace, by which control_plane.py asks: one for each identity, made at its first use."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from .secret import Secret

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.core import Config

# The SDK's own defaults are 300 s of retries and 60 s for one request: a web page cannot wait for that.
RETRY_SECONDS = 3
HTTP_SECONDS = 5

T = TypeVar("T")


@dataclass(frozen=True)
class Identity:
    """Who asks. Empty: whoever the environment says (DATABRICKS_*); else this service principal, on the same host."""

    client_id: str = ""
    client_secret: Secret = field(default=Secret(""), repr=False)


ENVIRONMENT = Identity()


class Client:
    """The workspace client of one identity, made at its first use, by one thread."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self._making = threading.Lock()
        self._config: Config | None = None
        self._workspace: WorkspaceClient | None = None

    @property
    def host(self) -> str | None:
        return getattr(self._config, "host", None)

    def workspace(self) -> WorkspaceClient:
        from databricks.sdk import WorkspaceClient
        from databricks.sdk.core import Config

        with self._making:
            if self._workspace is None:
                # In two steps, so that the host is known while the constructor still waits for it.
                self._config = Config.__new__(Config)
                self._config.__init__(**self._settings())  # type: ignore[misc]
                self._workspace = WorkspaceClient(config=self._config)
            return self._workspace

    def call(self, call: Callable[[WorkspaceClient], T]) -> T:
        """Do `call`, logging in anew once when the workspace does not know us any more.

        The SDK renews its access token when that ends by this machine's clock; the workspace may end it earlier.
        """
        from databricks.sdk.errors import Unauthenticated

        used = self.workspace()
        try:
            return call(used)
        except Unauthenticated:
            with self._making:
                if self._workspace is used:
                    self._workspace = None
        return call(self.workspace())

    def _settings(self) -> dict[str, str | int]:
        settings: dict[str, str | int] = {
            "retry_timeout_seconds": RETRY_SECONDS,
            "http_timeout_seconds": HTTP_SECONDS,
        }
        if self.identity.client_id:
            # The explicit kind of login also stops the SDK from refusing a token found beside it in the environment.
            settings["auth_type"] = "oauth-m2m"
            settings["client_id"] = self.identity.client_id
            settings["client_secret"] = self.identity.client_secret.reveal()
        return settings


_clients: dict[Identity, Client] = {}
_clients_lock = threading.Lock()


def client_of(identity: Identity) -> Client:
    with _clients_lock:
        return _clients.setdefault(identity, Client(identity))


def forget_clients() -> None:
    """A forked child shares its parent's sockets and may inherit a held lock: it starts over."""
    global _clients_lock
    _clients_lock = threading.Lock()
    _clients.clear()


os.register_at_fork(after_in_child=forget_clients)
