"""Tokens of Lakebase Local: signed JWTs that name a user and an endpoint, checked when a session logs in.

HS256 with a secret kept beside the data stands in for the RS256 of the real service: clients must treat a token as
opaque text, so nobody but this file can tell the difference.
"""

import uuid
from collections.abc import Callable
from typing import Any, Protocol

import jwt

DATABASE, REST = "lakebase-database", "rest"
ISSUER = "lakebase-local"
REST_LIFETIME_SECONDS = 3600
INVALID_PASSWORD = "28P01"
ASK_AGAIN = "Ask for a new one with w.postgres.generate_database_credential(endpoint=...)."


class Clock(Protocol):
    def now(self) -> float:
        """Epoch seconds; may run ahead of the machine's clock."""
        ...


class Refused(Exception):
    """A login that may not happen: SQLSTATE and message go to the client, `reason` (a word or two) to the event log."""

    def __init__(self, sqlstate: str, message: str, reason: str, hint: str = "") -> None:
        super().__init__(message)
        self.sqlstate, self.message, self.reason, self.hint = sqlstate, message, reason, hint


class Credentials:
    """Mints and checks tokens with one `secret` of at least 32 bytes; expiry follows `clock`, not the machine."""

    def __init__(self, secret: bytes, clock: Clock) -> None:
        if len(secret) < 32:
            raise ValueError(f"The token secret has {len(secret)} bytes: make it with secrets.token_bytes(32).")
        self._secret = secret
        self._clock = clock
        # More that may be wrong with the bearer of some claims at a time: raises Refused. Faults are set here.
        self.checks: list[Callable[[dict[str, Any], float], None]] = []

    def mint(self, user: str, endpoint: str, lifetime_seconds: float) -> tuple[str, float]:
        """A database password for `user` on `endpoint` ("projects/../endpoints/.."), and its end in epoch seconds."""
        return self._mint(DATABASE, user, lifetime_seconds, endpoint=endpoint)

    def verify(self, token: str, user: str, endpoint_hint: str | None = None) -> str:
        """The endpoint that `token` opens for the Postgres role `user`.

        `endpoint_hint` is the endpoint the client says it wants, where that is known.
        Raises Refused with 28P01 and a message that says what is wrong and what to do.
        """
        claims = self._claims(token)
        if claims["aud"] != DATABASE:
            raise refused_token(
                "The password is an access token of the REST API, not a database credential.", "not a database token"
            )
        self._check_life(claims)
        if claims["sub"] != user:
            raise refused_token(
                f"OAuth token identity '{claims['sub']}' "
                f"did not match the security label configured for role '{user:.63}'",
                "wrong user",
                f"Log in as the role '{claims['sub']}', whose token this is.",
            )
        endpoint = str(claims["endpoint"])
        if endpoint_hint is not None and endpoint_hint != endpoint:
            raise wrong_endpoint(endpoint, endpoint_hint)
        return endpoint

    def mint_access(self, client_id: str) -> tuple[str, float]:
        """A bearer token of one hour for the REST API, and its end in epoch seconds."""
        return self._mint(REST, client_id, REST_LIFETIME_SECONDS)

    def verify_access(self, token: str) -> str:
        """The client id that a bearer token of the REST API names; raises Refused, whose message fits a 401."""
        claims = self._claims(token)
        if claims["aud"] != REST:
            raise refused_token(
                "This is a database credential, not an access token of the REST API.", "not a REST token"
            )
        self._check_life(claims)
        return str(claims["sub"])

    def _mint(self, audience: str, subject: str, lifetime_seconds: float, **more: str) -> tuple[str, float]:
        now = self._clock.now()
        expires_at = now + lifetime_seconds
        claims = {"iss": ISSUER, "aud": audience, "sub": subject, "iat": now, "exp": expires_at, **more}
        return jwt.encode({**claims, "jti": str(uuid.uuid4())}, self._secret, algorithm="HS256"), expires_at

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            # Times are checked by our own clock below; the audience is told apart there too, with a better message.
            return jwt.decode(
                token,
                self._secret,
                algorithms=["HS256"],
                issuer=ISSUER,
                options={
                    "require": ["aud", "sub", "exp", "iss"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                    "verify_aud": False,
                },
            )
        except jwt.InvalidSignatureError as error:
            raise refused_token(
                "The token's signature is not valid: it was made by another Lakebase or in another directory.",
                "bad signature",
            ) from error
        except jwt.InvalidTokenError as error:
            raise refused_token("This is no token of this Lakebase.", "not a token") from error

    def _check_life(self, claims: dict[str, Any]) -> None:
        now = self._clock.now()
        age = now - float(claims["exp"])
        if age >= 0:
            raise refused_token(f"The token expired {age:.0f} s ago.", "expired")
        for check in self.checks:
            check(claims, now)


def wrong_endpoint(token_endpoint: str, wanted: str) -> Refused:
    """The refusal of a token that is good, but for another endpoint than the one `wanted`."""
    return refused_token(
        f"The token is for endpoint '{token_endpoint}', but the connection names '{wanted}'.",
        "wrong endpoint",
        f"Connect to the host of '{token_endpoint}', or ask for a token of the other endpoint.",
    )


def refused_token(message: str, reason: str, hint: str = ASK_AGAIN) -> Refused:
    """The refusal of a token, in SQLSTATE and hint like all others."""
    return Refused(INVALID_PASSWORD, message, reason, hint)
