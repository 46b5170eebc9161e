"""A contents page of the REST API, and who of its resource files answers a request."""

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from lakebase.local.refusal import not_emulated
from lakebase.local.rest import branches, credentials, databases, endpoints, projects, roles, snapshots
from lakebase.local.rest.call import Call

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace

Handler = Callable[..., Awaitable[dict[str, Any]]]

PROJECT, BRANCH = r"projects/[^/]+", r"projects/[^/]+/branches/[^/]+"
# Verb, path below /api/2.0/postgres/ with the resource's name in brackets, who answers.
CONTENTS: list[tuple[str, str, Handler]] = [
    ("POST", r"projects", projects.create),
    ("GET", r"projects", projects.list_all),
    ("GET", rf"({PROJECT})", projects.get),
    ("PATCH", rf"({PROJECT})", projects.update),
    ("DELETE", rf"({PROJECT})", projects.delete),
    ("POST", rf"({PROJECT})/undelete", projects.undelete),
    ("POST", rf"({PROJECT})/branches", branches.create),
    ("GET", rf"({PROJECT})/branches", branches.list_all),
    ("GET", rf"({BRANCH})", branches.get),
    ("PATCH", rf"({BRANCH})", branches.update),
    ("DELETE", rf"({BRANCH})", branches.delete),
    ("POST", rf"({BRANCH})/undelete", branches.undelete),
    ("POST", rf"({BRANCH})/endpoints", endpoints.create),
    ("GET", rf"({BRANCH})/endpoints", endpoints.list_all),
    ("GET", rf"({BRANCH}/endpoints/[^/]+)", endpoints.get),
    ("PATCH", rf"({BRANCH}/endpoints/[^/]+)", endpoints.update),
    ("DELETE", rf"({BRANCH}/endpoints/[^/]+)", endpoints.delete),
    ("POST", rf"({BRANCH})/roles", roles.create),
    ("GET", rf"({BRANCH})/roles", roles.list_all),
    ("GET", rf"({BRANCH}/roles/[^/]+)", roles.get),
    ("PATCH", rf"({BRANCH}/roles/[^/]+)", roles.update),
    ("DELETE", rf"({BRANCH}/roles/[^/]+)", roles.delete),
    ("POST", rf"({BRANCH})/databases", databases.create),
    ("GET", rf"({BRANCH})/databases", databases.list_all),
    ("GET", rf"({BRANCH}/databases/[^/]+)", databases.get),
    ("PATCH", rf"({BRANCH}/databases/[^/]+)", databases.update),
    ("DELETE", rf"({BRANCH}/databases/[^/]+)", databases.delete),
    ("POST", rf"({PROJECT})/snapshots", snapshots.create),
    ("GET", rf"({PROJECT})/snapshots", snapshots.list_all),
    ("GET", rf"({PROJECT}/snapshots/[^/]+)", snapshots.get),
    ("DELETE", rf"({PROJECT}/snapshots/[^/]+)", snapshots.delete),
    ("POST", r"credentials", credentials.generate),
]
COMPILED = [(verb, re.compile(path), handler) for verb, path, handler in CONTENTS]
OPERATION = re.compile(r"projects/[^/]+/operations/[^/]+")


async def answer(ws: "Workspace", method: str, path: str, call: Call) -> dict[str, Any]:
    """Raises the Refusal of whoever answers, and 501 where nobody does. `path`: below /api/2.0/postgres/."""
    if method == "GET" and OPERATION.fullmatch(path):
        return await ws.operations.poll(path)
    for verb, pattern, handler in COMPILED:
        found = pattern.fullmatch(path)
        if found and verb == method:
            return await handler(ws, call, *found.groups())
    raise not_emulated(f"{method} /api/2.0/postgres/{path:.200}.")
