"""Who acts is said for one transaction and no longer."""

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

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
