"""For tests of other projects: a running Lakebase, a branch of it for each test, and the environment that leads there.

`pytest -p lakebase.local.pytest_plugin`, or by itself where the package is installed. docs/other-projects.md shows it.
"""

import contextlib
import itertools
import os
import shlex
import urllib.error
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from lakebase.local.child import FOREIGN, LocalLakebase
from lakebase.local.home import CannotServe
from lakebase.local.own_branch import OwnBranch
from lakebase.local.run_directory import default_parent, run_directory

Seed = Callable[[OwnBranch], object]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("lakebase", "Lakebase Local")
    group.addoption("--lakebase-dir", metavar="DIR", type=Path, help="where its data lie while tests run")
    parser.addini("lakebase_project", "id of the project of which tests get branches", default="tests")
    # Tests that go back in time are few, and a branch that keeps a history takes half as long again to make.
    text = "arguments of python -m lakebase.local, such as --wake-delay 300"
    parser.addini("lakebase_arguments", text, default="--no-history")


@pytest.fixture(scope="session")
def lakebase_class() -> type[LocalLakebase]:
    """What runs as `lakebase`; to be overridden."""
    return LocalLakebase


@pytest.fixture(scope="session")
def lakebase(pytestconfig: pytest.Config, lakebase_class: type[LocalLakebase]) -> Iterator[LocalLakebase]:
    """A running Lakebase Local, without projects; one for each process of pytest-xdist. Nothing of it is left."""
    parent = (pytestconfig.getoption("--lakebase-dir") or default_parent()).absolute()
    with contextlib.ExitStack() as stack:
        try:
            arguments = shlex.split(pytestconfig.getini("lakebase_arguments"))
            directory = stack.enter_context(run_directory(parent))
            running = stack.enter_context(lakebase_class(directory, *arguments))
        except (CannotServe, RuntimeError, ValueError) as error:
            # The sentence is for whoever runs the tests, and a trace of ours is not.
            pytest.fail(str(error), pytrace=False)
        yield running


@pytest.fixture(autouse=True)
def lakebase_faults(request: pytest.FixtureRequest) -> Iterator[None]:
    """A fault that a test has set through `lakebase` is not the next one's."""
    if "lakebase" in request.fixturenames:
        lakebase: LocalLakebase = request.getfixturevalue("lakebase")
        with lakebase.no_fault_left():
            yield
    else:
        yield


@pytest.fixture(scope="session")
def lakebase_workspace(lakebase: LocalLakebase) -> Iterator[LocalLakebase]:
    """`lakebase`, and this process's environment is that of its owner until the session ends: the SDK leads there."""
    with environment(lakebase.environment()):
        yield lakebase


@pytest.fixture(scope="session")
def lakebase_seed() -> Seed:
    """What puts into the base branch what every test begins with; to be overridden. The environment is the branch's."""
    return lambda branch: None


@pytest.fixture(scope="session")
def lakebase_base(pytestconfig: pytest.Config, lakebase: LocalLakebase, lakebase_seed: Seed) -> OwnBranch:
    """The seeded branch of which each test's is a copy: `production` of the project that the ini file names."""
    project = pytestconfig.getini("lakebase_project")
    try:
        lakebase.finish("POST", f"projects?project_id={urllib.parse.quote(project)}", {})
    except urllib.error.HTTPError as refusal:
        pytest.fail(f"lakebase_project = {project}: {refusal.reason}", pytrace=False)
    base = OwnBranch(lakebase, f"projects/{project}/branches/production", lakebase.user())
    with environment(base.environment()):
        lakebase_seed(base)
    # A sleeping one is copied as it lies. Where a session of the seed still works, it is copied as it runs.
    with contextlib.suppress(urllib.error.HTTPError):
        lakebase.suspend(base.endpoint)
    return base


@pytest.fixture(scope="session")
def lakebase_numbers() -> Iterator[int]:
    return itertools.count(1)


@pytest.fixture
def lakebase_branch(lakebase_base: OwnBranch, lakebase_numbers: Iterator[int]) -> Iterator[OwnBranch]:
    """A branch for this test alone, made from the base by copy-on-write; what the test does in it nobody else sees."""
    lakebase, project = lakebase_base.lakebase, lakebase_base.name.partition("/branches/")[0]
    spec = {"spec": {"source_branch": lakebase_base.name, "no_expiry": True}}
    made = lakebase.finish("POST", f"{project}/branches?branch_id=test-{next(lakebase_numbers)}", spec)
    # Before it is deleted, for a fault may be in the way of that.
    with lakebase.no_fault_left():
        yield OwnBranch(lakebase, made["name"], lakebase_base.user)
    # One that the test deleted, protected or branched from goes with the session.
    with contextlib.suppress(urllib.error.HTTPError):
        lakebase.finish("DELETE", f"{made['name']}?purge=true")


@pytest.fixture
def lakebase_environment(lakebase_branch: OwnBranch) -> Iterator[dict[str, str]]:
    """This test's environment names its branch, as a Databricks App's does: DATABRICKS_HOST ..., PGHOST, PGUSER ..."""
    variables = lakebase_branch.environment()
    with environment(variables):
        yield variables


@contextlib.contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """This process's environment, without what leads to other workspaces and databases, and with `variables`."""
    with pytest.MonkeyPatch.context() as patch:
        for name in filter(FOREIGN.fullmatch, list(os.environ)):
            patch.delenv(name)
        for name, value in variables.items():
            patch.setenv(name, value)
        yield
