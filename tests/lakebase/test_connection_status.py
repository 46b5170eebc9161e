"""The connection card's facts: no database connection, one question to the control plane in 30 seconds."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connections

from lakebase import connection_status
from lakebase.connection_status import Mode, status
from tests.conftest import DATABASE, ENDPOINT, PROJECT
from tests.emulator import Emulator
from tests.lakebase.conftest import Connect, ask


@pytest.fixture(autouse=True)
def nothing_asked_yet() -> None:
    connection_status.forget_states()


@pytest.fixture
def alias(connect: Connect) -> Iterator[Any]:
    """Register an entry of DATABASES and give its alias."""
    added: list[str] = []

    def register(**arguments: Any) -> str:
        wrapper = connect(**arguments)
        connections.settings[wrapper.alias] = wrapper.settings_dict
        connections[wrapper.alias] = wrapper
        added.append(wrapper.alias)
        return wrapper.alias

    yield register
    for name in added:
        del connections[name]
        del connections.settings[name]


def test_tells_everything_after_the_first_query(alias: Any, local_lakebase: Emulator) -> None:
    name = alias(pool={"max_size": 3})
    ask(connections[name])  # type: ignore[arg-type]
    told = status(name)
    assert (told.mode, told.mode.label) == (Mode.AUTOSCALING, "Lakebase Autoscaling")
    assert (told.project, told.branch, told.endpoint) == (PROJECT, "production", ENDPOINT)
    assert (told.host, told.port, told.database) == ("127.0.0.1", local_lakebase.pg_port, DATABASE)
    assert (told.role, told.state, told.problem) == ("learner@example.com", "ACTIVE", None)
    assert told.workspace == f"http://127.0.0.1:{local_lakebase.control.port}"
    assert told.token_age_seconds is not None and 0 <= told.token_age_seconds < 5
    assert told.token_expires_at is not None and told.token_expires_at > datetime.now(UTC)
    assert told.suspend_after_seconds == 300.0 and told.max_cu
    assert told.pool is not None and (told.pool.size, told.pool.in_use, told.pool.max_size) == (1, 1, 3)


def test_opens_no_database_connection(alias: Any, local_lakebase: Emulator) -> None:
    before = local_lakebase.last_event()
    told = status(alias(pool=True))
    assert (told.endpoint, told.pool, told.token_expires_at) == (ENDPOINT, None, None)
    assert local_lakebase.events("login", before) == [] and local_lakebase.events("mint", before) == []


def test_asks_the_control_plane_once_in_thirty_seconds(alias: Any, local_lakebase: Emulator) -> None:
    name = alias()
    status(name)
    with local_lakebase.control.broken():  # nobody would answer a second question
        told = [status(name) for _ in range(5)]
    assert {one.state for one in told} <= {"ACTIVE", "IDLE"} and not any(one.problem for one in told)


def test_control_plane_down_is_told_without_waiting_long(alias: Any, local_lakebase: Emulator) -> None:
    name = alias()
    with local_lakebase.control.silent():
        started = time.monotonic()
        told = status(name)
        assert time.monotonic() - started < 15
        assert told.state is None and told.problem and "not answered yet" in told.problem
        assert (told.project, told.branch) == (PROJECT, "production")


def test_service_principal_is_the_role(alias: Any, app_principal: dict[str, str]) -> None:
    assert status(alias(lakebase={"project": PROJECT, **app_principal})).role == app_principal["client_id"]


def test_missing_project_is_the_problem(alias: Any) -> None:
    told = status(alias(lakebase={"project": "no-such-project"}))
    assert told.problem and "no-such-project" in told.problem and told.state is None


def test_nothing_configured(alias: Any) -> None:
    told = status(alias(lakebase={}))
    assert told.mode is Mode.UNCONFIGURED and told.problem and "LAKEBASE_PROJECT_ID" in told.problem


def test_wrong_entry_is_the_problem(alias: Any) -> None:
    told = status(alias(lakebase={"projekt": "x"}))
    assert told.mode is Mode.UNCONFIGURED and told.problem and "projekt" in told.problem


def test_plain_postgres(alias: Any) -> None:
    told = status(alias(lakebase=None, HOST="db.example.com", USER="u", PASSWORD="secret-word", PORT="5433"))
    assert (told.mode, told.host, told.port, told.role) == (Mode.PLAIN, "db.example.com", 5433, "u")
    assert "secret-word" not in repr(told)


def test_forked_process_asks_for_itself(alias: Any, local_lakebase: Emulator) -> None:
    name = alias()
    status(name)
    child = os.fork()
    if child == 0:
        fine = connection_status._states._answers == {} and status(name).endpoint == ENDPOINT
        os._exit(0 if fine else 1)
    assert os.waitpid(child, 0)[1] == 0
