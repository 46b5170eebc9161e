"""Opening a connection: endpoints that wake, tokens that ran out, and refusals that say what to do."""

import threading
import time
from typing import Any

import pytest
from django.db import OperationalError, ProgrammingError

from lakebase import cold_starts, control_plane
from lakebase.tokens import Target
from tests.conftest import BRANCH, DATABASE, ENDPOINT, PROJECT
from tests.emulator import Emulator
from tests.lakebase.conftest import Connect, ask
from tests.relay import Relay

POOLS = pytest.mark.parametrize("pool", [False, {"max_size": 4}], ids=["direct", "pool"])


@POOLS
def test_logs_in_as_the_owner(connect: Connect, pool: Any) -> None:
    assert ask(connect(pool)) == "learner@example.com"


@POOLS
def test_logs_in_as_a_service_principal(connect: Connect, app_principal: dict[str, str], pool: Any) -> None:
    app = connect(pool, {"project": PROJECT, **app_principal})
    assert ask(app) == app_principal["client_id"]
    assert ask(connect(pool)) == "learner@example.com"


@POOLS
def test_named_endpoint(connect: Connect, pool: Any) -> None:
    assert ask(connect(pool, {"endpoint": ENDPOINT})) == "learner@example.com"


def test_maintenance_connection_uses_lakebases_own_database(connect: Connect) -> None:
    with connect()._nodb_cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone()[0] == "databricks_postgres"


def test_isolation_level_of_the_entry(connect: Connect) -> None:
    connection = connect(OPTIONS={"isolation_level": 3})
    connection.set_autocommit(False)
    assert ask(connection, "SHOW transaction_isolation") == "repeatable read"
    connection.rollback()


@POOLS
def test_sleeping_endpoint_wakes_and_the_cold_start_is_noted(
    connect: Connect, local_lakebase: Emulator, pool: Any
) -> None:
    ask(connect())
    local_lakebase.suspend(ENDPOINT)
    before = cold_starts.last(Target(project=PROJECT, branch="production"))
    started = time.monotonic()
    assert ask(connect(pool)) == "learner@example.com"
    waited = time.monotonic() - started
    noted = cold_starts.last(Target(project=PROJECT, branch="production"))
    assert noted is not None and noted != before
    assert 5 < noted.milliseconds <= waited * 1000
    connect_again = connect(pool)
    ask(connect_again)
    assert cold_starts.last(Target(project=PROJECT, branch="production")) == noted


@POOLS
def test_endpoint_out_of_reach_for_two_seconds_is_waited_for(
    connect: Connect, local_lakebase: Emulator, pool: Any
) -> None:
    relay = Relay(local_lakebase.pg_port)
    try:
        relay.cut()
        threading.Timer(2.0, relay.mend).start()
        started = time.monotonic()
        assert ask(connect(pool, PORT=relay.port)) == "learner@example.com"
        assert 1.9 < time.monotonic() - started < 15
    finally:
        relay.close()


@POOLS
def test_endpoint_out_of_reach_for_good_is_told_at_the_deadline(
    connect: Connect, local_lakebase: Emulator, pool: Any
) -> None:
    relay = Relay(local_lakebase.pg_port)
    port = relay.port
    relay.close()
    connection = connect(pool, {"project": PROJECT, "connect_deadline": 1.5}, PORT=port)
    started = time.monotonic()
    with pytest.raises(OperationalError, match=rf"127\.0\.0\.1:{port}.*attempts in.*lakebase info"):
        ask(connection)
    assert time.monotonic() - started < 15


@POOLS
def test_wrong_database_is_told_at_once(connect: Connect, pool: Any) -> None:
    assert_permanent(connect(pool, NAME="no_such_database"), r"no_such_database.*does not exist.*PGDATABASE", "3D000")


@POOLS
def test_role_of_another_identity_is_told_after_one_renewal(
    connect: Connect, local_lakebase: Emulator, pool: Any
) -> None:
    before = local_lakebase.last_event()
    assert_permanent(connect(pool, USER="somebody@example.com"), r"security label.*Unset PGUSER.*whoami", "28P01")
    assert len(local_lakebase.events("mint", before)) == 2
    assert len(local_lakebase.events("refused", before)) == 2


@POOLS
def test_role_missing_on_the_branch_is_told(connect: Connect, local_lakebase: Emulator, pool: Any) -> None:
    stranger = local_lakebase.service_principal("stranger")
    connection = connect(pool, {"project": PROJECT, **stranger})
    assert_permanent(connection, rf"lakebase grant {stranger['client_id']}")


@POOLS
def test_database_without_connect_privilege_is_told(connect: Connect, app_principal: dict[str, str], pool: Any) -> None:
    owner = connect()
    with owner.cursor() as cursor:
        cursor.execute("CREATE DATABASE closed_shop")
        cursor.execute("REVOKE CONNECT ON DATABASE closed_shop FROM public")
    try:
        app = connect(pool, {"project": PROJECT, **app_principal}, NAME="closed_shop")
        assert_permanent(app, rf"permission denied.*lakebase grant {app_principal['client_id']}", "42501")
    finally:
        with owner.cursor() as cursor:
            cursor.execute("DROP DATABASE closed_shop")


@POOLS
def test_full_server_is_told(connect: Connect, app_principal: dict[str, str], pool: Any) -> None:
    owner = connect()
    with owner.cursor() as cursor:
        cursor.execute("CREATE DATABASE small_shop CONNECTION LIMIT 0")
    try:
        app = connect(pool, {"project": PROJECT, **app_principal}, NAME="small_shop")
        assert_permanent(app, r"too many connections.*--max-cu", "53300")
    finally:
        with owner.cursor() as cursor:
            cursor.execute("DROP DATABASE small_shop")


