"""An identity that may not come in: at the REST API, at Postgres, or at both."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from lakebase.local.credentials import DATABASE, Refused
from lakebase.local.faults.fault import Fault, read_identity
from lakebase.local.faults.registry import Faults
from lakebase.local.faults.tokens import BOTH, POSTGRES, REST
from lakebase.local.refusal import Refusal, invalid
from lakebase.local.rest.fields import Fields

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace

NOT_PERMITTED = "28000"


@dataclass
class RefuseIdentity(Fault):
    kind: ClassVar[str] = "refuse-identity"
    identity: str
    at: str

    @classmethod
    def read(cls, ws: "Workspace", given: Fields) -> Self:
        identity = read_identity(ws, given)
        if identity is None:
            raise invalid("Field 'identity' is required: an e-mail, or the id of a service principal.")
        return cls(identity, given.choice("at", (POSTGRES, REST, BOTH), BOTH))


def check_login(faults: Faults, claims: dict[str, Any], now: float) -> None:
    """Raises Refused, in Postgres's words for a role without LOGIN."""
    for fault in faults.of(RefuseIdentity):
        if claims["aud"] == DATABASE and fault.at != REST and fault.identity == claims["sub"]:
            message = f'role "{fault.identity}" is not permitted to log in'
            raise Refused(NOT_PERMITTED, message, "identity refused", "A fault is set: see GET /_local/faults.")


def check_caller(faults: Faults, name: str) -> None:
    """Raises Refusal 403. Not asked on the control surface, which must be able to undo this."""
    for fault in faults.of(RefuseIdentity):
        if fault.at != POSTGRES and fault.identity == name:
            raise Refusal(403, "PERMISSION_DENIED", f"{name} may not use this workspace.")
