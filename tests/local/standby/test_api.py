"""Read-only endpoints through the SDK: made, listed, changed, deleted, and what of them is refused."""

import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import psycopg
import pytest
from databricks.sdk.errors import AlreadyExists, BadRequest, InvalidParameterValue, NotFound, NotImplemented
from databricks.sdk.service.postgres import (
    Endpoint,
    EndpointGroupSpec,
    EndpointSpec,
    EndpointStatusState,
    EndpointType,
)

from tests.local.sdk import Sdk, seconds
from tests.local.standby.conftest import BRANCH, PRIMARY, READER, make_reader, read_only, update_reader

READ_ONLY = EndpointType.ENDPOINT_TYPE_READ_ONLY
OTHER = f"{BRANCH}/endpoints/other"


def test_it_is_read_as_what_it_is(sdk: Sdk) -> None:
    found = sdk.postgres.get_endpoint(READER)
    assert found.spec is None and found.status is not None and found.uid is not None
    assert (found.status.endpoint_type, found.endpoint_id) == (READ_ONLY, "reader")
    assert found.uid.startswith("ep-") and found.uid != sdk.postgres.get_endpoint(PRIMARY).uid
    kinds = {one.name: one.status and one.status.endpoint_type for one in sdk.postgres.list_endpoints(BRANCH)}
    assert kinds == {PRIMARY: EndpointType.ENDPOINT_TYPE_READ_WRITE, READER: READ_ONLY}


def test_hosts_are_those_that_the_service_defines(sdk: Sdk) -> None:
    """The SDK's EndpointHosts: its read-only host is the host; a read-write endpoint has none without secondaries."""
    reader, primary = (sdk.postgres.get_endpoint(name).status for name in (READER, PRIMARY))
    assert reader and primary and reader.hosts and primary.hosts
    assert reader.hosts.as_dict() == {"host": "127.0.0.1", "read_only_host": "127.0.0.1"}
    assert primary.hosts.as_dict() == {"host": "127.0.0.1"}


def test_settings_are_its_own(sdk: Sdk) -> None:
    made = make_reader(
        sdk, OTHER, disabled=True, autoscaling_limit_min_cu=2, autoscaling_limit_max_cu=4, no_suspension=True
    )
    assert made.status is not None and made.status.current_state is EndpointStatusState.IDLE
    assert (made.status.autoscaling_limit_min_cu, made.status.autoscaling_limit_max_cu) == (2, 4)
    assert (made.status.suspend_timeout_duration, made.status.disabled) == (None, True)
    with pytest.raises(psycopg.OperationalError, match="is disabled and no connection enables it"):
        sdk.connect(OTHER)
    again = sdk.postgres.create_endpoint(BRANCH, read_only(autoscaling_limit_max_cu=8), "other", replace_existing=True)
    replaced = again.wait().status
    assert replaced is not None and replaced.autoscaling_limit_max_cu == 8
    sdk.postgres.delete_endpoint(OTHER).wait()
    with pytest.raises(NotFound):
        sdk.postgres.get_endpoint(OTHER)
    with pytest.raises(NotFound):
        sdk.token(OTHER)


def test_one_that_is_slow_to_end_is_listed_until_it_is_gone(sdk: Sdk) -> None:
    make_reader(sdk, OTHER)
    server = psutil.Process(sdk.emulator.endpoint(OTHER)["pid"])
    server.suspend()
    with ThreadPoolExecutor() as pool:
        deleted = pool.submit(sdk.postgres.delete_endpoint, OTHER)
        time.sleep(0.3)
        assert {one["name"] for one in sdk.emulator.get("/_local/info")["endpoints"]} == {PRIMARY, READER, OTHER}
        server.resume()
        deleted.result().wait()
    with pytest.raises(NotFound):
        sdk.postgres.delete_endpoint(OTHER)
    assert {one.name for one in sdk.postgres.list_endpoints(BRANCH)} == {PRIMARY, READER}


def test_its_type_cannot_be_changed(sdk: Sdk) -> None:
    with pytest.raises(InvalidParameterValue, match="cannot be changed"):
        sdk.update_endpoint(READER, ["spec.disabled"], disabled=True)
    with pytest.raises(AlreadyExists, match="it is of type ENDPOINT_TYPE_READ_ONLY"):
        writes = Endpoint(spec=EndpointSpec(endpoint_type=EndpointType.ENDPOINT_TYPE_READ_WRITE))
        sdk.postgres.create_endpoint(BRANCH, writes, "reader", replace_existing=True)
    with pytest.raises(AlreadyExists):
        sdk.postgres.create_endpoint(BRANCH, read_only(), "primary")


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"autoscaling_limit_min_cu": 4, "autoscaling_limit_max_cu": 2}, "must not exceed"),
        ({"suspend_timeout_duration": seconds(59)}, "between 60s and 604800s"),
    ],
)
def test_bad_settings_are_refused(sdk: Sdk, spec: dict[str, object], says: str) -> None:
    with pytest.raises(InvalidParameterValue, match=says):
        make_reader(sdk, OTHER, **spec)
    with pytest.raises(NotFound):
        sdk.postgres.get_endpoint(OTHER)


def test_high_availability_is_still_not_emulated(sdk: Sdk) -> None:
    with pytest.raises(NotImplemented, match="high availability"):
        update_reader(sdk, "spec.group", group=EndpointGroupSpec(min=2, max=2, enable_readable_secondaries=True))


def test_a_branch_has_six_at_most(sdk: Sdk) -> None:
    more = [f"{BRANCH}/endpoints/more-{number}" for number in range(5)]
    for name in more:
        make_reader(sdk, name, disabled=True)
    with pytest.raises(BadRequest, match="6 read-only endpoints, which is the most"):
        make_reader(sdk, OTHER, disabled=True)
    for name in more:
        sdk.postgres.delete_endpoint(name).wait()


def test_disabled_and_enabled_again(sdk: Sdk) -> None:
    with sdk.connect(READER) as reader:
        update_reader(sdk, "spec.disabled", disabled=True)
        with pytest.raises(psycopg.OperationalError):
            reader.execute("SELECT 1")
    update_reader(sdk, "spec.disabled", disabled=False)
    with sdk.connect(READER) as reader:
        assert reader.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.slow
def test_a_branch_takes_its_own_along_and_its_parents_not_over(sdk: Sdk) -> None:
    branch = str(sdk.make_branch("projects/shop", "short").name)
    name = f"{branch}/endpoints/reader"
    assert [one.name for one in sdk.postgres.list_endpoints(branch)] == [f"{branch}/endpoints/primary"]
    make_reader(sdk, name)
    with sdk.connect(name) as reader:
        sdk.postgres.delete_branch(branch).wait()
        with pytest.raises(psycopg.OperationalError):
            reader.execute("SELECT 1")
    with pytest.raises(NotFound):
        sdk.token(name)
    sdk.postgres.undelete_branch(branch).wait()
    with sdk.connect(name) as reader:
        assert reader.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
    sdk.postgres.delete_branch(branch, purge=True).wait()
    assert {one["name"] for one in sdk.emulator.get("/_local/info")["endpoints"]} == {PRIMARY, READER}
