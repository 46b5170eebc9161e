"""One project for all that only read or are refused."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from databricks.sdk.service.postgres import (
    Database,
    DatabaseDatabaseSpec,
    Endpoint,
    EndpointSpec,
    EndpointType,
    Role,
    RoleAuthMethod,
    RoleRoleSpec,
    Snapshot,
    SnapshotSpec,
)

from tests.local.rest.conftest import unprotect
from tests.local.sdk import Sdk, seconds


@dataclass(frozen=True)
class Standing:
    """Names of what stands there: a project with a protected branch, a role, a database, a read-only endpoint
    and a snapshot of production."""

    project: str
    root: str
    guarded: str
    role: str
    database: str
    reader: str
    snapshot: str


@pytest.fixture(scope="package")
def standing(sdk: Sdk) -> Iterator[Standing]:
    project = str(sdk.make_project("standing").name)
    root = f"{project}/branches/production"
    guarded = str(sdk.make_branch(project, "guarded", is_protected=True).name)
    wanted = Role(spec=RoleRoleSpec(postgres_role="clerk", auth_method=RoleAuthMethod.NO_LOGIN))
    role = str(sdk.postgres.create_role(root, wanted, role_id="clerk").wait().name)
    owned = Database(spec=DatabaseDatabaseSpec(postgres_database="ledger", role=role))
    database = str(sdk.postgres.create_database(root, owned, database_id="ledger").wait().name)
    # Disabled: nothing is copied for it.
    reads = Endpoint(spec=EndpointSpec(endpoint_type=EndpointType.ENDPOINT_TYPE_READ_ONLY, disabled=True))
    reader = str(sdk.postgres.create_endpoint(root, reads, "reader").wait().name)
    kept = Snapshot(spec=SnapshotSpec(source_branch=root, ttl=seconds(86_400)))
    snapshot = str(sdk.postgres.create_snapshot(project, kept, "kept").wait().name)
    yield Standing(project, root, guarded, role, database, reader, snapshot)
    unprotect(sdk, guarded)
    sdk.postgres.delete_project(project, purge=True).wait()
