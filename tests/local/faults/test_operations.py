"""Operations that take longer, for whoever polls."""

from datetime import timedelta

import pytest
from databricks.sdk.common import lro
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.service.postgres import Project, ProjectSpec

from tests.local.faults.conftest import Faults
from tests.local.sdk import Sdk


def test_not_done_until_it_is_cleared(sdk: Sdk, faults: Faults) -> None:
    faults.set("delay-operations", seconds=600)
    renamed = Project(spec=ProjectSpec(display_name="Slowly"))
    operation = sdk.postgres.update_project("projects/shop", renamed, FieldMask(["spec.display_name"]))
    assert not operation.done()
    with pytest.raises(TimeoutError):
        operation.wait(lro.LroOptions(timeout=timedelta(seconds=1)))
    faults.clear()
    assert operation.done()
    assert operation.wait().status.display_name == "Slowly"


def test_those_under_way_take_longer_too(sdk: Sdk, faults: Faults) -> None:
    before = faults.set("delay-operations", seconds=600)
    renamed = Project(spec=ProjectSpec(display_name="Under way"))
    operation = sdk.postgres.update_project("projects/shop", renamed, FieldMask(["spec.display_name"]))
    faults.set("delay-operations", seconds=600)
    faults.clear(f"?id={before['id']}")
    assert not operation.done()
    faults.clear()
    assert operation.done()


def test_the_longest_delay_counts(sdk: Sdk, faults: Faults) -> None:
    faults.set("delay-operations", seconds=0.001)
    longest = faults.set("delay-operations", seconds=600)
    renamed = Project(spec=ProjectSpec(display_name="Slower"))
    operation = sdk.postgres.update_project("projects/shop", renamed, FieldMask(["spec.display_name"]))
    assert not operation.done()
    faults.clear(f"?id={longest['id']}")
    assert operation.done()
