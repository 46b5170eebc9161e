"""A token is used and never shown: not in a log, a repr, a traceback, a debug page or the settings."""

import io
import logging
import pickle
import sys
import traceback
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import RequestFactory, override_settings
from django.views.debug import ExceptionReporter

from lakebase.control_plane import LakebaseError, database_credential
from lakebase.secret import Secret
from tests.conftest import ENDPOINT, PROJECT
from tests.emulator import Emulator
from tests.lakebase.conftest import Connect, ask

POOLS = pytest.mark.parametrize("pool", [False, True], ids=["direct", "pool"])


def test_secret_shows_in_no_text() -> None:
    secret = Secret("dapi-very-secret")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r}", "%s" % secret, str({"password": secret})]  # noqa: UP031
    assert not any("very" in text for text in shown)
    assert secret.reveal() == "dapi-very-secret" and secret == Secret("dapi-very-secret")
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(secret)


def everything_shown(error: BaseException) -> str:
    """All that tracebacks with local variables and Django's debug page print of an error."""
    lines = traceback.TracebackException.from_exception(error, capture_locals=True).format()
    with override_settings(DEBUG=True):
        reporter = ExceptionReporter(RequestFactory().get("/"), type(error), error, error.__traceback__)
        return "".join(lines) + reporter.get_traceback_html() + reporter.get_traceback_text()


def raised_by(call: Callable[[], object]) -> Exception:
    try:
        call()
    except (OperationalError, LakebaseError) as error:
        return error
    raise AssertionError("nothing was raised")


@POOLS
@pytest.mark.parametrize("settings", [{"NAME": "no_such_database"}, {"USER": "somebody"}, {"OPTIONS": {"bad": "1"}}])
def test_refused_login_shows_no_token(
    connect: Connect, local_lakebase: Emulator, pool: bool, settings: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    connection = connect(pool, **settings)
    error = raised_by(lambda: ask(connection))
    token = connection.lakebase.tokens.known()[2].value.reveal()  # type: ignore[union-attr]
    shown = everything_shown(error) + caplog.text + repr(vars(connection)) + repr(connection.settings_dict)
    assert no_part_of(token, shown)
    assert no_part_of(local_lakebase.environment()["DATABRICKS_TOKEN"], shown)


@POOLS
def test_open_connection_shows_no_token(connect: Connect, pool: bool) -> None:
    connection = connect(pool)
    ask(connection)
    token = connection.lakebase.tokens.known()[2].value.reveal()  # type: ignore[union-attr]
    raw = connection.connection
    shown = [raw.info.dsn, repr(raw), repr(raw.info.get_parameters()), repr(connection.settings_dict)]
    shown += [repr(connection.get_connection_params()), repr(connection.lakebase), repr(vars(connection))]
    assert no_part_of(token, "".join(shown))
    error = raised_by(lambda: ask(connection, "SELECT pg_terminate_backend(pg_backend_pid())"))
    assert no_part_of(token, everything_shown(error))


def test_secret_of_a_service_principal_is_not_shown(
    connect: Connect, app_principal: dict[str, str], local_lakebase: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = uuid.uuid4().hex  # made here, since the debug page also shows the source around each frame
    connection = connect(lakebase={"project": PROJECT, **app_principal, "client_secret": wrong})
    error = raised_by(lambda: ask(connection))
    assert no_part_of(wrong, everything_shown(error) + caplog.text)


def test_sdks_debug_log_shows_no_token(local_lakebase: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "databricks.sdk")
    credential = database_credential(ENDPOINT)
    assert "POST /api/2.0/postgres/credentials" in caplog.text and "********" in caplog.text
    assert no_part_of(credential.token.reveal(), caplog.text)


def test_failing_control_plane_shows_no_token(local_lakebase: Emulator) -> None:
    error = raised_by(lambda: database_credential("projects/none/branches/none/endpoints/none"))
    assert no_part_of(local_lakebase.environment()["DATABRICKS_TOKEN"], everything_shown(error))


def test_uncaught_error_on_standard_error_shows_no_token(connect: Connect, local_lakebase: Emulator) -> None:
    error = raised_by(lambda: ask(connect(USER="somebody")))
    stream = io.StringIO()
    sys.excepthook(type(error), error, error.__traceback__)
    traceback.print_exception(error, file=stream)
    assert "security label" in stream.getvalue()
    assert "eyJ" not in stream.getvalue()  # how every JWT begins


def no_part_of(secret: str, text: str) -> bool:
    """A token's beginning alone is the same for all; its middle and its end are not."""
    return not any(part in text for part in (secret[-12:], secret[len(secret) // 2 :][:12]))
