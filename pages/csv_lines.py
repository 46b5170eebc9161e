"""CSV as lines that can be sent one after the other."""

import csv
from collections.abc import Callable, Iterable
from typing import Any

# Without it Excel takes UTF-8 for Windows-1252.
BYTE_ORDER_MARK = "\ufeff"


class _Line:
    """What csv.writer writes to: it hands the line back."""

    def write(self, line: str) -> str:
        return line


def line_writer() -> Callable[[Iterable[object]], str]:
    """Makes of cells one line with its end, quoted where they must be. For one file: threads may not share it."""
    write: Any = csv.writer(_Line()).writerow
    return write
