"""The HTTP application: who is calling, who of the REST API and the control surface answers, how refusals go out."""

import asyncio
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lakebase.local import control
from lakebase.local.faults.identities import check_caller
from lakebase.local.faults.requests import disturbed
from lakebase.local.refusal import Refusal, not_emulated
from lakebase.local.rest import contents, identity
from lakebase.local.rest.call import Call
from lakebase.local.rest.fields import read_body

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace

LARGEST_BODY = 1 << 20
VERBS = ["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"]


def application(ws: "Workspace", access_token: str) -> Starlette:
    """The whole HTTP surface: w.postgres, `Me`, OIDC, the SDK's start-up probe, and `/_local`."""
    surface = _Surface(ws, access_token)
    return Starlette(
        routes=[
            Route("/.well-known/databricks-config", surface.well_known),
            Route("/oidc/.well-known/oauth-authorization-server", surface.authorization_server),
            Route("/oidc/v1/token", surface.token, methods=["POST"]),
            Route("/api/2.0/preview/scim/v2/Me", surface.me),
            Route("/api/2.0/postgres/{path:path}", surface.postgres, methods=VERBS),
            Route("/_local/{path:path}", surface.local, methods=VERBS),
            Route("/{path:path}", surface.elsewhere, methods=VERBS),
        ],
        middleware=[Middleware(_LastWords)],
        exception_handlers={Refusal: _refused, HTTPException: _unrouted, ClientDisconnect: _gone},
    )


class _LastWords:
    """Who still waits for an answer when the emulator stops is told so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def noted(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except asyncio.CancelledError:
            refusal = Refusal(
                503,
                "TEMPORARILY_UNAVAILABLE",
                "Lakebase Local is being stopped. What has begun goes on at its next start.",
            )
            if not has_begun:
                await JSONResponse(refusal.body(), refusal.status)(scope, receive, send)


class _Surface:
    """What each route answers; `access_token` is the workspace owner's."""

    def __init__(self, ws: "Workspace", access_token: str) -> None:
        self._ws, self._access_token = ws, access_token

    async def postgres(self, request: Request) -> Response:
        call = await self._call(request)
        path = request.path_params["path"]
        with disturbed(self._ws.faults, request.method, f"postgres/{path}"):
            return JSONResponse(await contents.answer(self._ws, request.method, path, call))

    async def me(self, request: Request) -> Response:
        call = await self._call(request)
        with disturbed(self._ws.faults, request.method, "preview/scim/v2/Me"):
            return JSONResponse(await identity.me(self._ws, call))

    async def local(self, request: Request) -> Response:
        call = await self._call(request)
        return JSONResponse(await control.answer(self._ws, request.method, request.path_params["path"], call))

    async def well_known(self, request: Request) -> Response:
        return JSONResponse(identity.well_known(_base_url(request)))

    async def authorization_server(self, request: Request) -> Response:
        return JSONResponse(identity.authorization_server(_base_url(request)))

    async def token(self, request: Request) -> Response:
        login, body = request.headers.get("authorization"), await _body(request)
        status, answer = identity.client_credentials(self._ws, login, body)
        return JSONResponse(answer, status, headers={"Cache-Control": "no-store"})

    async def elsewhere(self, request: Request) -> Response:
        await self._call(request)
        raise not_emulated(f"{request.method} {request.url.path:.200}. It speaks w.postgres and w.current_user.me().")

    async def _call(self, request: Request) -> Call:
        caller = identity.caller(self._ws, request.headers.get("authorization"), self._access_token)
        if not request.url.path.startswith("/_local/"):
            check_caller(self._ws.faults, caller.name)
        raw = await _body(request)
        return Call(caller, request.query_params, read_body(raw), _base_url(request))


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
