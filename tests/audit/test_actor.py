"""Who acts is said for one transaction and no longer."""

import socket
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection, connections, transaction
from django.db.backends.postgresql.base import DatabaseWrapper
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django.plugin import DjangoDbBlocker

from audit.actor import ActingAs, acting_as
from audit.models import AuditEntry
from tests.shop import lamp, value

LOG = AuditEntry.objects.order_by("audit_id")
NOW = "SELECT coalesce(current_setting('lakeshop.actor', true), '')"


def send(method: str, status: int = 200, user: str = "ann", **headers: str) -> HttpResponse:
    """A request through the middleware to a view that makes a product and answers `status`."""

    def view(request: HttpRequest) -> HttpResponse:
        lamp()
        return HttpResponse(status=status)

    request = RequestFactory().generic(method, "/admin/login/", headers=headers)
    request.user = User(username=user)
    return ActingAs(view)(request)  # type: ignore[return-value]


@pytest.fixture
def unheard(django_db_blocker: DjangoDbBlocker) -> Iterator[DatabaseWrapper]:
    """The default connection, at a port where nothing listens."""
    usual = connections["default"]
    with socket.socket() as port, django_db_blocker.unblock():
        port.bind(("127.0.0.1", 0))
        where = {"HOST": "127.0.0.1", "PORT": str(port.getsockname()[1]), "PASSWORD": "none", "OPTIONS": {}}
        connections["default"] = DatabaseWrapper(usual.settings_dict | where, "default")
        yield connections["default"]  # type: ignore[misc]
        connections["default"] = usual


def test_actor_and_request_are_recorded_and_then_forgotten(own_database: str) -> None:
    with acting_as("command:seed", "r1"):
        lamp()
    lamp()
    assert list(LOG.values_list("actor", "request_id")) == [("command:seed", "r1"), (None, None)]
    assert value(NOW) == ""


def test_failure_undoes_all_and_forgets_the_actor(own_database: str) -> None:
    with pytest.raises(ZeroDivisionError), acting_as("ann"):
        lamp()
        1 / 0  # noqa: B018
    assert not LOG.exists()
    assert value(NOW) == ""


@pytest.mark.django_db
def test_nested_actor_gives_way_to_the_outer_one() -> None:
    with acting_as("ann", "r1"):
        with acting_as("command:seed"):
            lamp()
        lamp()
        with pytest.raises(ZeroDivisionError), acting_as("bob"):
            1 / 0  # noqa: B018
        lamp()
    recorded = list(LOG.values_list("actor", "request_id"))
    assert recorded == [("command:seed", None), ("ann", "r1"), ("ann", "r1")]
    assert value(NOW) == ""


@pytest.mark.django_db
def test_inner_refusal_keeps_the_outer_work() -> None:
    with acting_as("ann"):
        with acting_as("bob"):
            lamp()
            transaction.set_rollback(True)
        lamp()
    assert LOG.get().actor == "ann"


@pytest.mark.django_db
def test_somebody_acts() -> None:
    with pytest.raises(ValueError, match="Nobody acts"), acting_as(""):
        pass


@pytest.mark.parametrize("words", [("a\0b", ""), ("ann", "a\0b")])
def test_what_cannot_be_stored_is_refused(words: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="stores no NUL character"), acting_as(*words):
        pass


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_writing_request_is_its_users(own_database: str, method: str) -> None:
    send(method, **{"X-Request-Id": "abc-1"})
    assert LOG.values_list("actor", "request_id").get() == ("ann", "abc-1")
    pid = connection.connection.info.backend_pid
    connection.close()
    lamp()
    assert connection.connection.info.backend_pid == pid
    assert LOG.last().actor is None


@pytest.mark.django_db
@pytest.mark.parametrize("status", [400, 403, 409, 500, 503])
def test_refused_request_leaves_nothing(status: int) -> None:
    assert send("POST", status).status_code == status
    assert not LOG.exists()


@pytest.mark.django_db
def test_who_is_not_signed_in_and_odd_request_ids() -> None:
    send("POST", user="", **{"X-Request-Id": "x'; --"})
    entry = LOG.get()
    assert entry.actor == "anonymous"
    assert len(entry.request_id) == 36


@pytest.mark.django_db
def test_reading_request_opens_no_transaction() -> None:
    send("GET")
    assert LOG.get().actor is None


def test_a_database_that_is_away_is_waited_for_once(unheard: DatabaseWrapper) -> None:
    tried: list[object] = []
    dial = unheard.get_new_connection
    unheard.get_new_connection = lambda params: tried.append(params) or dial(params)  # type: ignore[func-returns-value]
    errors = []

    def view(request: HttpRequest) -> HttpResponse:
        for _ in range(2):
            with pytest.raises(OperationalError, match="Connection refused") as met:
                lamp()
            errors.append(met.value)
        return HttpResponse(status=503)

    request = RequestFactory().post("/admin/login/")
    request.user = User(username="ann")
    assert ActingAs(view)(request).status_code == 503
    assert len(tried) == 1 and errors[0] is errors[1]
    with pytest.raises(OperationalError):  # the next request tries anew
        lamp()
    assert len(tried) == 2
