"""What the audit trail tells of an order: who moved it when, and all that the transaction changed that placed it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

from django.db.models import F

from audit.models import AuditEntry
from pages.exact_json import written
from pages.visible import plain

from .checkout import PLACE
from .forms import as_written
from .models import Order, OrderPlacement, Status

PLACE_ORDER = Path(__file__).parent / "migrations" / "0006_place_order.sql"
HISTORY = 50
MOST_ENTRIES, ENTRIES_SHOWN = 1000, 40
# The columns that place_order() returns besides `again`, `txid` and `refusals`.
RETURNED = (
    *("order_id", "user_id", "order_date", "status"),
    *("total_amount", "shipping_address", "payment_method", "stock_taken"),
)


class Step(NamedTuple):
    """An order's coming into a status. `at` is None for what is still to come."""

    status: Status
    at: datetime | None = None
    by: str = ""
    txid: int | None = None


def timeline(order: Order, history: Iterable[AuditEntry]) -> list[Step]:
    """From the first status to the last, out of the order's entries, newest first; then the way that is left."""
    steps: list[Step] = []
    for entry in reversed(list(history)):
        before, after = (entry.old_data or {}).get("status"), (entry.new_data or {}).get("status")
        if not steps and before is not None:  # the trail, or the page of it, begins later than the order
            steps.append(Step(Status(before), order.order_date))
        if after is not None and after != before:
            steps.append(Step(Status(after), entry.created_at, entry.actor or entry.created_by, entry.txid))
    return [*(steps or [Step(Status(order.status), order.order_date)]), *_ahead(Status(order.status))]


def _ahead(status: Status) -> list[Step]:
    following = status.following[:1]
    return [step for each in following for step in (Step(each), *_ahead(each))]


@dataclass(frozen=True, kw_only=True)
class Happened:
    """The call that placed an order, the statement in it that wrote, the row that came, and what was changed."""

    statement: str
    writing: str
    returned: list[tuple[str, Any]]
    txid: int
    at: datetime
    by: str
    entries: list[AuditEntry]
    more: bool


def happened(order_id: int) -> Happened | None:
    """None when no place_order() with a key placed it, or when the trail does not reach back to it."""
    placement = OrderPlacement.objects.filter(pk=order_id).first()
    if placement is None:
        return None
    # "+ 0": by the index on transactions, not along the whole key.
    entries = list(AuditEntry.objects.of_transaction(placement.txid).order_by(F("audit_id") + 0)[:MOST_ENTRIES])
    made = next((entry for entry in entries if (entry.table_name, entry.record_id) == ("orders", order_id)), None)
    if made is None:
        return None
    row = made.image
    returned = {name: row.get(name) for name in RETURNED} | {"again": False, "txid": placement.txid}
    return Happened(
        statement=_statement(placement, row, entries),
        writing=writing(),
        returned=[(name, _told(value)) for name, value in returned.items()],
        txid=placement.txid,
        at=made.created_at,
        by=made.actor or made.created_by,
        entries=entries[:ENTRIES_SHOWN],
        more=len(entries) > ENTRIES_SHOWN,
    )


@cache
def writing() -> str:
    """The statement of place_order() that takes the goods and writes the order, as the function has it."""
    text = PLACE_ORDER.read_text()
    inserts = text.index("INSERT INTO orders (")
    begins = text.rindex("\n    WITH ", 0, inserts) + 1
    return dedent(text[begins : text.index(";", inserts) + 1])


def _statement(placement: OrderPlacement, row: dict[str, Any], entries: list[AuditEntry]) -> str:
    """The call with its parameters, as the rows tell them: lines that asked for the same product have become one."""
    lines = [each.image for each in entries if each.table_name == "order_items"]
    products, quantities = ([line[name] for line in lines] for name in ("product_id", "quantity"))
    address = written(as_written(row["shipping_address"]))
    given = (row["user_id"], products, quantities, address, row["payment_method"], placement.idempotency_key)
    return plain(PLACE % tuple(map(_literal, given)))


def _told(value: Any) -> Any:
    """true and false as PostgreSQL has them."""
    return str(value).lower() if isinstance(value, bool) else value


def _literal(value: int | str | list[int]) -> str:
    if isinstance(value, int):
        return str(value)
    text = value if isinstance(value, str) else f"{{{','.join(map(str, value))}}}"
    return "'" + text.replace("'", "''") + "'"
