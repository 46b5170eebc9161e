"""Endpoints through the SDK: limits, suspension, disabling, and what of them is refused."""

import psycopg
import pytest
from databricks.sdk.errors import AlreadyExists, BadRequest, InvalidParameterValue, NotFound, NotImplemented
from databricks.sdk.service.postgres import (
    Endpoint,
    EndpointGroupSpec,
    EndpointSettings,
    EndpointSpec,
    EndpointStatusState,
    EndpointType,
)

from lakebase.local.compute import connection_limit
from tests.emulator import Emulator
from tests.local.sdk import Sdk, seconds

LIMITS = ["spec.autoscaling_limit_min_cu", "spec.autoscaling_limit_max_cu"]
READ_WRITE = EndpointType.ENDPOINT_TYPE_READ_WRITE


@pytest.fixture
def primary(project: str) -> str:
    return f"{project}/branches/production/endpoints/primary"


def resize(sdk: Sdk, name: str, low: float, high: float) -> Endpoint:
    return sdk.update_endpoint(name, LIMITS, autoscaling_limit_min_cu=low, autoscaling_limit_max_cu=high)


@pytest.mark.parametrize(("low", "high"), [(0.5, 4), (1, 1), (48, 64), (0.5, 16), (112, 112)])
def test_resize(sdk: Sdk, primary: str, low: float, high: float) -> None:
    changed = resize(sdk, primary, low, high)
    assert changed.spec is None and changed.status is not None
    assert (changed.status.autoscaling_limit_min_cu, changed.status.autoscaling_limit_max_cu) == (low, high)
    read = sdk.postgres.get_endpoint(primary).status
    assert read is not None and read.autoscaling_limit_max_cu == high


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (4, 2, "must not exceed"),
        (0.25, 1, "0.5 or a whole number"),
        (1.5, 2, "0.5 or a whole number"),
        (1, 18, "must not exceed 16 CU; it is 17"),
        (1, 113, "from 1 to 112"),
        (60, 70, "Above 64 CU the size is fixed"),
    ],
)
def test_bad_sizes_are_refused(sdk: Sdk, primary: str, low: float, high: float, says: str) -> None:
    with pytest.raises(InvalidParameterValue, match=says):
        resize(sdk, primary, low, high)


def test_one_limit_is_checked_against_the_other_that_stays(sdk: Sdk, primary: str) -> None:
    resize(sdk, primary, 2, 4)
    with pytest.raises(InvalidParameterValue, match="must not exceed"):
        sdk.update_endpoint(primary, LIMITS[1:], autoscaling_limit_max_cu=1)
    changed = sdk.update_endpoint(primary, LIMITS[1:], autoscaling_limit_max_cu=8, autoscaling_limit_min_cu=1)
    assert changed.status is not None
    assert (changed.status.autoscaling_limit_min_cu, changed.status.autoscaling_limit_max_cu) == (2, 8)


def test_suspension_has_one_mask_for_its_two_fields(sdk: Sdk, primary: str) -> None:
    changed = sdk.update_endpoint(primary, ["spec.suspension"], suspend_timeout_duration=seconds(90))
    assert changed.status is not None and changed.status.suspend_timeout_duration == seconds(90)
    changed = sdk.update_endpoint(primary, ["spec.suspension"], no_suspension=True)
    assert changed.status is not None and changed.status.suspend_timeout_duration is None
    with pytest.raises(InvalidParameterValue, match=r"name spec\.suspension instead"):
        sdk.update_endpoint(primary, ["spec.suspend_timeout_duration"], suspend_timeout_duration=seconds(90))
    with pytest.raises(InvalidParameterValue, match="Exactly one of"):
        sdk.update_endpoint(primary, ["spec.suspension"])
    for timeout in (59, 604_801):
        with pytest.raises(InvalidParameterValue, match="between 60s and 604800s"):
            sdk.update_endpoint(primary, ["spec.suspension"], suspend_timeout_duration=seconds(timeout))


def test_second_read_write_endpoint_is_refused(sdk: Sdk, project: str) -> None:
    branch = f"{project}/branches/production"
    spec = Endpoint(spec=EndpointSpec(endpoint_type=READ_WRITE))
    with pytest.raises(AlreadyExists, match=r"^endpoint with such id already exists$"):
        sdk.postgres.create_endpoint(branch, spec, "primary")
    with pytest.raises(BadRequest, match="read_write endpoint already exists"):
        sdk.postgres.create_endpoint(branch, spec, "second")
    taken = Endpoint(spec=EndpointSpec(endpoint_type=READ_WRITE, autoscaling_limit_max_cu=2))
    made = sdk.postgres.create_endpoint(branch, taken, "primary", replace_existing=True).wait()
    assert made.status is not None and made.status.autoscaling_limit_max_cu == 2


def test_read_write_endpoint_cannot_be_deleted(sdk: Sdk, primary: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        sdk.postgres.delete_endpoint(primary)
    assert (
        str(refusal.value) == f"Cannot delete read-write endpoint '{primary}'. Read-write endpoints cannot be deleted."
    )
    assert refusal.value.get_error_info()[0].metadata == {"declarative_context": "MANAGED_BY_PARENT"}
    with pytest.raises(NotFound):
        sdk.postgres.delete_endpoint(primary.replace("primary", "other"))


def test_what_is_not_emulated_is_said(sdk: Sdk, primary: str) -> None:
    with pytest.raises(NotImplemented, match="high availability"):
        sdk.update_endpoint(primary, ["spec.group"], group=EndpointGroupSpec(min=2, max=2))
    with pytest.raises(NotImplemented, match="pg_settings"):
        sdk.update_endpoint(primary, ["spec.settings"], settings=EndpointSettings(pg_settings={"work_mem": "1MB"}))


def test_disabled_endpoint_takes_nobody_in(sdk: Sdk, primary: str) -> None:
    session = sdk.connect(primary)
    changed = sdk.update_endpoint(primary, ["spec.disabled"], disabled=True)
    assert changed.status is not None
    assert (changed.status.disabled, changed.status.current_state) == (True, EndpointStatusState.IDLE)
    with pytest.raises(psycopg.OperationalError):
        session.execute("SELECT 1")
    session.close()
    with pytest.raises(psycopg.OperationalError, match="is disabled and no connection enables it"):
        sdk.connect(primary)
    sdk.update_endpoint(primary, ["spec.disabled"], disabled=False)
    with sdk.connect(primary) as session:
        assert session.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(("cu", "limit"), [(0.5, 104), (1, 209), (2, 419), (3, 629), (4, 839), (8, 1678), (32, 4000)])
def test_connections_are_limited_by_the_largest_size(cu: float, limit: int) -> None:
    assert connection_limit(cu) == limit


def test_new_limit_holds_from_the_next_connection_on(sdk: Sdk, primary: str, api_emulator: Emulator) -> None:
    resize(sdk, primary, 0.5, 0.5)
    with sdk.connect(primary) as session:
        assert session.execute("SHOW max_connections").fetchone() == ("112",)
    told = api_emulator.endpoint(primary)
    assert (told["connection_limit"], told["state"]) == (104, "ACTIVE")


def test_unknown_endpoint(sdk: Sdk, project: str) -> None:
    with pytest.raises(NotFound, match="endpoint not found"):
        sdk.postgres.get_endpoint(f"{project}/branches/production/endpoints/other")
    with pytest.raises(NotFound):
        sdk.token(f"{project}/branches/nowhere/endpoints/primary")
