"""What the plugin gives to tests of other projects, and that it takes everything away again."""

import json
import re
import urllib.error
from pathlib import Path

import pytest

from lakebase.local.child import LocalLakebase
from lakebase.local.home import CannotServe
from lakebase.local.run_directory import run_directory
from tests.local.plugin.other_project import OtherProject

TESTS = """
import os
import psycopg
import pytest

NAMES = {"DATABRICKS_HOST", "DATABRICKS_TOKEN", "DATABRICKS_AUTH_TYPE", "LAKEBASE_ENDPOINT",
         "PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGSSLMODE"}

@pytest.mark.parametrize("number", range(2))
def test_each_test_has_the_seed_and_what_it_did_itself(lakebase_branch, number):
    with lakebase_branch.connect() as session:
        assert session.execute("SELECT name FROM item").fetchall() == [("seeded",)]
        session.execute("INSERT INTO item VALUES ('mine')")
    with lakebase_branch.connect(autocommit=True) as session:
        assert session.execute("SELECT count(*) FROM item").fetchone() == (2,)

def test_the_branches_of_the_tests_before_are_gone(lakebase, lakebase_branch):
    left = {branch["name"]: branch["copied_by"] for branch in lakebase.get("/_local/info")["branches"]}
    assert set(left) == {"projects/elsewhere/branches/production", lakebase_branch.name}
    assert left[lakebase_branch.name] == left["projects/elsewhere/branches/production"]

def test_libpq_and_whoever_reads_the_environment_find_the_branch(lakebase_branch, lakebase_environment):
    assert NAMES <= set(lakebase_environment) <= set(os.environ)
    assert os.environ["LAKEBASE_ENDPOINT"] == lakebase_branch.endpoint
    assert "DATABRICKS_CONFIG_PROFILE" not in os.environ
    with psycopg.connect(password=lakebase_branch.token()) as session:
        assert session.execute("SELECT name FROM item").fetchall() == [("seeded",)]

def test_the_environment_is_as_it_was():
    assert NAMES & set(os.environ) == set() and os.environ["DATABRICKS_CONFIG_PROFILE"] == "production"

def test_a_fault_ends_with_its_block(lakebase):
    with lakebase.fault("revoke-tokens") as fault:
        assert lakebase.get("/_local/faults")["faults"] == [fault]
    with lakebase.fault("slow-wire", to_client_ms=1) as fault:
        lakebase.delete("/_local/faults")
    assert lakebase.get("/_local/faults")["faults"] == []

@pytest.mark.parametrize("number", range(2))
def test_no_fault_is_left_by_the_test_before(lakebase, wide, lakebase_branch, number):
    assert lakebase.get("/_local/faults")["faults"] == [wide]
    lakebase.post("/_local/faults", {"kind": "delay-operations", "seconds": 3000})

@pytest.fixture(scope="module")
def wide(lakebase):
    with lakebase.fault("slow-wire", to_client_ms=1) as fault:
        yield fault

def test_a_test_may_delete_its_branch(lakebase, lakebase_branch):
    lakebase.finish("DELETE", f"{lakebase_branch.name}?purge=true")

def test_a_test_may_branch_from_its_branch(lakebase, lakebase_branch):
    spec = {"spec": {"source_branch": lakebase_branch.name, "no_expiry": True}}
    lakebase.finish("POST", "projects/elsewhere/branches?branch_id=below", spec)
"""


@pytest.mark.slow
def test_a_projects_tests_have_a_lakebase_and_branches_of_it(tmp_path: Path) -> None:
    project = OtherProject(tmp_path, TESTS)
    assert "10 passed" in project.run(DATABRICKS_CONFIG_PROFILE="production")
    assert list(project.runs.iterdir()) == []


@pytest.mark.slow
def test_tests_that_ask_for_nothing_start_nothing(tmp_path: Path) -> None:
    project = OtherProject(tmp_path, "def test_nothing(): pass")
    project.run()
    assert not project.runs.exists()


@pytest.mark.slow
def test_each_process_of_xdist_has_one_of_its_own(tmp_path: Path) -> None:
    project = OtherProject(tmp_path, TESTS)
    said = project.run("-n", "2", "--dist", "each", "-p", "xdist", "-k", "each")
    assert re.search(r"\b4 passed\b", said)
    assert list(project.runs.iterdir()) == []


WRONG = [
    ({"lakebase_project": "No_Id"}, "lakebase_project = No_Id: Field project_id must match pattern"),
    ({"lakebase_arguments": "--no-such-thing"}, "unrecognized arguments: --no-such-thing"),
    ({"lakebase_arguments": "'"}, "No closing quotation"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("settings", "says"), WRONG, ids=[says for _, says in WRONG])
def test_what_is_wrong_is_a_sentence(tmp_path: Path, settings: dict[str, str], says: str) -> None:
    project = OtherProject(tmp_path, "def test_it(lakebase_base): pass")
    process = project.start(*(word for item in settings.items() for word in ("-o", "=".join(item))))
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1 and says in said
    assert "Traceback" not in said and "lakebase/local/" not in said


def test_a_refusal_bears_its_sentence(lakebase: LocalLakebase) -> None:
    with pytest.raises(urllib.error.HTTPError, match="Field 'kind' is required") as refusal:
        lakebase.post("faults", {})
    assert json.load(refusal.value)["error_code"] == "INVALID_PARAMETER_VALUE"


def test_a_parent_directory_that_cannot_be_made_is_refused() -> None:
    with pytest.raises(CannotServe, match=r"cannot be made: .* --lakebase-dir"), run_directory(Path("/proc/x")):
        pass


def test_a_parent_directory_of_another_kind_is_refused(tmp_path: Path) -> None:
    """Another user could have made it, to have us write and remove where it leads."""
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(CannotServe, match="is no directory of yours"), run_directory(tmp_path / "link"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["link"]
