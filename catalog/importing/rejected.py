"""The wrong lines of a file as a CSV of their own: each as it stood, with its reasons before it."""

import csv
import io
from typing import IO

from django.db import connection

from pages.csv_guard import guarded, unguarded

from .file import CsvFile

REASONS = """
SELECT line, string_agg(concat_ws(': ', nullif(name, ''), message), ' ' ORDER BY place, name)
FROM pg_temp.csv_fault GROUP BY line ORDER BY line
"""
AT_ONCE = 2000
# The column in which they stand; a file that was mended and is given again has it still.
REASON = "reason"


def write_rejected(file: CsvFile, to: IO[bytes]) -> None:
    """Go through the file again beside its faults, both in the order of lines: neither is ever whole in memory."""
    text = io.TextIOWrapper(to, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, delimiter=file.delimiter, lineterminator="\r\n")
    records = file.records()
    # The reasons come first, since a line with too many cells has no place for them after.
    headings = next(records)[1]
    old = {place for place, heading in enumerate(headings) if heading.strip() == REASON}
    writer.writerow([REASON, *_without(old, headings)])
    with connection.chunked_cursor() as faults:
        faults.execute(REASONS)
        while some := faults.fetchmany(AT_ONCE):
            for wrong, reason in some:
                row = next(row for line, row in records if line == wrong)
                writer.writerow([reason, *(guarded(unguarded(cell)) for cell in _without(old, row))])
    text.flush()
    text.detach()


def _without(old: set[int], cells: list[str]) -> list[str]:
    """The cells but for the reasons of an earlier rejection."""
    return [cell for place, cell in enumerate(cells) if place not in old] if old else cells
