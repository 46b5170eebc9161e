"""Pages for what cannot be answered: they say why and where to go, in the site's own dress."""

import logging

import psycopg
import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory

from lakeshop import refusals
from lakeshop.unavailable import DatabaseUnavailable, is_unavailable
from pages.roles import Role
from tests.people import visitor


def failed(sqlstate: str | None) -> OperationalError:
    """The error as Django raises it for one of psycopg's."""
    error = OperationalError("the server said no")
    cause = psycopg.OperationalError("the server said no")
    cause.sqlstate = sqlstate
    error.__cause__ = cause
    return error


def test_an_unknown_page_leads_home(client: Client) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()
    assert 'href="/"' in answer.content.decode()


def test_a_form_without_its_token_is_refused_kindly() -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/sign-in")
    answer = client.post("/theme", {"theme": "dark"})
    assert answer.status_code == 403
    assert "This form has grown too old" in answer.content.decode()


@pytest.mark.parametrize(
    ("handler", "status", "words"),
    [
        (refusals.bad_request, 400, "made no sense"),
        (refusals.permission_denied, 403, "You may not do this"),
        (refusals.page_not_found, 404, "no such page"),
    ],
)
def test_each_refusal_has_its_page(rf: RequestFactory, handler: object, status: int, words: str) -> None:
    answer = handler(rf.get("/somewhere"), ValueError())  # type: ignore[operator]
    assert answer.status_code == status
    assert words in answer.content.decode()


def test_a_mistake_of_ours_says_so(rf: RequestFactory) -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        answer = refusals.server_error(rf.get("/"))
    assert answer.status_code == 500
    assert "our mistake" in answer.content.decode()


@pytest.mark.usefixtures("database_away")
def test_a_page_without_its_database_says_why_and_is_worth_another_try(client: Client) -> None:
    answer = client.post("/sign-in", {"username": "ada", "password": "lake"})
    page = answer.content.decode()
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "Connection refused" in page and "Try again" in page
    assert "not-to-be-shown" not in page


@pytest.mark.usefixtures("database_away")
def test_the_log_gets_one_line_and_no_password(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="lakeshop"):
        client.post("/sign-in", {"username": "ada", "password": "lake"})
    (record,) = (each for each in caplog.records if each.name.startswith("lakeshop"))
    assert "POST /sign-in: the database cannot be reached" in record.getMessage()
    assert "not-to-be-shown" not in record.getMessage()


@pytest.mark.parametrize("sqlstate", [None, "08006", "28P01", "28000", "3D000", "42501", "53300", "57P01", "57P03"])
def test_a_session_that_was_refused_or_ended_is_unavailable(sqlstate: str | None) -> None:
    assert is_unavailable(failed(sqlstate))


@pytest.mark.django_db
def test_a_database_whose_tables_are_still_being_made_is_unavailable(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = pg_catalog")
    answer = client.post("/sign-in", {"username": "ada", "password": "lake"})
    assert answer.status_code == 503
    assert "manage.py migrate" in answer.content.decode() and "Try again" in answer.content.decode()


@pytest.mark.parametrize("sqlstate", ["40P01", "57014", "55P03"])
def test_a_statement_that_failed_is_a_server_error(rf: RequestFactory, sqlstate: str) -> None:
    """Deadlock, cancelled, lock not available: the database answered."""
    answer = DatabaseUnavailable(lambda request: HttpResponse()).process_exception(rf.get("/"), failed(sqlstate))
    assert answer is None


def test_a_database_lost_outside_any_view_is_unavailable_too(rf: RequestFactory) -> None:
    try:
        raise failed("57P01")
    except OperationalError:
        answer = refusals.server_error(rf.get("/"))
    assert answer.status_code == 503


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/admin/", "/admin/catalog/product/", "/products/add"])
def test_a_refusal_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture, path: str) -> None:
    assert visitor(Role.VIEWER).get(path).status_code == 403
    (record,) = [record for record in caplog.records if record.name == "django.request"]
    handler = next(each for each in logging.getLogger("django").handlers if type(each) is logging.StreamHandler)
    assert handler.filter(record)
    assert handler.format(record).endswith(f"WARNING django.request: Forbidden (Permission denied): {path}")


def test_a_mistake_of_ours_keeps_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        logging.getLogger("django.request").exception("Internal Server Error", extra={"status_code": 500})
    handler = next(each for each in logging.getLogger("django").handlers if type(each) is logging.StreamHandler)
    assert handler.filter(caplog.records[-1]) and "ZeroDivisionError" in handler.format(caplog.records[-1])


def test_an_address_for_forms_says_so(client: Client) -> None:
    answer = client.get("/theme")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "Only a form leads here" in answer.content.decode()


@pytest.mark.django_db
def test_who_was_signed_out_while_typing_is_told(client: Client) -> None:
    sent = client.post("/products/add", {"name": "Lamp"})
    assert sent.status_code == 302
    assert "nothing of what you sent was saved" in client.get(sent["Location"]).content.decode()


def test_commands_in_a_reason_are_code() -> None:
    request = RequestFactory().get("/")
    page = DatabaseUnavailable(lambda _: HttpResponse()).process_exception(request, failed(None))
    assert page is not None
    told = refusals.refuse(request, "503.html", {"reason": "Run `make run` <now>", "person": None}, status=503)
    assert "Run <code>make run</code> &lt;now&gt;" in told.content.decode()
