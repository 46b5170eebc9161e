"""What nobody can see in a text, for forms, constraints and imports alike.

A name made of it looks empty, a key that holds it looks like another one, and a control character reaches the terminal
of whoever prints it. The patterns are read alike by PostgreSQL and by Python.
"""

import re
from typing import Any

from django.core.exceptions import ValidationError

# C0 and C1, and the two further ends of a line that Unicode has; NUL is in no text of PostgreSQL.
_CONTROL = r"\u0001-\u001F\u007F-\u009F\u2028\u2029"
_BLANK = r" \u00A0\u1680\u2000-\u200A\u202F\u205F\u2800\u3000"
# What Unicode calls default-ignorable, and fillers: they take no room, or look like a blank.
_INVISIBLE = (
    r"\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164"
    r"\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U0001D173-\U0001D17A\U000E0000-\U000E0FFF"
)
# One character: patterns of whole texts, with ^ and $, take PostgreSQL four times as long.
A_CONTROL = f"[{_CONTROL}]"
A_CONTROL_IN_LINES = r"[\u0001-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]"  # but for tabs and new lines
A_HIDDEN = f"[{_CONTROL}{_INVISIBLE}]"
SOMETHING_SEEN = f"[^{_CONTROL}{_BLANK}{_INVISIBLE}]"

TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

HOLDS_CONTROL = "This holds a control character, such as a tab, a new line or ESC: take it out."
HOLDS_CONTROL_IN_LINES = "This holds a control character, such as ESC: take it out."
HOLDS_HIDDEN = "This holds a character that nobody can see, such as a zero-width space: write it anew."
NOTHING_SEEN = "Nothing of this can be seen: write a letter or a digit."


def isolated(text: str) -> str:
    """A name within a sentence of ours, whose direction ends where it ends."""
    return f"\u2068{text}\u2069"


def plain(written: str) -> str:
    """SQL or JSON in which what turns the direction of a text stands as JSON writes it: seen, and without effect."""
    return TURNS.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def no_control(value: str) -> None:
    """Validates a text of one line."""
    _refuse(A_CONTROL, value, HOLDS_CONTROL)


def no_control_in_lines(value: str) -> None:
    """Validates a text of several lines."""
    _refuse(A_CONTROL_IN_LINES, value, HOLDS_CONTROL_IN_LINES)


def name(value: str) -> None:
    """Validates a text of one line with something to see in it."""
    no_control(value)
    if value and not re.search(SOMETHING_SEEN, value):
        raise ValidationError(NOTHING_SEEN, code="unseen")


def key(value: Any) -> None:
    """Validates what tells one row from another; the database's own default is fine."""
    if isinstance(value, str):
        no_control(value)
        _refuse(A_HIDDEN, value, HOLDS_HIDDEN)


def _refuse(pattern: str, value: str, message: str) -> None:
    if "\0" in value or re.search(pattern, value):
        raise ValidationError(message, code="unseen")
