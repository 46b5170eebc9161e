"""What was typed into a form that could not be taken is kept on the page that says so; secrets and files are not."""

from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve
from django_htmx.middleware import HtmxDetails

from lakeshop import refusals
from lakeshop.unavailable import database_unavailable
from pages.posted import posted
from pages.roles import Role
from tests.people import account, visitor

pytestmark = pytest.mark.django_db
OURS, EVIL = {"Origin": "http://testserver"}, {"Origin": "https://evil.example"}
TYPED = {
    "name": '<b>"Lamp" & more\n\U0001f4a1',
    "tags": ["a", "b"],
    "password": "hidden",
    "new_Password1": "hidden too",
}
AGAIN = "Send it again"


def sent(data: dict[str, Any] | None = None, **headers: str) -> Any:
    request = RequestFactory().post("/products/add?x=1&y=2", TYPED if data is None else data, headers=headers)
    assert request.POST  # read by now, as the check of the token does
    return request


def test_every_value_is_kept_but_secrets_and_files() -> None:
    kept = posted(sent(TYPED | {"csrfmiddlewaretoken": "old", "file": SimpleUploadedFile("a.csv", b"1")}, **OURS))
    assert kept is not None
    assert kept.fields == [("name", TYPED["name"]), ("tags", "a"), ("tags", "b")]
    assert kept.left_out == ["file", "password", "new_Password1"]


@pytest.mark.parametrize("headers", [{}, EVIL, {"Origin": "null"}, {"Origin": "http://testserver.evil.example"}])
def test_what_strangers_sent_is_not_offered(headers: dict[str, str]) -> None:
    assert posted(sent(**headers)) is None


def test_what_was_only_asked_for_or_not_read_yet_is_no_form() -> None:
    assert posted(RequestFactory().get("/?name=Lamp", headers=OURS)) is None
    assert posted(RequestFactory().post("/", TYPED, headers=OURS)) is None


def told_away(request: Any) -> HttpResponse:
    return database_unavailable(request, OperationalError("gone"))


@pytest.mark.parametrize("address", ["/orders/place/reckoning", "/orders/place/line", "/products/check"])
def test_what_is_asked_beside_typing_is_not_to_be_sent_again(address: str) -> None:
    request = sent(**OURS, **{"HX-Request": "true"})
    request.htmx = HtmxDetails(request)
    request.resolver_match = resolve(address)
    part = told_away(request).content.decode()
    assert "What you typed is still on this page." in part and "look first" not in part and AGAIN not in part


def test_without_a_database_the_page_sends_it_again() -> None:
    page = told_away(sent(**OURS)).content.decode()
    assert AGAIN in page and 'action="/products/add?x=1&amp;y=2"' in page
    assert TYPED["name"] in unescape(page) and "<b>" not in page and "hidden too" not in page
    assert "to be given once more: password, new_Password1." in page and ">Try again<" not in page


def test_a_page_that_was_only_asked_for_is_asked_for_again() -> None:
    page = told_away(RequestFactory().get("/products/")).content.decode()
    assert ">Try again<" in page and AGAIN not in page


def test_a_form_grown_too_old_is_sent_again_with_a_new_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/sign-in")
    answer = client.post("/theme", {"theme": "dark", "csrfmiddlewaretoken": "a" * 32}, headers=OURS)
    page = answer.content.decode()
    assert answer.status_code == 403 and AGAIN in page
    token = page.split('name="csrfmiddlewaretoken" value="')[-1].split('"')[0]
    assert client.post("/theme", {"theme": "dark", "csrfmiddlewaretoken": token}, headers=OURS).status_code == 302
    forged = client.post("/theme", {"theme": "dark"}, headers=EVIL)
    assert forged.status_code == 403 and AGAIN not in forged.content.decode()


def test_what_was_sent_after_the_session_waits_for_the_sign_in() -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/sign-in")
    fields = {"name": "Lamp", "csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    answer = client.post("/products/add", fields)
    page = answer.content.decode()
    assert answer.status_code == 401 and AGAIN in page and 'name="name" value="Lamp"' in page
    assert 'href="/sign-in?next=/sign-in%3Fgo_on%3D" target="_blank"' in page


def test_what_a_role_too_few_has_sent_is_kept_until_there_is_one() -> None:
    viewer = Client(enforce_csrf_checks=True)
    viewer.force_login(account(Role.VIEWER))
    viewer.get("/products/")
    fields = {"name": "Lamp", "csrfmiddlewaretoken": viewer.cookies["csrftoken"].value}
    answer = viewer.post("/products/add", fields)
    page = answer.content.decode()
    assert answer.status_code == 403 and AGAIN in page and 'name="name" value="Lamp"' in page
    for other in (viewer.get("/products/add"), viewer.post("/products/add", fields, headers={"HX-Request": "true"})):
        assert other.status_code == 403 and AGAIN not in other.content.decode()


def test_a_request_that_made_no_sense_is_kept_where_it_could_be_read() -> None:
    page = refusals.bad_request(sent(**OURS), ValueError()).content.decode()
    assert AGAIN in page and TYPED["name"] in unescape(page)
    many = visitor(Role.VIEWER).post("/theme", {"theme": ["dusk"] * 1001})
    assert many.status_code == 400 and AGAIN not in many.content.decode()


def test_what_met_a_mistake_of_ours_is_sent_again() -> None:
    page = refusals.server_error(sent(**OURS)).content.decode()
    assert AGAIN in page and TYPED["name"] in unescape(page) and 'name="csrfmiddlewaretoken"' in page
    assert AGAIN not in refusals.server_error(RequestFactory().get("/")).content.decode()
