"""Postgres roles of identities. They belong to a branch; a new branch takes those of its source along."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..control_plane import ask
from ..control_plane_errors import AlreadyExists, Refused
from .operations import finish
from .outcome import Outcome, Progress, quiet

if TYPE_CHECKING:
    from databricks.sdk.service.postgres import RoleIdentityType

CLIENT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def has_role(project: str, branch: str, role: str) -> bool:
    """Whether the branch knows this Postgres role. Raises NotFound for an unknown branch."""
    parent = f"projects/{project}/branches/{branch}"
    doing = f"list the roles of branch {branch} of project {project}"
    known = ask(doing, lambda w: list(w.postgres.list_roles(parent=parent)))
    return any(each.status and each.status.postgres_role == role for each in known)


def create_role(project: str, branch: str, role: str, *, progress: Progress = quiet) -> Outcome:
    """Let an identity log in to the branch: a service principal by its client id, a person by e-mail address.

    The role may connect and nothing else; `permissions.apply` gives the rest. One that exists is left as it is.
    """
    from databricks.sdk.service.postgres import Role, RoleRoleSpec

    name = f"projects/{project}/branches/{branch}"
    there = Outcome(name, False, f"Branch {branch} of {project} has the role {role} already.")
    progress(f"Looking for the role {role}")
    if has_role(project, branch, role):
        return there
    progress(f"Making the role {role}")
    # No role_id: the service refuses one that begins with a digit, as a client id may.
    wanted = Role(spec=RoleRoleSpec(identity_type=_identity_type(role), postgres_role=role))
    try:
        finish(f"make the Postgres role {role}", lambda w: w.postgres.create_role(parent=name, role=wanted))
    except (AlreadyExists, Refused):
        # The service answers a duplicate role with a plain BAD_REQUEST, like every other mistake.
        if has_role(project, branch, role):
            return there
        raise
    return Outcome(name, True, f"Branch {branch} of {project} now has the role {role}, which may connect.")


def _identity_type(role: str) -> RoleIdentityType:
    from databricks.sdk.service.postgres import RoleIdentityType

    return RoleIdentityType.SERVICE_PRINCIPAL if CLIENT_ID.fullmatch(role) else RoleIdentityType.USER
