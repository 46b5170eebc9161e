"""The logins of this process that woke an endpoint."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime

from .tokens import Target


@dataclass(frozen=True, kw_only=True)
class ColdStart:
    """The last login of this process that woke the endpoint: when it was served, and how long it waited."""

    at: datetime
    milliseconds: float


_last: dict[Target, ColdStart] = {}


def record(target: Target, seconds: float) -> None:
    _last[target] = ColdStart(at=datetime.now(UTC), milliseconds=round(seconds * 1000, 1))


def last(target: Target) -> ColdStart | None:
    return _last.get(target)


os.register_at_fork(after_in_child=_last.clear)
