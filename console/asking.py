"""A typed statement from the page to its answer: checked, run, and told in words when it gives none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pages import plan

from .mistakes import QueryFailed
from .ordering import Order
from .result import Result
from .running import run
from .statement import Kind, Refused, checked, planned
from .trouble import Trouble, failed, not_allowed


class Way(StrEnum):
    """What is asked for: the rows, how Postgres would find them, how it did."""

    ROWS = "rows"
    PLAN = "plan"
    MEASURED = "measured"


@dataclass(frozen=True)
class Answer:
    """Either a result, which may be a plan, or the trouble that there is none."""

    sql: str
    result: Result | None = None
    plan: plan.Plan | None = None
    trouble: Trouble | None = None

    @property
    def is_plan(self) -> bool:
        return self.result is not None and self.result.kind is Kind.PLAN


def ask(sql: str, way: Way, *, name: str, order: Order | None = None) -> Answer:
    """Raises django.db.Error when the database is out of reach. `name` is what the run can be cancelled by."""
    statement = checked(sql)
    if isinstance(statement, Refused):
        return Answer(sql, trouble=not_allowed(sql, statement))
    if way is not Way.ROWS:
        if statement.kind is Kind.SETTING:
            return Answer(sql, trouble=Trouble("Not run", "SHOW has no plan: press Run to read the setting."))
        statement = planned(statement, measured=way is Way.MEASURED)
    try:
        result = run(statement, name=name, order=order)
    except QueryFailed as failure:
        return Answer(sql, trouble=failed(sql, failure))
    return Answer(sql, result, plan.read(_text(result)) if result.kind is Kind.PLAN else None)


def _text(result: Result) -> str:
    return "\n".join(row[0] or "" for row in result.rows)
