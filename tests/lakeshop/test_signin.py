"""Signing in: with name and password anywhere, and without being asked on the learner's own machine."""

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from pages.roles import Role, role_of
from tests.lakeshop.test_settings import settings_told
from tests.people import PASSWORD, account, visitor
from tests.shop import sql

pytestmark = pytest.mark.django_db
HERE = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8080"}
PRODUCT = {"name": "Kept lamp", "price": "1", "category": "Other", "stock_quantity": "1", "sku": "", "tags": ""}
NAME_AND_PASSWORD = {"username": "editor", "password": PASSWORD}


@pytest.fixture
def learner(settings: Settings) -> User:
    settings.SIGN_IN_AS = "learner"
    return account(Role.ADMIN, "learner")


def who(client: Client) -> str:
    return str(client.get("/", **HERE).context["person"].name)


def test_a_page_asks_who_it_is_and_then_is_shown(client: Client) -> None:
    account(Role.EDITOR)
    asked = client.get("/?from=here")
    assert (asked.status_code, asked["Location"]) == (302, "/sign-in?next=/%3Ffrom%3Dhere")
    assert client.get(asked["Location"]).status_code == 200
    answer = client.post("/sign-in", NAME_AND_PASSWORD | {"next": "/?from=here"})
    assert (answer.status_code, answer["Location"]) == (302, "/?from=here")
    assert client.get("/").status_code == 200


