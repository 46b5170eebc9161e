"""manage.py itself: before any command begins."""

import subprocess
import sys

import pytest

from tests.emulator import CHECKOUT, plain_environment


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "abc"), ("LAKEBASE_POOL_SIZE", "0"), ("DEBUG", "maybe"), ("PGPORT", "abc")]
)
@pytest.mark.parametrize("command", ["check", "up"])  # Django's own, and one that it finds through the settings
def test_a_variable_that_cannot_be_used_is_one_sentence(command: str, name: str, value: str) -> None:
    # A host that is nobody's, so that no running site's variables are taken.
    environment = plain_environment() | {"DATABRICKS_HOST": "http://127.0.0.1:1", "LAKEBASE_PROJECT_ID": "p"}
    told = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=CHECKOUT, env=environment | {name: value}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith(f"{name} is {value!r}. Set it to ")
    assert len(told.stderr.splitlines()) == 1
