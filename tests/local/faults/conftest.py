"""One emulator for all tests of faults, with a project of two branches; each test leaves no fault behind."""

import time
from collections.abc import Iterator
from typing import Any, LiteralString

import pytest
import requests

from tests.emulator import Emulator
from tests.local.sdk import Sdk, new_project

PRIMARY = "projects/shop/branches/production/endpoints/primary"
OTHER = "projects/shop/branches/other/endpoints/primary"


class Faults:
    """`/_local/faults`, as somebody uses it who wants to see things go wrong."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator

    def set(self, kind: str, **fields: Any) -> dict[str, Any]:
        fault: dict[str, Any] = self.emulator.post("/_local/faults", {"kind": kind, **fields})
        return fault

    def all(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.emulator.get("/_local/faults")["faults"]
        return found

    def clear(self, query: str = "") -> list[int]:
        answer = self.ask("DELETE", query)
        answer.raise_for_status()
        cleared: list[int] = answer.json()["cleared"]
        return cleared

    def ask(self, verb: str, query: str = "", body: Any = None) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            session.headers["Authorization"] = f"Bearer {self.emulator.environment()['DATABRICKS_TOKEN']}"
            return session.request(
                verb, f"http://127.0.0.1:{self.emulator.rest_port}/_local/faults{query}", json=body, timeout=30
            )


def wait_for_row(sdk: Sdk, query: LiteralString) -> None:
    """Until what nobody waited for is carried out all the same."""
    with sdk.connect(PRIMARY) as session:
        until = time.monotonic() + 60
        while session.execute(query).fetchone() is None:
            assert time.monotonic() < until
            time.sleep(0.02)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sdk]:
    with new_project(tmp_path_factory.mktemp("faults")) as sdk:
        sdk.make_branch("projects/shop", "other")
        yield sdk


@pytest.fixture
def faults(shared: Sdk) -> Iterator[Faults]:
    faults = Faults(shared.emulator)
    yield faults
    faults.clear()


@pytest.fixture
def sdk(shared: Sdk, faults: Faults) -> Sdk:
    return shared


@pytest.fixture(scope="session")
def app(shared: Sdk) -> Sdk:
    """A service principal with a Postgres role on branch production."""
    from databricks.sdk.service.postgres import Role, RoleIdentityType, RoleRoleSpec

    principal = shared.emulator.service_principal("app")
    spec = RoleRoleSpec(identity_type=RoleIdentityType.SERVICE_PRINCIPAL, postgres_role=principal["client_id"])
    shared.postgres.create_role(parent=PRIMARY.rpartition("/endpoints")[0], role=Role(spec=spec)).wait()
    return Sdk(shared.emulator, principal)
