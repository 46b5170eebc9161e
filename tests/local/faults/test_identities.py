"""An identity is refused at the REST API, at Postgres, or at both, and nobody else is."""

import psycopg
import pytest
from databricks.sdk.errors import PermissionDenied

from tests.local.faults.conftest import PRIMARY, Faults
from tests.local.sdk import Sdk


def test_refused_at_both(sdk: Sdk, app: Sdk, faults: Faults) -> None:
    token = app.token(PRIMARY)
    faults.set("refuse-identity", identity=app.user)
    with pytest.raises(psycopg.OperationalError, match=f'role "{app.user}" is not permitted to log in'):
        app.connect(PRIMARY, password=token)
    assert sdk.emulator.events("refused")[-1]["sqlstate"] == "28000"
    with pytest.raises(PermissionDenied, match="may not use this workspace"):
        app.client.current_user.me()
    sdk.connect(PRIMARY).close()
    faults.clear()
    app.connect(PRIMARY, password=token).close()


def test_refused_at_postgres_only(app: Sdk, faults: Faults) -> None:
    faults.set("refuse-identity", identity=app.user, at="postgres")
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        app.connect(PRIMARY, password=app.token(PRIMARY))


def test_refused_at_the_rest_api_only(app: Sdk, faults: Faults) -> None:
    token = app.token(PRIMARY)
    faults.set("refuse-identity", identity=app.user, at="rest")
    with pytest.raises(PermissionDenied):
        app.token(PRIMARY)
    app.connect(PRIMARY, password=token).close()


def test_the_owner_can_be_refused_and_take_it_back(sdk: Sdk, faults: Faults) -> None:
    faults.set("refuse-identity", identity=sdk.user)
    with pytest.raises(PermissionDenied):
        sdk.postgres.get_project("projects/shop")
    faults.clear()
    sdk.postgres.get_project("projects/shop")
