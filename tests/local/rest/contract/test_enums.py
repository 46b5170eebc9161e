"""Each member of the SDK's enumerations that a request can carry is taken, or refused as not emulated.

And each that an answer can carry is read by the SDK.
"""

import os
import signal
from enum import Enum
from typing import Any

import pytest
from databricks.sdk.service.postgres import (
    Branch,
    BranchSpec,
    BranchStatusState,
    EndpointStatusState,
    EndpointType,
    RequestedClaimsPermissionSet,
    RoleAuthMethod,
    RoleIdentityType,
    RoleMembershipRole,
)

from tests.local.rest.contract.conftest import Standing
from tests.local.rest.contract.wire import ask
from tests.local.sdk import Sdk

Sent = tuple[str, dict[str, Any]]


def request(standing: Standing, value: str, kind: type[Enum]) -> Sent:
    """A request with this member."""
    role = {"postgres_role": f"as {value}"}
    if kind is EndpointType:
        identifier = value.lower().replace("_", "-")
        spec = {"endpoint_type": value, "disabled": True}
        return f"{standing.root}/endpoints?endpoint_id={identifier}", {"spec": spec}
    if kind is RoleIdentityType:
        return f"{standing.root}/roles", {"spec": {**role, "identity_type": value}}
    if kind is RoleAuthMethod:
        return f"{standing.root}/roles", {"spec": {**role, "auth_method": value}}
    if kind is RoleMembershipRole:
        return f"{standing.root}/roles", {"spec": {**role, "auth_method": "NO_LOGIN", "membership_roles": [value]}}
    endpoint = f"{standing.root}/endpoints/primary"
    return "credentials", {"endpoint": endpoint, "claims": [{"permission_set": value}]}


TAKEN = (EndpointType, RoleIdentityType, RoleAuthMethod, RoleMembershipRole)
MEMBERS = [member for kind in (*TAKEN, RequestedClaimsPermissionSet) for member in kind]


@pytest.mark.parametrize("member", MEMBERS, ids=str)
def test_every_member_is_known(sdk: Sdk, standing: Standing, member: Enum) -> None:
    path, body = request(standing, member.value, type(member))
    answer = ask(sdk, "POST", path, body)
    if member is EndpointType.ENDPOINT_TYPE_READ_WRITE:
        # Each branch has one from the beginning.
        assert "read_write endpoint already exists" in answer.json()["message"]
    elif answer.status_code != 200:
        assert answer.status_code == 501
        assert answer.json()["message"].startswith("Lakebase Local does not do this:")


@pytest.mark.parametrize("kind", TAKEN, ids=lambda kind: kind.__name__)
def test_what_is_no_member_is_refused_with_those_that_are(sdk: Sdk, standing: Standing, kind: type[Enum]) -> None:
    path, body = request(standing, "OTHER", kind)
    answer = ask(sdk, "POST", path, body)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert all(member.value in answer.json()["message"] for member in kind)


NEVER = {
    BranchStatusState.ARCHIVED,
    BranchStatusState.IMPORTING,
    BranchStatusState.RESETTING,
    EndpointStatusState.DEGRADED,
}


def states(sdk: Sdk, branch: str) -> set[Enum | None]:
    shown = sdk.postgres.get_branch(branch).status, sdk.postgres.get_endpoint(f"{branch}/endpoints/primary").status
    return {status.current_state for status in shown if status is not None}


def test_every_state_that_is_answered_is_read(sdk: Sdk, standing: Standing) -> None:
    branch, primary = f"{standing.project}/branches/stateful", f"{standing.root}/endpoints/primary"
    with sdk.connect(primary):
        server = sdk.emulator.endpoint(primary)["pid"]
        # Nothing is copied from a server that takes no connection.
        os.kill(server, signal.SIGSTOP)
        try:
            spec = BranchSpec(source_branch=standing.root, no_expiry=True)
            making = sdk.postgres.create_branch(standing.project, Branch(spec=spec), "stateful")
            read = states(sdk, branch)
        finally:
            os.kill(server, signal.SIGCONT)
    assert read == {BranchStatusState.INIT, EndpointStatusState.INIT}
    making.wait()
    read |= states(sdk, branch)
    sdk.emulator.suspend(f"{branch}/endpoints/primary")
    read |= states(sdk, branch)
    sdk.postgres.delete_branch(branch).wait()
    listed = sdk.postgres.list_branches(standing.project, show_deleted=True)
    read |= {one.status.current_state for one in listed if one.name == branch and one.status}
    assert read | NEVER == {*BranchStatusState, *EndpointStatusState}
    sdk.postgres.delete_branch(branch, purge=True).wait()
