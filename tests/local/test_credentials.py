import secrets
import string

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakebase.local.clock import Clock
from lakebase.local.credentials import Credentials, Refused

USER, ENDPOINT = "learner@example.com", "projects/shop/branches/production/endpoints/primary"
SECRET = secrets.token_bytes(32)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def credentials(clock: Clock) -> Credentials:
    return Credentials(SECRET, clock)


def test_token_opens_its_endpoint(credentials: Credentials, clock: Clock) -> None:
    token, expires_at = credentials.mint(USER, ENDPOINT, 300)
    assert expires_at == pytest.approx(clock.now() + 300, abs=5)
    assert credentials.verify(token, USER) == ENDPOINT
    assert credentials.verify(token, USER, ENDPOINT) == ENDPOINT


def test_tokens_are_unique_and_valid_side_by_side(credentials: Credentials) -> None:
    tokens = {credentials.mint(USER, ENDPOINT, 300)[0] for _ in range(20)}
    assert len(tokens) == 20
    assert {credentials.verify(token, USER) for token in tokens} == {ENDPOINT}


def test_expiry_follows_the_emulators_clock(credentials: Credentials, clock: Clock) -> None:
    token, _ = credentials.mint(USER, ENDPOINT, 300)
    clock.advance(298)
    assert credentials.verify(token, USER) == ENDPOINT
    clock.advance(2)
    with pytest.raises(Refused, match=r"expired \d+ s ago") as refused:
        credentials.verify(token, USER)
    assert refused.value.reason == "expired"
    assert "generate_database_credential" in refused.value.hint


def test_access_tokens_are_for_the_rest_api_only(credentials: Credentials, clock: Clock) -> None:
    token, expires_at = credentials.mint_access("3f0c")
    assert expires_at == pytest.approx(clock.now() + 3600, abs=5)
    assert credentials.verify_access(token) == "3f0c"
    with pytest.raises(Refused, match="access token of the REST API"):
        credentials.verify(token, "3f0c")
    with pytest.raises(Refused, match="database credential"):
        credentials.verify_access(credentials.mint("3f0c", ENDPOINT, 300)[0])
    clock.advance(3600)
    with pytest.raises(Refused, match="expired"):
        credentials.verify_access(token)


def unsigned() -> str:
    claims = {"iss": "lakebase-local", "aud": "lakebase-database", "sub": USER, "exp": 9e9, "endpoint": ENDPOINT}
    return jwt.encode(claims, None, algorithm="none")


def other_secret() -> str:
    return Credentials(secrets.token_bytes(32), Clock()).mint(USER, ENDPOINT, 300)[0]


def signed(**claims: object) -> str:
    return jwt.encode(claims, SECRET, algorithm="HS256")


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("", "not a token"),
        ("dapi0123456789", "not a token"),
        ("a.b.c", "not a token"),
        (unsigned(), "not a token"),
        (other_secret(), "bad signature"),
        (signed(sub=USER), "not a token"),
        (signed(iss="elsewhere", aud="lakebase-database", sub=USER, exp=9e9, endpoint=ENDPOINT), "not a token"),
        (signed(iss="lakebase-local", aud=["rest"], sub=USER, exp=9e9), "not a database token"),
    ],
)
def test_what_is_no_good_token_is_refused(credentials: Credentials, token: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        credentials.verify(token, USER)
    assert (refused.value.sqlstate, refused.value.reason) == ("28P01", reason)
    assert refused.value.hint


def test_token_of_another_user_is_refused_in_lakebases_words(credentials: Credentials) -> None:
    token, _ = credentials.mint("someone@example.com", ENDPOINT, 300)
    with pytest.raises(Refused) as refused:
        credentials.verify(token, USER)
    assert refused.value.sqlstate == "28P01"
    assert refused.value.message == (
        f"OAuth token identity 'someone@example.com' did not match the security label configured for role '{USER}'"
    )


def test_token_of_another_endpoint_is_refused(credentials: Credentials) -> None:
    token, _ = credentials.mint(USER, ENDPOINT, 300)
    with pytest.raises(Refused, match=r"is for endpoint .*primary', but the connection names 'ep-other'") as refused:
        credentials.verify(token, USER, "ep-other")
    assert (refused.value.sqlstate, refused.value.reason) == ("28P01", "wrong endpoint")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="token_bytes"):
        Credentials(b"short", Clock())


@pytest.mark.fuzz
@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_any_text_as_a_password_is_refused_cleanly(text: str) -> None:
    with pytest.raises(Refused):
        Credentials(SECRET, Clock()).verify(text, USER)


@pytest.mark.fuzz
@given(st.integers(0, 10_000), st.sampled_from(string.ascii_letters + string.digits + "-_."))
def test_a_changed_token_is_refused(position: int, letter: str) -> None:
    credentials = Credentials(SECRET, Clock())
    token, _ = credentials.mint(USER, ENDPOINT, 300)
    # The last character of the signature carries unused bits, so another one may mean the same.
    position %= len(token) - 1
    changed = token[:position] + letter + token[position + 1 :]
    if changed != token:
        with pytest.raises(Refused):
            credentials.verify(changed, USER)
