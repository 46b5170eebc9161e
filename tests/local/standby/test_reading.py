"""A read-only endpoint shows what is committed on its branch, a moment later, and takes nothing."""

import psycopg
import pytest
from databricks.sdk.service.postgres import Role, RoleIdentityType, RoleRoleSpec

from tests.local.sdk import Sdk
from tests.local.standby.conftest import BRANCH, PRIMARY, READER, ROWS, until, until_it_sees, write

WRITES = [
    "INSERT INTO written DEFAULT VALUES",
    "UPDATE written SET number = DEFAULT",
    "CREATE TABLE other (x int)",
    "SELECT * FROM written FOR UPDATE",
    "SELECT nextval('written_number_seq')",
    "SET default_transaction_read_only = off; DELETE FROM written",
]


def test_it_shows_what_is_committed_and_nothing_else(sdk: Sdk) -> None:
    with sdk.connect(READER) as reader, sdk.connect(PRIMARY, autocommit=False) as writer:
        rows = write(sdk)
        until_it_sees(reader, rows)
        writer.execute("INSERT INTO written DEFAULT VALUES")
        until_it_sees(reader, write(sdk))
        writer.commit()
        until_it_sees(reader, rows + 2)


@pytest.mark.parametrize("statement", WRITES)
def test_writing_is_refused_in_postgres_own_words(sdk: Sdk, statement: str) -> None:
    with sdk.connect(READER) as reader, pytest.raises(psycopg.errors.ReadOnlySqlTransaction) as refused:
        reader.execute(statement)  # type: ignore[call-overload]
    assert refused.value.sqlstate == "25006"
    assert "in a read-only transaction" in str(refused.value)


def test_a_read_write_transaction_cannot_be_begun(sdk: Sdk) -> None:
    with sdk.connect(READER) as reader, pytest.raises(psycopg.Error, match="during recovery"):
        reader.execute("BEGIN READ WRITE")


def test_a_role_made_later_logs_in_with_its_token_of_one_hour(sdk: Sdk) -> None:
    principal = sdk.emulator.service_principal("analyst")
    spec = RoleRoleSpec(identity_type=RoleIdentityType.SERVICE_PRINCIPAL, postgres_role=principal["client_id"])
    sdk.postgres.create_role(parent=BRANCH, role=Role(spec=spec)).wait()
    analyst = Sdk(sdk.emulator, principal)
    with sdk.connect(READER) as reader:
        roles = "SELECT 1 FROM pg_roles WHERE rolname = %s"
        until(lambda: reader.execute(roles, [principal["client_id"]]).fetchone() is not None)
    token = analyst.token(READER)
    with analyst.connect(READER, password=token) as reader:
        assert reader.execute("SELECT current_user, pg_is_in_recovery()").fetchone() == (principal["client_id"], True)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute(ROWS)


def test_the_token_says_which_endpoint_is_meant(sdk: Sdk) -> None:
    def in_recovery(endpoint: str) -> bool:
        with sdk.connect(endpoint) as session:
            row = session.execute("SELECT pg_is_in_recovery()").fetchone()
        return row == (True,)

    assert (in_recovery(READER), in_recovery(PRIMARY)) == (True, False)
    uid = sdk.emulator.endpoint(PRIMARY)["uid"]
    with pytest.raises(psycopg.OperationalError, match="The token is for endpoint"):
        sdk.connect(READER, host=f"{uid}.database.example.com", hostaddr="127.0.0.1")


def test_its_lag_is_told_to_users_and_on_the_control_surface(sdk: Sdk) -> None:
    with sdk.connect(READER) as reader:
        until_it_sees(reader, write(sdk))
        row = reader.execute("SELECT pg_last_xact_replay_timestamp() > now() - interval '1 minute'").fetchone()
        assert row == (True,)
        until(lambda: bool(sdk.emulator.endpoint(READER)["standby"]))
        # It is measured each second, perhaps before that commit.
        until(lambda: sdk.emulator.endpoint(READER)["standby"]["last_commit"] is not None)
        until(lambda: sdk.emulator.endpoint(READER)["standby"]["lag_bytes"] == 0)
    told = sdk.emulator.endpoint(READER)
    assert (told["read_only"], told["state"], told["standby"]["follows"]) == (True, "ACTIVE", PRIMARY)
    assert (told["standby"]["streaming"], told["standby"]["lag_seconds"]) == (True, 0)
    primary = sdk.emulator.endpoint(PRIMARY)
    assert primary["read_only"] is False and "standby" not in primary