def test_a_wrong_password_is_told_beside_what_was_typed(client: Client) -> None:
    account(Role.EDITOR)
    answer = client.post("/sign-in", NAME_AND_PASSWORD | {"password": "guessed"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "No account has this name and this password" in page
    assert 'value="editor"' in page and "guessed" not in page
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_sign_in_leads_nowhere_else(client: Client, elsewhere: str) -> None:
    account(Role.EDITOR)
    assert client.post("/sign-in", NAME_AND_PASSWORD | {"next": elsewhere})["Location"] == "/"


def test_signing_out_needs_a_post_and_lasts() -> None:
    client = visitor(Role.VIEWER)
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out")["Location"] == "/sign-in"
    assert client.get("/").status_code == 302


def test_a_password_is_changed_and_the_session_goes_on() -> None:
    client = visitor(Role.VIEWER)
    new = "another lake to swim in"
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/account/password", fields)["Location"] == "/"
    assert "Your password is changed." in client.get("/").content.decode()
    assert Client().login(username="viewer", password=new)


def test_a_session_ends_when_the_password_changes_elsewhere() -> None:
    client = visitor(Role.VIEWER)
    user = User.objects.get(username="viewer")
    user.set_password("changed by an admin")
    user.save()
    assert client.get("/").status_code == 302


def test_one_query_tells_who_it_is_and_what_they_may(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = visitor(Role.EDITOR)
    with django_assert_num_queries(1):  # of a page that asks nothing else
        assert client.get("/orders/place").status_code == 200


def test_the_learner_is_not_asked(client: Client, learner: User) -> None:
    first = client.get("/", follow=True, **HERE)
    assert [where for where, _ in first.redirect_chain] == ["/sign-in?next=/", "/sign-in?arrived=&next=%2F", "/"]
    assert who(client) == "learner"


def test_the_learner_arrives_where_they_wanted(client: Client, learner: User) -> None:
    first = client.get("/audit/?table=products&actor=ann", follow=True, **HERE)
    assert first.redirect_chain[-1] == ("/audit/?table=products&actor=ann", 302)
    assert first.status_code == 200


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
def test_what_a_learner_sends_after_their_session_is_answered(learner: User, headers: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/products/add", follow=True, **HERE)
    token = client.cookies["csrftoken"].value
    fields = PRODUCT | {"csrfmiddlewaretoken": token}
    for name in ("Kept lamp", "Kept chair"):  # the page's token stays good
        del client.cookies["sessionid"]
        assert client.post("/products/add", fields | {"name": name}, headers=headers, **HERE).status_code == 302
        assert sql("SELECT actor FROM ecommerce.audit_log WHERE new_data ->> 'name' = %s", [name]) == [("learner",)]
    del client.cookies["sessionid"]
    assert client.get("/orders/place/customers", headers={"HX-Request": "true"}, **HERE).status_code == 200


def test_who_signed_out_is_not_let_in_by_what_their_page_asks(client: Client, learner: User) -> None:
    client.get("/", follow=True, **HERE)
    client.post("/sign-out", **HERE)
    answer = client.get("/orders/place/customers", headers={"HX-Request": "true"}, **HERE)
    assert answer.status_code == 401 and "You have been signed out" in answer.content.decode()


def test_a_forged_form_is_refused_though_the_learner_is_let_in(learner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/products/add", follow=True, **HERE)
    del client.cookies["sessionid"]
    assert client.post("/products/add", PRODUCT, **HERE).status_code == 403


def test_the_tab_of_a_new_sign_in_leads_back_to_the_old_one(client: Client) -> None:
    account(Role.EDITOR)
    answer = client.post("/sign-in", NAME_AND_PASSWORD | {"next": "/sign-in?go_on="}, follow=True)
    page = answer.content.decode()
    assert "Go back to the tab that you came from" in page and 'name="password"' not in page


@pytest.mark.parametrize("path", ["/", "/audit/?actor=ann", "/admin/"])
def test_a_browser_without_cookies_is_told_and_not_led_in_circles(learner: User, path: str) -> None:
    for _ in range(4):
        answer = Client().get(path, **HERE)  # a new one each time: it has kept nothing
        if answer.status_code != 302:
            break
        path = answer["Location"]
    page = answer.content.decode()
    assert answer.status_code == 403 and "This site needs cookies" in page
    assert 'class="btn btn-primary" href="/sign-in?next=%2F' in page


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_way_by_the_cookies_leads_nowhere_else(client: Client, learner: User, elsewhere: str) -> None:
    answer = client.get("/sign-in", {"next": elsewhere, "arrived": ""}, follow=True, **HERE)
    assert "evil" not in str(answer.redirect_chain)
    client.get("/", follow=True, **HERE)
    assert client.get("/sign-in", {"next": elsewhere, "arrived": ""}, **HERE)["Location"] == "/"


def test_a_password_sent_without_cookies_is_refused_for_that() -> None:
    account(Role.EDITOR)
    answer = Client(enforce_csrf_checks=True).post("/sign-in", NAME_AND_PASSWORD)
    assert answer.status_code == 403 and "This site needs cookies" in answer.content.decode()


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:8080"])
def test_the_machine_has_three_names(client: Client, learner: User, host: str) -> None:
    assert client.get("/sign-in", REMOTE_ADDR="::1", HTTP_HOST=host).status_code == 302


@pytest.mark.parametrize(
    "request_of_a_stranger",
    [
        {"REMOTE_ADDR": "192.168.1.7"},
        {"REMOTE_ADDR": "8.8.8.8"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "unix:"},
        {"HTTP_HOST": "lakeshop.example"},
        {"HTTP_HOST": "127.0.0.1.evil.example"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_X_FORWARDED_HOST": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
    ],
)
def test_a_stranger_is_asked(
    client: Client, learner: User, settings: Settings, request_of_a_stranger: dict[str, str]
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    request = HERE | request_of_a_stranger
    assert client.get("/sign-in", **request).status_code == 200
    assert client.post("/sign-in/learner", **request).status_code == 403
    assert client.get("/", **request).status_code == 302


def test_without_the_setting_nobody_is_the_learner(client: Client) -> None:
    account(Role.ADMIN, "learner")
    assert client.get("/sign-in", **HERE).status_code == 200
    assert client.post("/sign-in/learner", **HERE).status_code == 403


def test_a_learner_switched_off_is_asked_like_everybody(client: Client, learner: User) -> None:
    User.objects.filter(username="learner").update(is_active=False)
    assert client.get("/sign-in", **HERE).status_code == 200
    assert client.post("/sign-in/learner", **HERE).status_code == 403


def test_who_signs_out_stays_so_until_the_button_is_pressed(client: Client, learner: User) -> None:
    account(Role.EDITOR)
    client.get("/", follow=True, **HERE)
    client.post("/sign-out", **HERE)
    page = client.get("/", follow=True, **HERE).content.decode()
    assert "Sign in as learner" in page
    client.post("/sign-in", NAME_AND_PASSWORD, **HERE)
    assert who(client) == "editor"
    client.post("/sign-out", **HERE)
    assert client.get("/sign-in", **HERE).status_code == 200
    assert client.post("/sign-in/learner", {"next": "/?x=1"}, **HERE)["Location"] == "/?x=1"
    assert who(client) == "learner"


def test_the_owner_makes_the_learner_who_has_no_password(settings: Settings) -> None:
    settings.SIGN_IN_AS = "learner"
    for _ in range(2):
        call_command("migrate", interactive=False, verbosity=0)
    made = User.objects.get(username="learner")
    assert role_of(made) is Role.ADMIN
    assert not made.has_usable_password()


def test_databricks_apps_refuses_to_start_with_it() -> None:
    told = settings_told(DATABRICKS_APP_NAME="lakeshop", LAKESHOP_SIGN_IN_AS="learner")
    assert told.returncode != 0
    assert "Unset LAKESHOP_SIGN_IN_AS on Databricks Apps" in told.stderr
