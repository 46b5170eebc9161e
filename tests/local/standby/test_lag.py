"""How far a read-only endpoint is behind, where something keeps it from going on."""

from typing import Any

import pytest

from tests.local.sdk import Sdk
from tests.local.standby.conftest import PRIMARY, READER, until


@pytest.mark.slow
def test_a_query_in_the_way_makes_it_lag_until_it_is_over(sdk: Sdk) -> None:
    """What is dropped on the branch is still read here, so the replay waits, and what was sent meanwhile with it."""

    def told() -> dict[str, Any]:
        standby: dict[str, Any] = sdk.emulator.endpoint(READER)["standby"]
        return standby

    with sdk.connect(PRIMARY) as writer, sdk.connect(READER, autocommit=False) as reader:
        writer.execute("CREATE TABLE read AS SELECT generate_series(1, 10) AS number")
        until(lambda: reader.execute("SELECT to_regclass('read')").fetchone() != (None,) or bool(reader.rollback()))
        reader.rollback()
        reader.execute("SELECT count(*) FROM read")
        writer.execute("DROP TABLE read")
        writer.execute("CREATE TABLE sent AS SELECT generate_series(1, 20000) AS number")
        until(lambda: told()["lag_bytes"] > 500_000 and told()["lag_seconds"] > 1)
        assert told()["streaming"] is True
        reader.rollback()
        until(lambda: told()["lag_bytes"] == told()["lag_seconds"] == 0)
        writer.execute("DROP TABLE sent")
