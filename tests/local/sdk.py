"""The unmodified databricks-sdk against a running emulator, and psycopg through its gateway."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from databricks.sdk import WorkspaceClient
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.service.postgres import (
    Branch,
    BranchSpec,
    Endpoint,
    EndpointSpec,
    EndpointType,
    Project,
    ProjectSpec,
)
from google.protobuf.duration_pb2 import Duration

from tests.emulator import Emulator

DATABASE = "databricks_postgres"


class Sdk:
    """A client of one identity: the owner's, or a service principal's."""

    def __init__(self, emulator: Emulator, principal: dict[str, str] | None = None) -> None:
        self.emulator = emulator
        host = f"http://127.0.0.1:{emulator.rest_port}"
        if principal is None:
            token = emulator.environment()["DATABRICKS_TOKEN"]
            self.client = WorkspaceClient(host=host, token=token, auth_type="pat")
        else:
            self.client = WorkspaceClient(host=host, auth_type="oauth-m2m", **principal)
        self.postgres = self.client.postgres
        self.user = str(self.client.current_user.me().user_name)

    def make_project(self, project: str, **spec: Any) -> Project:
        return self.postgres.create_project(project=Project(spec=ProjectSpec(**spec)), project_id=project).wait()

    def make_branch(self, parent: str, branch: str, **spec: Any) -> Branch:
        """Without an expiration given it does not expire."""
        if not {"ttl", "expire_time", "no_expiry"} & spec.keys():
            spec["no_expiry"] = True
        wanted = Branch(spec=BranchSpec(**spec))
        return self.postgres.create_branch(parent=parent, branch=wanted, branch_id=branch).wait()

    def update_endpoint(self, name: str, mask: list[str], **spec: Any) -> Endpoint:
        wanted = EndpointSpec(endpoint_type=EndpointType.ENDPOINT_TYPE_READ_WRITE, **spec)
        return self.postgres.update_endpoint(name, Endpoint(spec=wanted), FieldMask(mask)).wait()

    def token(self, endpoint: str) -> str:
        return str(self.postgres.generate_database_credential(endpoint=endpoint).token)

    def connect(self, endpoint: str, **options: Any) -> psycopg.Connection[tuple[Any, ...]]:
        """A session in autocommit mode, as a learner opens one by hand."""
        arguments: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": self.emulator.pg_port,
            "user": self.user,
            "dbname": DATABASE,
            "sslmode": "require",
            "autocommit": True,
            "connect_timeout": 30,
        }
        if "password" not in options:
            options["password"] = self.token(endpoint)
        return psycopg.connect(**(arguments | options))


def seconds(number: int) -> Duration:
    return Duration(seconds=number)


@contextmanager
def new_project(directory: Path, *arguments: str) -> Iterator[Sdk]:
    """The owner of project `shop` on a Lakebase Local of its own below `directory`; nothing of it is left."""
    emulator = Emulator(directory / "local", *arguments)
    try:
        sdk = Sdk(emulator)
        sdk.make_project("shop")
        yield sdk
    finally:
        emulator.destroy()
