"""The examples in the documentation do what they say, and there is one of each kind."""

import json
import re
from pathlib import Path

import pytest

from lakebase.local.faults.surface import KINDS
from tests.local.faults.conftest import PRIMARY, Faults
from tests.local.sdk import Sdk

PAGE = (Path(__file__).parents[3] / "docs" / "lakebase-local.md").read_text()
EXAMPLES = [json.loads(body) for body in re.findall(r"^ask \$faults -d '(.*?)'", PAGE, re.MULTILINE)]


def test_there_is_one_of_each_kind() -> None:
    assert {example["kind"] for example in EXAMPLES} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_in_the_table(kind: str) -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith("| `") and f"`{kind}`" in line.split("|")[1]]
    assert [name for name in KINDS[kind].names() if f"`{name}`" not in row.split("|")[3]] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["kind"])
def test_it_can_be_set_and_cleared(sdk: Sdk, faults: Faults, example: dict[str, object]) -> None:
    sdk.connect(PRIMARY).close()
    fault = faults.set(**example)  # type: ignore[arg-type]
    assert example.items() <= fault.items()
    faults.clear()
    sdk.connect(PRIMARY).close()
