"""JSON comes back as it went, with all digits of its numbers."""

import json
from decimal import Decimal
from typing import Any

import pytest

from pages.exact_json import ExactDecoder, ExactEncoder, written
from pages.merging import marks

LONG = Decimal("12345678901234567890.10")


@pytest.mark.parametrize(
    "text", ["1.10", "1E+400", "-0.5", "1" * 5000, '[1.0, {"a": [], "b": {}, "c": null}]', '"1.5"']
)
def test_what_is_read_is_written_the_same(text: str) -> None:
    assert written(json.loads(text, cls=ExactDecoder)) == text


@pytest.mark.parametrize("options", [{}, {"indent": 2}, {"sort_keys": True, "separators": (",", ":")}])
def test_without_decimals_it_is_what_the_json_module_writes(options: dict[str, Any]) -> None:
    value = {"b": [1, "é", {"c": [True, None]}, {}, []], "a": {"1": 0.5}, "": ()}
    assert json.dumps(value, cls=ExactEncoder, **options) == json.dumps(value, **options)


def test_marks_tell_numbers_apart_by_all_their_digits_and_from_texts() -> None:
    values = [LONG, Decimal(f"{LONG}0000001"), str(LONG), 1, True, "1"]
    assert len(set(marks({str(place): value for place, value in enumerate(values)}).values())) == len(values)
    assert marks({"a": Decimal("1.50")}) == marks({"a": Decimal("1.5")})
