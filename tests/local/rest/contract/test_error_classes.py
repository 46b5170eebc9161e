"""Each error class of the SDK can be raised by a refusal of the emulator's: what it writes is what the SDK reads."""

import threading
from collections.abc import Iterator

import pytest
import requests
import uvicorn
from databricks.sdk import errors
from databricks.sdk.errors import DatabricksError, platform
from databricks.sdk.errors.parser import _Parser
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lakebase.local.http_surface import _refused
from lakebase.local.refusal import Refusal

# docs/lakebase-local.md and the SDK's errors/platform.py: the code is looked at first, then the status.
TOLD_BY_CODE = [
    (400, "INVALID_PARAMETER_VALUE", errors.InvalidParameterValue),
    (400, "INVALID_ARGUMENT", errors.BadRequest),
    (400, "BAD_REQUEST", errors.BadRequest),
    (400, "FAILED_PRECONDITION", errors.BadRequest),
    (400, "INVALID_STATE", errors.InvalidState),
    (400, "ALREADY_EXISTS", errors.AlreadyExists),
    (401, "UNAUTHENTICATED", errors.Unauthenticated),
    (403, "PERMISSION_DENIED", errors.PermissionDenied),
    (404, "NOT_FOUND", errors.NotFound),
    (404, "RESOURCE_DOES_NOT_EXIST", errors.ResourceDoesNotExist),
    (409, "ALREADY_EXISTS", errors.AlreadyExists),
    (409, "RESOURCE_ALREADY_EXISTS", errors.ResourceAlreadyExists),
    (409, "ABORTED", errors.Aborted),
    (409, "RESOURCE_CONFLICT", errors.ResourceConflict),
    (412, "FAILED_PRECONDITION", DatabricksError),
    (413, "REQUEST_LIMIT_EXCEEDED", errors.RequestLimitExceeded),
    (429, "RESOURCE_EXHAUSTED", errors.ResourceExhausted),
    (429, "TOO_MANY_REQUESTS", errors.TooManyRequests),
    (499, "CANCELLED", errors.Cancelled),
    (500, "INTERNAL_ERROR", errors.InternalError),
    (500, "UNKNOWN", errors.Unknown),
    (500, "DATA_LOSS", errors.DataLoss),
    (501, "NOT_IMPLEMENTED", errors.NotImplemented),
    (503, "TEMPORARILY_UNAVAILABLE", errors.TemporarilyUnavailable),
    (504, "DEADLINE_EXCEEDED", errors.DeadlineExceeded),
]


@pytest.fixture(scope="module")
def refusing() -> Iterator[str]:
    """The address of a server that answers /status/code as the emulator refuses."""

    async def refuse(request: Request) -> Response:
        at = request.path_params
        raise Refusal(at["status"], at["code"], f"Refused with {at['code']}.")

    app = Starlette(routes=[Route("/{status:int}/{code}", refuse)], exception_handlers={Refusal: _refused})
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(60)


def test_table_names_every_class_of_the_sdk() -> None:
    known = {*platform.STATUS_CODE_MAPPING.values(), *platform.ERROR_CODE_MAPPING.values(), DatabricksError}
    assert {kind for _, _, kind in TOLD_BY_CODE} == known


@pytest.mark.parametrize(("status", "code", "kind"), TOLD_BY_CODE)
def test_refusal_raises_its_class(refusing: str, status: int, code: str, kind: type[DatabricksError]) -> None:
    raised = _Parser().get_api_error(requests.get(f"{refusing}/{status}/{code}", timeout=60))
    assert type(raised) is kind
    assert (str(raised), raised.error_code) == (f"Refused with {code}.", code)
