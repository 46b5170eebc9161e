"""One emulator for all tests of the API; each test makes projects of its own."""

import itertools
from collections.abc import Iterator

import pytest

from tests.emulator import Emulator
from tests.local.sdk import Sdk

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def api_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    # Points in time have tests and emulators of their own; a branch without costs two thirds.
    emulator = Emulator(tmp_path_factory.mktemp("api") / "local", "--no-history")
    yield emulator
    emulator.destroy()


@pytest.fixture(scope="session")
def sdk(api_emulator: Emulator) -> Sdk:
    return Sdk(api_emulator)


@pytest.fixture
def project(sdk: Sdk) -> Iterator[str]:
    """The name of a new project, "projects/...", purged afterwards."""
    made = sdk.make_project(f"p{next(NUMBERS)}", display_name="A project")
    assert made.name is not None
    yield made.name
    for branch in sdk.postgres.list_branches(made.name):
        if branch.status and branch.status.is_protected:
            unprotect(sdk, str(branch.name))
    sdk.postgres.delete_project(made.name, purge=True).wait()


def unprotect(sdk: Sdk, branch: str) -> None:
    from databricks.sdk.common.types.fieldmask import FieldMask
    from databricks.sdk.service.postgres import Branch, BranchSpec

    sdk.postgres.update_branch(
        branch, Branch(spec=BranchSpec(is_protected=False)), FieldMask(["spec.is_protected"])
    ).wait()
