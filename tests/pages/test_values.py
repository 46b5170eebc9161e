"""Values as text, one beside the other."""

import pytest

from pages.templatetags.values import BEFORE, MOST_SHOWN, beside

LONG = "x" * MOST_SHOWN * 3
END = f"…{LONG[:BEFORE]}"


@pytest.mark.parametrize(
    ("value", "other", "told", "told_of_the_other"),
    [
        ("short", "other", "short", "other"),
        (f"{LONG} mine", f"{LONG} theirs", f"…{LONG[: BEFORE - 1]} mine", f"…{LONG[: BEFORE - 1]} theirs"),
        (LONG, LONG + LONG, END, END + LONG),
        (f"a{LONG}", f"b{LONG}", f"a{LONG}", f"b{LONG}"),
        (f"a\r\n{LONG}", f"a\n{LONG}!", END, f"{END}!"),
        (LONG, None, LONG, ""),
    ],
    ids=range(6),
)
def test_two_values_are_shown_from_where_they_differ(
    value: str, other: str | None, told: str, told_of_the_other: str
) -> None:
    assert (beside(value, other), beside(other, value)) == (told, told_of_the_other)
