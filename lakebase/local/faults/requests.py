"""Requests of the REST API that are answered 429 or 503, before the work or in place of its answer."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, ClassVar, Self

from lakebase.local.faults.fault import Fault, read_count
from lakebase.local.faults.registry import Faults
from lakebase.local.refusal import Refusal, invalid
from lakebase.local.rest.fields import Fields

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace

TOO_MANY, UNAVAILABLE = 429, 503
WORDS = {
    TOO_MANY: ("RESOURCE_EXHAUSTED", "Too many requests: this was one more than the fault that is set lets through."),
    UNAVAILABLE: ("TEMPORARILY_UNAVAILABLE", "The service is not available, by a fault that is set."),
}
VERBS = ("GET", "POST", "PATCH", "DELETE")
BELOW, POSTGRES, ME = "api/2.0/", "postgres/", "preview/scim/v2/Me"
WILDCARD = re.compile(r"[*?\[]")
BEFORE, AFTER = "before", "after"


@dataclass
class RefuseRequests(Fault):
    """`path` is a pattern, such as "*/branches"; `times` 0: until it is cleared.

    `when` "after": the work is done and only its answer is lost, so that a client that asks again asks for it twice.
    """

    kind: ClassVar[str] = "refuse-requests"
    status: int
    retry_after: int
    verb: str | None
    path: str
    times: int
    when: str
    refused: int = field(default=0, init=False)

    @classmethod
    def read(cls, ws: "Workspace", given: Fields) -> Self:
        status = read_count(given, "status", UNAVAILABLE, TOO_MANY, UNAVAILABLE)
        if status not in WORDS:
            raise invalid(f"Field 'status' must be {TOO_MANY} or {UNAVAILABLE}, got {status}.")
        return cls(
            status,
            read_count(given, "retry_after", 1, 0, 3600),
            given.choice("verb", VERBS) or None,
            _read_path(given),
            read_count(given, "times", 0, 0, 1_000_000),
            given.choice("when", (BEFORE, AFTER), BEFORE),
        )

    def fits(self, verb: str, path: str) -> bool:
        return self.verb in (None, verb) and fnmatchcase(path, self.path)

    def refusal(self, faults: Faults) -> Refusal:
        self.refused += 1
        if self.refused == self.times:
            faults.over(self, "it was set for so many times")
        return Refusal(self.status, *WORDS[self.status], retry_after=self.retry_after)


def _read_path(given: Fields) -> str:
    path = given.text("path", "*") or "*"
    # As it stands in a request, too.
    path = path.removeprefix("/").removeprefix(BELOW) or "*"
    if not path.isascii() or not _may_fit(path):
        raise invalid(
            f"Field 'path' must be a pattern of what follows /{BELOW} such as 'postgres/*/branches', got {path!r:.80}."
        )
    return path


def _may_fit(pattern: str) -> bool:
    """Whether it begins as a path that is answered here, as far as it has no wildcard."""
    plain = WILDCARD.split(pattern)[0]
    if plain == pattern:
        return plain == ME or plain.startswith(POSTGRES)
    known = plain.startswith(POSTGRES) or any(path.startswith(plain) for path in (POSTGRES, ME))
    return known and BELOW not in pattern


@contextmanager
def disturbed(faults: Faults, verb: str, path: str) -> Iterator[None]:
    """Around the work of a request to `path`, below /api/2.0/. Raises Refusal where a fault wants it."""
    fitting = [fault for fault in faults.of(RefuseRequests) if fault.fits(verb, path)]
    for fault in fitting:
        if fault.when == BEFORE:
            raise fault.refusal(faults)
    yield
    for fault in fitting:
        # Two answers to one request cannot both be lost, nor more of them than were asked for.
        if fault.when == AFTER and fault in faults.of(RefuseRequests):
            raise fault.refusal(faults)
