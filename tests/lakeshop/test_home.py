"""The home page and its card: what the site is connected to, told without a database connection (refused here)."""

import re

import pytest
from django.db import connections
from django.test import Client
from django.utils.encoding import iri_to_uri

from pages.roles import Role
from tests.people import unasked_visitor, visitor

CARD = '<section id="_connection"'


@pytest.fixture
def connected(django_db_setup: None) -> None:
    """Connected to Lakebase Local; without the mark `django_db`, so that opening a connection fails the test."""


@pytest.fixture
def unconfigured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections["default"].settings_dict["OPTIONS"], "lakebase", {})


@pytest.mark.usefixtures("connected")
def test_the_card_says_project_branch_endpoint_and_role(app_principal: dict[str, str]) -> None:
    page = unasked_visitor().get("/connection").content.decode()
    for words in (
        *("Lakebase Autoscaling", "training-app", "production", "primary", "127.0.0.1"),
        *(app_principal["client_id"], "sleeps after", "Last cold start", "Pool", "Token"),
    ):
        assert words in page
    assert re.search(r'class="state state-\w+"', page)


@pytest.mark.django_db
def test_the_home_page_bears_the_card_and_needs_a_person(client: Client) -> None:
    assert CARD in visitor(Role.VIEWER).get("/").content.decode()
    assert client.get("/")["Location"] == "/sign-in?next=/"


@pytest.mark.usefixtures("connected")
def test_the_card_is_for_whoever_has_signed_in(client: Client) -> None:
    assert client.get("/connection")["Location"] == "/sign-in?next=/connection"
    assert client.get("/connection", headers={"HX-Request": "true"}).status_code == 401


@pytest.mark.django_db
def test_the_page_names_a_page_that_wakes_the_endpoint(client: Client, django_assert_num_queries: object) -> None:
    page = visitor(Role.VIEWER).get("/").content.decode()
    named = re.search(r'open any page, or\s+<a href="([^"]+)"', page)
    assert named
    with django_assert_num_queries(1):  # type: ignore[operator]
        client.get(named[1])


@pytest.mark.usefixtures("connected")
def test_htmx_gets_the_card_alone() -> None:
    answer = unasked_visitor().get("/connection", headers={"HX-Request": "true"})
    assert answer.content.decode().strip().startswith(CARD)
    assert "HX-Request" in answer["Vary"]


@pytest.mark.usefixtures("unconfigured")
def test_without_a_database_the_card_says_what_to_set() -> None:
    page = unasked_visitor().get("/connection").content.decode()
    assert "Not configured" in page
    assert "Set LAKEBASE_PROJECT_ID" in page
    assert "make run" in page


@pytest.mark.parametrize(("choice", "drawn"), [("auto", "light"), ("light", "light"), ("dark", "dark")])
@pytest.mark.usefixtures("unconfigured")
def test_the_theme_is_chosen_without_script(client: Client, choice: str, drawn: str) -> None:
    answer = client.post("/theme", {"theme": choice, "next": "/?from=here"})
    assert (answer.status_code, answer["Location"]) == (302, "/?from=here")
    page = client.get("/sign-in").content.decode()
    assert f'data-bs-theme="{drawn}"' in page
    assert f'value="{choice}" aria-pressed="true"' in page


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_the_theme_leads_nowhere_else(client: Client, elsewhere: str) -> None:
    assert client.post("/theme", {"theme": "dark", "next": elsewhere})["Location"] == "/"


@pytest.mark.parametrize("word", ["sign_in", "no-such-view", "{% url 'home' %}", "a b", "مرحبا", "?q=1", "../x"])
def test_the_theme_takes_a_word_for_no_view(client: Client, word: str) -> None:
    answer = client.post("/theme", {"theme": "dark", "next": word})
    assert (answer.status_code, answer["Location"]) == (302, iri_to_uri(word))


def test_an_unknown_theme_is_refused(client: Client) -> None:
    answer = client.post("/theme", {"theme": "sepia"})
    assert answer.status_code == 400
    assert "theme" not in client.cookies


@pytest.mark.usefixtures("unconfigured")
def test_a_forged_theme_cookie_is_ignored(client: Client) -> None:
    client.cookies["theme"] = '"><script>'
    assert "<script>" not in client.get("/sign-in").content.decode()


@pytest.mark.parametrize("method", ["post", "put", "delete"])
@pytest.mark.django_db
def test_the_home_page_is_only_read(client: Client, method: str) -> None:
    assert getattr(client, method)("/").status_code == 405
