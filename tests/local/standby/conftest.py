"""One emulator for all tests of read-only endpoints, with one named `reader` on branch production."""

import time
from collections.abc import Callable, Iterator
from typing import Any, LiteralString

import psycopg
import pytest
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.service.postgres import Endpoint, EndpointSpec, EndpointType

from tests.local.sdk import Sdk, new_project

BRANCH = "projects/shop/branches/production"
PRIMARY, READER = f"{BRANCH}/endpoints/primary", f"{BRANCH}/endpoints/reader"
ROWS: LiteralString = "SELECT count(*) FROM written"
Session = psycopg.Connection[tuple[Any, ...]]


def read_only(**spec: Any) -> Endpoint:
    return Endpoint(spec=EndpointSpec(endpoint_type=EndpointType.ENDPOINT_TYPE_READ_ONLY, **spec))


def make_reader(sdk: Sdk, name: str = READER, **spec: Any) -> Endpoint:
    branch, _, identifier = name.rpartition("/endpoints/")
    return sdk.postgres.create_endpoint(branch, read_only(**spec), identifier).wait()


def update_reader(sdk: Sdk, mask: str, **spec: Any) -> Endpoint:
    return sdk.postgres.update_endpoint(READER, read_only(**spec), FieldMask([mask])).wait()


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def until_it_sees(session: Session, rows: int) -> None:
    until(lambda: session.execute(ROWS).fetchone() == (rows,))


def write(sdk: Sdk) -> int:
    """Commit one row more; how many there are."""
    with sdk.connect(PRIMARY) as session:
        session.execute("INSERT INTO written DEFAULT VALUES")
        row = session.execute(ROWS).fetchone()
    assert row is not None
    return int(row[0])


def prepare(sdk: Sdk) -> None:
    with sdk.connect(PRIMARY) as session:
        session.execute("CREATE TABLE written (number bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY)")
    make_reader(sdk)


@pytest.fixture(scope="package")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sdk]:
    with new_project(tmp_path_factory.mktemp("standby")) as sdk:
        prepare(sdk)
        yield sdk
