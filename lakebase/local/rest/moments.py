"""A point in a branch's past, as branches and snapshots ask for it."""

from typing import TYPE_CHECKING

import psycopg

from lakebase.local.cluster.postgres import CannotStart
from lakebase.local.credentials import Refused
from lakebase.local.history import reach
from lakebase.local.history.moment import LSN, Moment
from lakebase.local.records import Branch
from lakebase.local.refusal import Refusal, invalid, not_emulated
from lakebase.local.rest.fields import Fields

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace

FIELDS = ("source_branch_time", "source_branch_lsn")
TIME, LOG_POSITION = FIELDS


async def read(ws: "Workspace", source: Branch, spec: Fields) -> Moment | None:
    """None for now. Raises Refusal 400 with the true bounds where the history of `source` does not reach."""
    given = check_one(spec)
    if not given:
        return None
    moment = Moment(spec.time(TIME)) if given[0] == TIME else Moment(lsn=read_lsn(spec))
    if ws.history.limits is None:
        raise not_emulated(f"spec.{given[0]}: it runs with --no-history. Leave it out to branch from now.")
    await ws.making.made(source.name)
    source = ws.branch(source.name)
    log_position = await _end_of_log(ws, source) if moment.time is None else ""
    source = ws.branch(source.name)  # it may be on its way out by now, and its history with it
    ahead = moment.time is None and not moment.is_until(0, log_position)
    if ahead or reach.locate(ws.store, source, moment) is None:
        raise reach.unreachable(
            ws.store, source, moment, f"spec.{given[0]}", log_position, ws.history.room.why_not(source)
        )
    return moment


async def _end_of_log(ws: "Workspace", source: Branch) -> str:
    try:
        return await ws.compute_of(source.name).log_position()
    except (CannotStart, Refused, psycopg.Error) as error:
        ws.branch(source.name)
        message = f"The log of '{source.name}' cannot be read just now: {error} Ask again."
        raise Refusal(503, "TEMPORARILY_UNAVAILABLE", message) from error


def check_one(spec: Fields) -> list[str]:
    """Which field names a moment: one, or none. Raises Refusal 400."""
    given = [name for name in FIELDS if spec.has(name)]
    if len(given) > 1:
        raise invalid(f"At most one of spec.{TIME} and spec.{LOG_POSITION} may be set.")
    return given


def read_lsn(spec: Fields) -> str:
    """Raises Refusal 400."""
    lsn = spec.text(LOG_POSITION)
    if not LSN.fullmatch(lsn):
        raise invalid(f"Field 'spec.{LOG_POSITION}' must be a log position such as \"0/1A2B3C8\", got '{lsn:.40}'.")
    return lsn.upper()
