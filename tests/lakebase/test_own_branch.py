"""A test's own branch is a Databricks App's to whoever reads the environment: the site's settings, and libpq."""

import json
import subprocess
import sys

import psycopg
import pytest

from lakebase.local.own_branch import OwnBranch
from tests.emulator import CHECKOUT


@pytest.mark.slow
def test_the_site_and_libpq_are_led_to_the_branch_of_the_test(
    lakebase_environment: dict[str, str], lakebase_branch: OwnBranch, lakebase_base: OwnBranch
) -> None:
    words = [sys.executable, "manage.py", "lakebase", "info", "--json"]
    ended = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert f"projects/{told['project']}/branches/{told['branch']}" == lakebase_branch.name != lakebase_base.name
    with psycopg.connect(password=lakebase_branch.token()) as session:
        session.execute("DELETE FROM ecommerce.django_migrations")
    # What the test did is its own.
    with lakebase_base.connect() as session:
        row = session.execute("SELECT count(*) > 10 FROM ecommerce.django_migrations").fetchone()
    assert row == (True,)
