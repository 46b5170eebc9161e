"""What all faults have in common, and the fields that many of them read."""

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Self

from lakebase.local.records import ServicePrincipal
from lakebase.local.refusal import invalid, not_found
from lakebase.local.rest import endpoints
from lakebase.local.rest.fields import Fields

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace


@dataclass
class Fault:
    """A dataclass whose fields are those of the request that sets it, and of the answers that show it."""

    kind: ClassVar[str]
    # Done as soon as it is set: there is nothing to clear.
    one_shot: ClassVar[bool] = False

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Of the fields that a request may give."""
        return tuple(field.name for field in fields(cls) if field.init)

    @classmethod
    def read(cls, ws: "Workspace", given: Fields) -> Self:
        """Raises Refusal for what is missing, wrong or unknown; nothing is changed yet."""
        raise NotImplementedError

    async def begin(self, ws: "Workspace") -> None:
        """Called when it is set. Raises Refusal when it cannot be done; then it is set no more."""

    async def end(self, ws: "Workspace") -> None:
        """Called when it is set no more: undo what `begin` did."""

    def shown(self) -> dict[str, Any]:
        return asdict(self)


def read_endpoint(ws: "Workspace", given: Fields) -> str | None:
    """The name of an endpoint that exists; None, where none is given: all of them. Raises Refusal 400 or 404."""
    name = given.text("endpoint")
    return endpoints.find(ws, name).name if name else None


def require_endpoint(ws: "Workspace", given: Fields) -> str:
    name = read_endpoint(ws, given)
    if name is None:
        raise invalid("Field 'endpoint' is required: projects/../branches/../endpoints/..")
    return name


def read_identity(ws: "Workspace", given: Fields) -> str | None:
    """The e-mail of the owner or a service principal's id; None, where none is given. Raises Refusal 400 or 404."""
    name = given.text("identity")
    if not name:
        return None
    if name != ws.user and ws.store.get(ServicePrincipal, f"service-principals/{name}") is None:
        raise not_found(
            f"There is no identity {name!r:.80}. There are {ws.user} and those of GET /_local/service-principals."
        )
    return name


def read_number(given: Fields, name: str, default: float, least: float, most: float) -> float:
    """Raises Refusal 400 for what is not between `least` and `most`."""
    value = given.number(name, default)
    if not least <= value <= most:
        raise invalid(f"Field '{name}' must be between {least:g} and {most:g}, got {value:g}.")
    return value


def read_count(given: Fields, name: str, default: int, least: int, most: int) -> int:
    value = read_number(given, name, default, least, most)
    if value != int(value):
        raise invalid(f"Field '{name}' must be a whole number, got {value:g}.")
    return int(value)
