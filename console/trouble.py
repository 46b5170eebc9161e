"""Why a statement gave no result, told for the page: in words, and with the line of the text that it is about."""

from __future__ import annotations

from dataclasses import dataclass

from .mistakes import QueryFailed, Reason
from .places import Place
from .statement import Refused

AROUND = 60  # characters of a long line, on either side of the place
TITLES = {
    Reason.MISTAKE: "PostgreSQL refuses this",
    Reason.TOO_SLOW: "Stopped",
    Reason.TOO_LARGE: "Too large",
    Reason.CANCELLED: "Cancelled",
    Reason.BUSY: "Busy",
    Reason.NOT_READY: "The query builder is not set up",
}


@dataclass(frozen=True)
class Quote:
    """One line of the typed text, around the part in question."""

    line: int
    before: str
    part: str
    after: str


@dataclass(frozen=True)
class Trouble:
    title: str
    message: str
    detail: str = ""
    hint: str = ""
    sqlstate: str = ""
    place: Place | None = None
    quote: Quote | None = None

    @property
    def is_calm(self) -> bool:
        """Whether it is what the person asked for, and no fault."""
        return self.title == TITLES[Reason.CANCELLED]


def not_allowed(typed: str, refused: Refused) -> Trouble:
    return Trouble("Not run", refused.message, place=refused.position, quote=quoted(typed, refused.position))


def failed(typed: str, failure: QueryFailed) -> Trouble:
    return Trouble(
        TITLES[failure.reason],
        failure.message,
        failure.detail,
        failure.hint,
        failure.sqlstate,
        failure.position,
        quoted(typed, failure.position),
    )


def quoted(typed: str, place: Place | None) -> Quote | None:
    if place is None:
        return None
    begin = typed.rfind("\n", 0, place.start) + 1
    end = typed.find("\n", place.start)
    end = len(typed) if end < 0 else end
    stop = min(place.end, end)
    before, after = typed[begin : place.start], typed[stop:end]
    return Quote(
        place.line,
        before if len(before) <= AROUND else f"…{before[-AROUND:]}",
        typed[place.start : stop][: 4 * AROUND],
        after if len(after) <= AROUND else f"{after[:AROUND]}…",
    )
