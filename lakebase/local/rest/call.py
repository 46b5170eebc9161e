"""One request, as the resource files see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakebase.local.refusal import Refusal, invalid
from lakebase.local.rest.fields import Fields

LARGEST_PAGE = 100


@dataclass(frozen=True)
class Caller:
    """Whoever the bearer token names: a person by e-mail, or a service principal by application id."""

    name: str
    display_name: str
    is_service_principal: bool = False
    may_manage: bool = True


@dataclass(frozen=True)
class Call:
    caller: Caller
    query: Mapping[str, str]
    body: dict[str, Any]
    base_url: str

    @property
    def spec(self) -> Fields:
        return Fields.of(self.body.get("spec"), "spec")

    def require_manager(self) -> None:
        """Refuse a service principal that was not made a manager, as the service does without CAN MANAGE."""
        if not self.caller.may_manage:
            raise Refusal(
                403,
                "PERMISSION_DENIED",
                f"Service principal {self.caller.name} has CAN CONNECT AND CREATE on this project; "
                "changing it needs CAN MANAGE.",
            )


def page(call: Call, key: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    """One page of rendered resources. The token is the name of the last one shown, so pages stay right under change."""
    size_text = call.query.get("page_size") or "0"
    if not size_text.isdecimal() or len(size_text) > 9:
        raise invalid(
            f"Field 'page_size' must be a number from 0 on (at most {LARGEST_PAGE} are given), got '{size_text:.40}'."
        )
    size = min(int(size_text) or LARGEST_PAGE, LARGEST_PAGE)
    items = sorted(items, key=lambda item: item["name"])
    last = call.query.get("page_token")
    if last:
        if "/" not in last:
            raise invalid("Field 'page_token' must be the next_page_token of the page before.")
        items = [item for item in items if item["name"] > last]
    body: dict[str, Any] = {key: items[:size]} if items else {}
    if len(items) > size:
        body["next_page_token"] = items[size - 1]["name"]
    return body
