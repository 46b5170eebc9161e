"""A refused REST request: HTTP status, error code and text, as the service words them.

Sources of the texts: databricks/cli libs/testserver/postgres.go and acceptance/**/output.txt.
The databricks-sdk chooses its exception class by the error code first, then by the status.
"""

from typing import Any


class Refusal(Exception):
    """`retry_after`: in how many seconds the client may ask again."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: list[dict[str, Any]] | None = None,
        *,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.headers = {} if retry_after is None else {"Retry-After": str(retry_after)}

    def body(self) -> dict[str, Any]:
        """The JSON body {"error_code", "message"[, "details"]}."""
        body: dict[str, Any] = {"error_code": self.code, "message": self.message}
        if self.details:
            body["details"] = self.details
        return body


def invalid(message: str) -> Refusal:
    return Refusal(400, "INVALID_PARAMETER_VALUE", message)


def bad_request(message: str, details: list[dict[str, Any]] | None = None) -> Refusal:
    return Refusal(400, "BAD_REQUEST", message, details)


def not_found(message: str) -> Refusal:
    return Refusal(404, "NOT_FOUND", message)


def already_exists(message: str) -> Refusal:
    return Refusal(409, "ALREADY_EXISTS", message)


def not_emulated(what: str) -> Refusal:
    return Refusal(501, "NOT_IMPLEMENTED", f"Lakebase Local does not do this: {what}")


def managed_by_parent(message: str) -> Refusal:
    """What the service answers to the deletion of something that lives and dies with its parent."""
    details = [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "RESOURCE_CONFLICT",
            "metadata": {"declarative_context": "MANAGED_BY_PARENT"},
        }
    ]
    return bad_request(message, details)
