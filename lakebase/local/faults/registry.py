"""The faults that are set now."""

import time
from typing import TYPE_CHECKING, Any, TypeVar

from lakebase.local.encoding import timestamp
from lakebase.local.events import EventLog
from lakebase.local.faults.fault import Fault

if TYPE_CHECKING:
    from lakebase.local.workspace import Workspace

F = TypeVar("F", bound=Fault)


class Faults:
    """Each has a number, by which it is cleared; the list is in the order of their setting."""

    def __init__(self, events: EventLog) -> None:
        self._events = events
        self._set: dict[int, tuple[float, Fault]] = {}
        self._last = 0

    def of(self, kind: type[F]) -> list[F]:
        return [fault for _, fault in self._set.values() if isinstance(fault, kind)]

    def shown(self) -> list[dict[str, Any]]:
        return [_shown(number, *entry) for number, entry in self._set.items()]

    def numbers(self, kind: str | None = None) -> list[int]:
        """Of all faults, or those of one kind."""
        return [number for number, (_, fault) in self._set.items() if kind in (None, fault.kind)]

    async def set(self, ws: "Workspace", fault: Fault) -> dict[str, Any]:
        """Let it begin; what is shown of it. Raises Refusal when it cannot be done."""
        self._last += 1
        number, now = self._last, time.time()
        self._set[number] = (now, fault)
        try:
            await fault.begin(ws)
        except BaseException:
            self._set.pop(number, None)
            if number == self._last:  # one that was refused was none
                self._last -= 1
            raise
        if fault.one_shot:
            del self._set[number]
        shown = _shown(number, now, fault)
        self._events.record("fault-set", fault=shown)
        return shown

    async def clear(self, ws: "Workspace", number: int, reason: str = "asked") -> None:
        """End one, if it is still set."""
        entry = self._set.pop(number, None)
        if entry is not None:
            await entry[1].end(ws)
            self._events.record("fault-cleared", fault=_shown(number, *entry), reason=reason)

    def over(self, fault: Fault, reason: str) -> None:
        """A fault has come to its end by itself, and there is nothing to undo."""
        for number, entry in list(self._set.items()):
            if entry[1] is fault:
                del self._set[number]
                self._events.record("fault-cleared", fault=_shown(number, *entry), reason=reason)


def _shown(number: int, set_at: float, fault: Fault) -> dict[str, Any]:
    return {"id": number, "kind": fault.kind, "set_time": timestamp(set_at), **fault.shown()}
