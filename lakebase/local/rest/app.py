"""The HTTP application: who is calling, which resource file answers, and how refusals go out."""

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lakebase.local import control
from lakebase.local.faults.identities import check_caller
from lakebase.local.faults.requests import disturbed
from lakebase.local.refusal import Refusal, not_emulated
from lakebase.local.rest import branches, credentials, databases, endpoints, identity, projects, roles, snapshots
from lakebase.local.rest.call import Call
from lakebase.local.rest.fields import read_body

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace

LARGEST_BODY = 1 << 20
VERBS = ["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"]
Handler = Callable[..., Awaitable[dict[str, Any]]]

PROJECT, BRANCH = r"projects/[^/]+", r"projects/[^/]+/branches/[^/]+"
# A contents page of the API: verb, path below /api/2.0/postgres/ with the resource's name in brackets, who answers.
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


def application(ws: "Workspace", access_token: str) -> Starlette:
    """The whole HTTP surface: w.postgres, `Me`, OIDC, the SDK's start-up probe, and `/_local`."""

    async def call_of(request: Request) -> Call:
        caller = identity.caller(ws, request.headers.get("authorization"), access_token)
        if not request.url.path.startswith("/_local/"):
            check_caller(ws.faults, caller.name)
        raw = await _body(request)
        return Call(caller, request.query_params, read_body(raw), _base_url(request))

    async def postgres(request: Request) -> Response:
        call = await call_of(request)
        path = request.path_params["path"]
        with disturbed(ws.faults, request.method, f"postgres/{path}"):
            return JSONResponse(await _of_postgres(ws, call, request.method, path))

    async def me(request: Request) -> Response:
        call = await call_of(request)
        with disturbed(ws.faults, request.method, "preview/scim/v2/Me"):
            return JSONResponse(await identity.me(ws, call))

    async def local(request: Request) -> Response:
        call = await call_of(request)
        return JSONResponse(await control.answer(ws, request.method, request.path_params["path"], call))

    async def well_known(request: Request) -> Response:
        return JSONResponse(identity.well_known(_base_url(request)))

    async def authorization_server(request: Request) -> Response:
        return JSONResponse(identity.authorization_server(_base_url(request)))

    async def token(request: Request) -> Response:
        status, body = identity.client_credentials(ws, request.headers.get("authorization"), await _body(request))
        return JSONResponse(body, status, headers={"Cache-Control": "no-store"})

    async def elsewhere(request: Request) -> Response:
        await call_of(request)
        raise not_emulated(f"{request.method} {request.url.path:.200}. It speaks w.postgres and w.current_user.me().")

    return Starlette(
        routes=[
            Route("/.well-known/databricks-config", well_known),
            Route("/oidc/.well-known/oauth-authorization-server", authorization_server),
            Route("/oidc/v1/token", token, methods=["POST"]),
            Route("/api/2.0/preview/scim/v2/Me", me),
            Route("/api/2.0/postgres/{path:path}", postgres, methods=VERBS),
            Route("/_local/{path:path}", local, methods=VERBS),
            Route("/{path:path}", elsewhere, methods=VERBS),
        ],
        exception_handlers={Refusal: _refused, HTTPException: _unrouted, ClientDisconnect: _gone},
    )


async def _of_postgres(ws: "Workspace", call: Call, method: str, path: str) -> dict[str, Any]:
    if method == "GET" and OPERATION.fullmatch(path):
        return await ws.operations.poll(path)
    for verb, pattern, handler in COMPILED:
        found = pattern.fullmatch(path)
        if found and verb == method:
            return await handler(ws, call, *found.groups())
    raise not_emulated(f"{method} /api/2.0/postgres/{path:.200}.")


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return JSONResponse(refusal.body(), refusal.status, headers=refusal.headers)


async def _unrouted(request: Request, error: Exception) -> Response:
    """A path or method that no route takes, such as a path with a line break in it."""
    assert isinstance(error, HTTPException)
    refusal = Refusal(error.status_code, "NOT_FOUND", f"There is no {request.method} {request.url.path:.200}.")
    return JSONResponse(refusal.body(), refusal.status)


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=499)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise Refusal(413, "REQUEST_LIMIT_EXCEEDED", f"The request body is over {LARGEST_BODY >> 20} MB.")
    return bytes(body)


def _base_url(request: Request) -> str:
    return f"http://{request.url.netloc}"
