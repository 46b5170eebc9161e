"""Who is calling: the personal access token, service principals by OIDC client credentials, and `Me`."""

import base64
import binascii
import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from lakebase.local.credentials import REST_LIFETIME_SECONDS, Refused
from lakebase.local.records import ServicePrincipal
from lakebase.local.refusal import Refusal
from lakebase.local.rest.call import Call, Caller

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace


def caller(ws: "Workspace", authorization: str | None, access_token: str) -> Caller:
    """Whoever an Authorization header names. Raises Refusal 401."""
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise _unauthenticated(
            "The request carries no bearer token. Set DATABRICKS_TOKEN from the emulator's env file."
        )
    if hmac.compare_digest(token.encode(), access_token.encode()):
        return Caller(ws.user, ws.user.split("@")[0])
    try:
        client_id = ws.credentials.verify_access(token)
    except Refused as error:
        raise _unauthenticated(f"The bearer token is not valid here: {error.message}") from error
    principal = ws.store.get(ServicePrincipal, f"service-principals/{client_id}")
    if principal is None:
        raise _unauthenticated(f"The service principal {client_id} does not exist any more.")
    return Caller(client_id, principal.display_name, is_service_principal=True, may_manage=principal.can_manage)


async def me(ws: "Workspace", call: Call) -> dict[str, Any]:
    """SCIM's Me; a service principal's userName is its application id."""
    body: dict[str, Any] = {
        "id": str(abs(hash_of(call.caller.name))),
        "userName": call.caller.name,
        "displayName": call.caller.display_name,
        "active": True,
    }
    if not call.caller.is_service_principal:
        body["emails"] = [{"value": call.caller.name, "type": "work", "primary": True}]
    return body


def well_known(base_url: str) -> dict[str, Any]:
    """What the SDK asks for first of all; without oidc_endpoint it cannot do OAuth over http."""
    return {"workspace_id": "1", "account_id": "local", "cloud": "AWS", "oidc_endpoint": f"{base_url}/oidc"}


def authorization_server(base_url: str) -> dict[str, Any]:
    return {
        "issuer": f"{base_url}/oidc",
        "authorization_endpoint": f"{base_url}/oidc/v1/authorize",
        "token_endpoint": f"{base_url}/oidc/v1/token",
        "grant_types_supported": ["client_credentials"],
    }


def client_credentials(ws: "Workspace", authorization: str | None, form: bytes) -> tuple[int, dict[str, Any]]:
    """Status and body of RFC 6749's answer to a client that shows id and secret, in the header or in the form."""
    fields = parse_qs(form.decode(errors="replace"))
    if fields.get("grant_type") != ["client_credentials"]:
        return 400, {
            "error": "unsupported_grant_type",
            "error_description": "Lakebase Local knows client_credentials only.",
        }
    client_id, secret = _basic(authorization) or (
        fields.get("client_id", [""])[0],
        fields.get("client_secret", [""])[0],
    )
    if not ws.knows(client_id, secret):
        return 401, {
            "error": "invalid_client",
            "error_description": "Unknown client id or wrong secret. "
            "Make a service principal: POST /_local/service-principals.",
        }
    token = ws.credentials.mint_access(client_id)[0]
    return 200, {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": REST_LIFETIME_SECONDS,
        "scope": "all-apis",
    }


def hash_of(name: str) -> int:
    """A stable number for a name, as SCIM ids are numbers."""
    return binascii.crc32(name.encode()) + 10**9


def _basic(authorization: str | None) -> tuple[str, str] | None:
    scheme, _, value = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return client_id, secret


def _unauthenticated(message: str) -> Refusal:
    return Refusal(401, "UNAUTHENTICATED", message)
