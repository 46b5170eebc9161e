"""The emulator serves where neither Django nor the SDK nor anything else of this project can be imported."""

import sys
from pathlib import Path
from typing import ClassVar

import pytest

from lakebase.local.child import LocalLakebase
from lakebase.local.own_branch import OwnBranch
from tests.test_imports import OURS

BLOCKED = ("django", "databricks", "psycopg_pool", "requests", "pytest", *(name for name in OURS if name != "lakebase"))
ALONE = f"""
import runpy, sys
for name in {BLOCKED!r}:
    sys.modules[name] = None
try:
    import django
except ImportError:
    runpy.run_module("lakebase.local", run_name="__main__")
"""


class Alone(LocalLakebase):
    program: ClassVar[tuple[str, ...]] = (sys.executable, "-P", "-c", ALONE)


@pytest.mark.slow
def test_the_emulator_needs_no_django_and_no_sdk(tmp_path: Path) -> None:
    with Alone(tmp_path / "local") as lakebase:
        lakebase.finish("POST", "projects?project_id=alone", {"spec": {"pg_version": 17}})
        branch = OwnBranch(lakebase, "projects/alone/branches/production", lakebase.user())
        with branch.connect() as session:
            assert session.execute("SELECT current_user").fetchone() == (lakebase.user(),)
    assert list(tmp_path.iterdir()) == [lakebase.log]
