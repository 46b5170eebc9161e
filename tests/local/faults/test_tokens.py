"""Tokens expired or revoked before their time: refused at login, good again once the fault is cleared."""

import psycopg
import pytest
from databricks.sdk.errors import Unauthenticated

from tests.local.faults.conftest import OTHER, PRIMARY, Faults
from tests.local.sdk import Sdk


def refusal(sdk: Sdk, endpoint: str, token: str) -> str:
    """What a login with this token is told; "" when it succeeds."""
    try:
        sdk.connect(endpoint, password=token).close()
    except psycopg.OperationalError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("kind", "words"), [("expire-tokens", "The token expired 0 s ago."), ("revoke-tokens", "The token was revoked.")]
)
def test_old_tokens_are_refused_and_new_ones_are_not(sdk: Sdk, faults: Faults, kind: str, words: str) -> None:
    token = sdk.token(PRIMARY)
    with sdk.connect(PRIMARY, password=token) as session:
        faults.set(kind)
        assert words in refusal(sdk, PRIMARY, token)
        assert session.execute("SELECT 1").fetchone() == (1,)  # checked at login only, as ever
    assert refusal(sdk, PRIMARY, sdk.token(PRIMARY)) == ""
    faults.clear()
    assert refusal(sdk, PRIMARY, token) == ""


def test_only_the_tokens_of_the_endpoint(sdk: Sdk, faults: Faults) -> None:
    struck, spared = sdk.token(PRIMARY), sdk.token(OTHER)
    faults.set("revoke-tokens", endpoint=PRIMARY)
    assert "revoked" in refusal(sdk, PRIMARY, struck)
    assert refusal(sdk, OTHER, spared) == ""


def test_only_the_tokens_of_the_identity(sdk: Sdk, app: Sdk, faults: Faults) -> None:
    struck, spared = app.token(PRIMARY), sdk.token(PRIMARY)
    faults.set("expire-tokens", identity=app.user)
    assert "expired" in refusal(app, PRIMARY, struck)
    assert refusal(sdk, PRIMARY, spared) == ""


@pytest.mark.parametrize("at", ["rest", "both"])
@pytest.mark.parametrize(("kind", "words"), [("expire-tokens", "expired"), ("revoke-tokens", "was revoked")])
def test_tokens_of_the_rest_api(sdk: Sdk, app: Sdk, faults: Faults, kind: str, words: str, at: str) -> None:
    """The SDK holds its token for an hour; the owner's access token is the key to the control surface, and stays."""
    database_token = app.token(PRIMARY)
    faults.set(kind, at=at)
    with pytest.raises(Unauthenticated, match=f"The token {words}"):
        app.token(PRIMARY)
    told = refusal(app, PRIMARY, database_token)
    assert words in told if at == "both" else told == ""
    assert sdk.token(PRIMARY)
    faults.clear()
    assert app.token(PRIMARY)
