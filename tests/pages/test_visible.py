"""Characters that nobody sees are told by PostgreSQL as they are by Python."""

import re
import unicodedata

import pytest

from pages import visible
from tests.shop import sql

PATTERNS = (visible.A_CONTROL, visible.A_CONTROL_IN_LINES, visible.A_HIDDEN, visible.SOMETHING_SEEN)


@pytest.mark.django_db
@pytest.mark.parametrize("pattern", PATTERNS)
def test_postgresql_and_python_read_a_pattern_alike(pattern: str) -> None:
    found = sql(
        "SELECT n FROM generate_series(1, 131071) AS n WHERE n NOT BETWEEN 55296 AND 57343 AND chr(n) ~ %s", [pattern]
    )
    ours = [n for n in range(1, 131072) if not 0xD800 <= n <= 0xDFFF and re.search(pattern, chr(n))]
    assert [n for (n,) in found] == ours


def test_every_control_and_format_character_is_hidden_and_nothing_with_a_shape_is() -> None:
    for number in range(0x20000):
        said, kind = chr(number), unicodedata.category(chr(number))
        if kind == "Cc" and number:
            assert re.search(visible.A_CONTROL, said), hex(number)
        if kind[0] in "LN" and "FILLER" not in unicodedata.name(said, ""):
            assert re.search(visible.SOMETHING_SEEN, said) and not re.search(visible.A_HIDDEN, said), hex(number)
        if kind[0] == "Z":
            assert not re.search(visible.SOMETHING_SEEN, said), hex(number)