def assert_permanent(connection: Any, message: str, sqlstate: str | None = None) -> None:
    started = time.monotonic()
    with pytest.raises(OperationalError, match=rf"(?s){message}") as raised:
        ask(connection)
    assert time.monotonic() - started < 15
    if sqlstate:
        assert raised.value.__cause__.sqlstate == sqlstate  # type: ignore[union-attr]


@POOLS
def test_expired_token_is_renewed_and_open_sessions_live_on(
    connect: Connect, local_lakebase: Emulator, pool: Any
) -> None:
    first = connect(pool)
    backend = ask(first, "SELECT pg_backend_pid()")
    # Short steps, lest the endpoint fall asleep: expiry is what this is about.
    for _ in range(20):
        local_lakebase.advance(200)
        assert ask(first, "SELECT pg_backend_pid()") == backend
    before = local_lakebase.last_event()
    assert ask(connect(pool)) == "learner@example.com"
    assert [event["reason"] for event in local_lakebase.events("refused", before)] == ["expired"]
    assert len(local_lakebase.events("mint", before)) == 1


@POOLS
def test_emulator_killed_and_restarted(connect: Connect, local_lakebase: Emulator, pool: Any) -> None:
    connection = connect(pool)
    assert ask(connection) == "learner@example.com"
    local_lakebase.kill()
    restarting = threading.Timer(0.5, local_lakebase.start)
    restarting.start()
    with pytest.raises(OperationalError):
        ask(connection)  # the session that died with it
    connection.close()
    assert ask(connection) == "learner@example.com"
    restarting.join()


@pytest.mark.slow
@POOLS
def test_control_plane_down_is_told_soon(connect: Connect, local_lakebase: Emulator, pool: Any) -> None:
    address = rf"http://127\.0\.0\.1:{local_lakebase.control.port}"
    with local_lakebase.control.broken():
        started = time.monotonic()
        with pytest.raises(OperationalError, match=rf"{address} does not answer.*DATABRICKS_HOST"):
            ask(connect(pool))
        assert time.monotonic() - started < 20


@POOLS
def test_missing_project_is_told(connect: Connect, pool: Any) -> None:
    assert_permanent(connect(pool, {"project": "no-such-project"}), r"no-such-project.*lakebase list")


@POOLS
def test_permission_denied_in_a_query_names_the_grant(
    connect: Connect, app_principal: dict[str, str], pool: Any
) -> None:
    owner = connect()
    with owner.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS owners_own (id int)")
    app = connect(pool, {"project": PROJECT, **app_principal})
    with pytest.raises(ProgrammingError, match=rf"(?s)permission denied.*lakebase grant {app_principal['client_id']}"):
        ask(app, "SELECT count(*) FROM owners_own")
    app.close()
    with owner.cursor() as cursor:
        cursor.execute("DROP TABLE owners_own")


def test_unencrypted_login_is_refused_with_the_remedy(connect: Connect) -> None:
    connection = connect(OPTIONS={"sslmode": "disable"})
    assert_permanent(connection, r"PGSSLMODE=require")


def test_certificate_is_checked_when_asked(connect: Connect, local_lakebase: Emulator) -> None:
    right = str(local_lakebase.directory / "ca.crt")
    assert ask(connect(OPTIONS={"sslmode": "verify-full", "sslrootcert": right})) == "learner@example.com"
    assert_permanent(
        connect(OPTIONS={"sslmode": "verify-full", "sslrootcert": "/nowhere/ca.crt"}), r"/nowhere/ca.crt.*PGSSLROOTCERT"
    )


def test_unknown_connection_option_is_told(connect: Connect) -> None:
    assert_permanent(connect(OPTIONS={"no_such_option": "1"}), "no_such_option")


def test_database_name_of_the_settings(connect: Connect) -> None:
    assert ask(connect(), "SELECT current_database()") == DATABASE


@pytest.mark.slow
@POOLS
def test_branch_made_anew_needs_no_restart(connect: Connect, local_lakebase: Emulator, pool: Any) -> None:
    make_branch("reborn")
    connection = connect(pool, {"project": PROJECT, "branch": "reborn"})
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE here (id int)")
    connection.close()
    delete_branch("reborn")
    with pytest.raises(OperationalError, match=r"reborn"):
        ask(connection)
    make_branch("reborn")
    try:
        assert ask(connection, "SELECT to_regclass('here')") is None
    finally:
        connection.close()
        delete_branch("reborn")


def make_branch(branch_id: str) -> None:
    from databricks.sdk.service.postgres import Branch, BranchSpec

    branch = Branch(spec=BranchSpec(source_branch=BRANCH, no_expiry=True))
    parent = BRANCH.rsplit("/", 2)[0]
    control_plane.ask(
        f"create branch {branch_id}",
        lambda w: w.postgres.create_branch(parent=parent, branch=branch, branch_id=branch_id).wait(),
        deadline=60,
    )


def delete_branch(branch_id: str) -> None:
    name = BRANCH.replace("production", branch_id)
    control_plane.ask(
        f"delete branch {branch_id}", lambda w: w.postgres.delete_branch(name=name, purge=True).wait(), deadline=60
    )


@POOLS
def test_role_that_stays_refused_does_not_cost_a_token_each_time(
    connect: Connect, local_lakebase: Emulator, pool: Any
) -> None:
    stranger = connect(pool, USER="nobody@example.com")
    last = local_lakebase.last_event()
    for _ in range(4):
        with pytest.raises(OperationalError):
            ask(stranger)
    assert len(local_lakebase.events("mint", after=last)) == 2
    assert ask(connect(pool)) == "learner@example.com"
