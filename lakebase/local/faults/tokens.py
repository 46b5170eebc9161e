"""Tokens that are good no more before their hour is over: all, those of an identity, or those of an endpoint."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from lakebase.local.credentials import DATABASE, Refused, refused_token
from lakebase.local.faults.fault import Fault, read_endpoint, read_identity
from lakebase.local.faults.registry import Faults
from lakebase.local.refusal import invalid
from lakebase.local.rest.fields import Fields

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace

POSTGRES, REST, BOTH = "postgres", "rest", "both"


@dataclass
class LostTokens(Fault):
    """Strikes the tokens minted up to now; one that is asked for afterwards is good."""

    identity: str | None
    endpoint: str | None
    at: str

    @classmethod
    def read(cls, ws: "Workspace", given: Fields) -> Self:
        fault = cls(
            read_identity(ws, given), read_endpoint(ws, given), given.choice("at", (POSTGRES, REST, BOTH), POSTGRES)
        )
        if fault.endpoint and fault.at != POSTGRES:
            raise invalid("Field 'endpoint' goes with 'at' postgres only: a token of the REST API has no endpoint.")
        return fault

    async def begin(self, ws: "Workspace") -> None:
        self.moment = ws.clock.now()

    def strikes(self, claims: dict[str, Any]) -> bool:
        return (
            claims["iat"] <= self.moment
            and self.at in (BOTH, POSTGRES if claims["aud"] == DATABASE else REST)
            and self.identity in (None, claims["sub"])
            and self.endpoint in (None, claims.get("endpoint"))
        )

    def refusal(self, now: float) -> Refused:
        raise NotImplementedError


@dataclass
class ExpireTokens(LostTokens):
    kind: ClassVar[str] = "expire-tokens"

    def refusal(self, now: float) -> Refused:
        return refused_token(f"The token expired {now - self.moment:.0f} s ago.", "expired")


@dataclass
class RevokeTokens(LostTokens):
    kind: ClassVar[str] = "revoke-tokens"

    def refusal(self, now: float) -> Refused:
        return refused_token("The token was revoked.", "revoked")


def check_token(faults: Faults, claims: dict[str, Any], now: float) -> None:
    """Raises Refused when a fault strikes the token that bears these claims."""
    for fault in faults.of(LostTokens):
        if fault.strikes(claims):
            raise fault.refusal(now)
