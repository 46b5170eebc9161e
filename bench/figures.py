"""What a bench prints: one line for each figure, with its bar."""

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Figures:
    """Collects lines; a figure that misses its bar is marked, and makes the run's exit code 1."""

    missed: list[str] = field(default_factory=list)

    def say(self, name: str, value: str, bar: str = "", holds: bool = True) -> None:
        if not holds:
            self.missed.append(name)
        mark = "" if not bar else ("ok" if holds else "MISSED")
        sys.stdout.write(f"{name:<52} {value:>26}   {bar:<22} {mark}\n")
        sys.stdout.flush()

    def title(self, text: str) -> None:
        sys.stdout.write(f"\n{text}\n")


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def timed(work: Callable[[], object]) -> float:
    """How many seconds it takes, once."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median_ms(ask: Callable[[], object], times: int = 21) -> float:
    """How many milliseconds a question takes."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)
