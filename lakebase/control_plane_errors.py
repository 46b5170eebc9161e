"""What can go wrong between us and the workspace, in words that say what to do."""

from __future__ import annotations


class LakebaseError(Exception):
    """Something about Lakebase is wrong; the text says what, and what to do about it."""


class NotConfigured(LakebaseError):
    """No workspace is named, or no way to log in to it."""


class ControlPlaneDown(LakebaseError):
    """The workspace did not answer in time, or only with a fault of its own."""


class IdentityRefused(LakebaseError):
    """The workspace does not accept this identity, or it may not do this."""


class NotFound(LakebaseError):
    """The project, branch or endpoint does not exist."""


class AlreadyExists(LakebaseError):
    """What should be made is there already."""


class NoEndpoint(NotFound):
    """The branch has no endpoint that takes writes."""


class Refused(LakebaseError):
    """The workspace understood and said no."""


def explain(failure: BaseException, *, doing: str, host: str | None, client_id: str = "") -> LakebaseError | None:
    """The LakebaseError that stands for a failure of the SDK; None when it is none of the SDK's (a mistake of ours)."""
    from databricks.sdk.errors.base import DatabricksError

    where = host or "the workspace (DATABRICKS_HOST)"
    if isinstance(failure, LakebaseError):
        return failure
    if isinstance(failure, DatabricksError):
        return _answered(failure, doing, where, client_id)
    if isinstance(failure, OSError):  # no connection, no answer in time: requests' errors and TimeoutError are OSErrors
        return ControlPlaneDown(
            f"Could not {doing}: {where} does not answer ({_brief(failure)}). Check that the address is right "
            "(DATABRICKS_HOST), that this machine reaches it (network, VPN, proxy, NO_PROXY), and for Lakebase Local "
            "that it is running (`make run`)."
        )
    if isinstance(failure, ValueError):
        return _misconfigured(failure, doing, host, client_id)
    if type(failure) is Exception:  # what the SDK raises for a failed long-running operation
        return Refused(f"Could not {doing}: {failure}")
    return None


def _answered(failure: Exception, doing: str, where: str, client_id: str) -> LakebaseError:
    from databricks.sdk import errors

    # The SDK appends its whole configuration to a 401.
    said = str(failure).partition(" Config: ")[0].rstrip(".")
    who = f"the service principal {client_id}" if client_id else "the identity of DATABRICKS_*"
    if isinstance(failure, errors.NotFound):
        missing = "branch" if said.lower().startswith("branch") else "project"
        return NotFound(
            f"Could not {doing}: {said}. `manage.py lakebase list` shows what exists on {where}; "
            f"`manage.py lakebase create-{missing} ID` makes a {missing}."
        )
    if isinstance(failure, errors.Unauthenticated):
        return IdentityRefused(
            f"Could not {doing}: {where} does not accept {who} ({said}). Check DATABRICKS_TOKEN, or "
            "DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET; `databricks auth login` renews a login of your own."
        )
    if isinstance(failure, errors.PermissionDenied):
        return IdentityRefused(
            f"Could not {doing}: {where} does not allow it to {who} ({said}). Ask an owner of the project for access "
            "(on Databricks Apps: add the database as a resource of the app)."
        )
    if isinstance(failure, errors.AlreadyExists):
        return AlreadyExists(f"Could not {doing}: {said}.")
    if isinstance(failure, errors.InternalError | errors.TemporarilyUnavailable | errors.DeadlineExceeded):
        return ControlPlaneDown(f"Could not {doing}: {where} has a fault of its own ({said}). Try again in a minute.")
    if isinstance(failure, errors.TooManyRequests):
        return ControlPlaneDown(f"Could not {doing}: {where} asks for fewer requests ({said}). Try again in a minute.")
    return Refused(f"Could not {doing}: {where} refused ({said}).")


def _misconfigured(failure: ValueError, doing: str, host: str | None, client_id: str) -> LakebaseError:
    said = str(failure)
    if "OAuth tokens are not available" in said:
        return NotConfigured(
            f"Could not {doing}: a Provisioned instance takes an OAuth token, and a personal access token is none. "
            "Set DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET, or run `databricks auth login` and unset "
            "DATABRICKS_TOKEN."
        )
    if not host:
        return NotConfigured(
            f"Could not {doing}: no workspace is configured. Set DATABRICKS_HOST and a login (DATABRICKS_TOKEN, or "
            "DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET), or run `make run`, which starts Lakebase Local."
        )
    who = f"service principal {client_id}" if client_id else "the login found in DATABRICKS_*"
    return IdentityRefused(
        f"Could not {doing}: logging in to {host} with {who} failed ({_first_line(said)}). Check DATABRICKS_CLIENT_ID "
        "and DATABRICKS_CLIENT_SECRET or DATABRICKS_TOKEN, and that DATABRICKS_AUTH_TYPE names the one you mean."
    )


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0].rstrip(".") if text.strip() else "no reason given"


def _brief(failure: OSError) -> str:
    """The innermost reason of a chain of network errors, as one line."""
    link: BaseException = failure
    while (inner := link.__cause__ or link.__context__) is not None:
        link = inner
    return _first_line(str(link) or type(link).__name__)
