"""A spreadsheet runs a cell that begins like a formula, unless an apostrophe stands before it.

What is exported bears the apostrophe, and an import takes it off again.
"""

import re

FORMULA = r"[=+@\t\r\n＝＋＠-]"
NEEDS_GUARD = re.compile(f"'*{FORMULA}")
GUARDED = re.compile(f"'+{FORMULA}")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# For PostgreSQL, on a column's text.
GUARD = f"CASE WHEN {{text}} ~ E'^''*{FORMULA}' THEN '''' || {{text}} ELSE {{text}} END"


def guarded(cell: str) -> str:
    """The cell as it goes to a spreadsheet; negative numbers stay numbers."""
    return f"'{cell}" if NEEDS_GUARD.match(cell) and not NUMBER.fullmatch(cell) else cell


def unguarded(cell: str) -> str:
    """The cell as it was before `guarded`."""
    return cell[1:] if GUARDED.match(cell) else cell
