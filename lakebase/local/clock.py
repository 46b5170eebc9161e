"""The emulator's clock: the wall's, plus an offset that labs and tests may push forward.

Only token expiry, idle time, time-to-live and the soft-delete window follow it. What Postgres itself dates
(create_time, points in time) stays on the wall clock, because Postgres cannot be told another time.
"""

import time


class Clock:
    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC, as the emulator believes."""
        return time.time() + self.offset

    def advance(self, seconds: float) -> None:
        """Move the clock forward; it never goes back, because an expired token must stay expired."""
        if seconds < 0:
            raise ValueError("The clock only moves forward: give a positive number of seconds.")
        self.offset += seconds
