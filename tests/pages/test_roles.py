"""Roles: who may see what, as a page and as a fragment."""

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django_htmx.middleware import HtmxDetails
from pytest_django import DjangoAssertNumQueries

from pages.accounts import make_roles
from pages.requests import Request
from pages.roles import Accounts, Role, may_administer, may_edit, may_view, role_of
from tests.people import account, visitor

pytestmark = pytest.mark.django_db


def ask(view: object, user: User, **headers: str) -> HttpResponse:
    request: Request = RequestFactory().get("/somewhere", headers=headers)  # type: ignore[assignment]
    request.user = user
    request.htmx = HtmxDetails(request)
    return view(request)  # type: ignore[operator, no-any-return]


@pytest.mark.parametrize(("needs", "least"), [(may_view, 1), (may_edit, 2), (may_administer, 3)])
@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_what_those_before_it_may(needs: object, least: int, role: Role) -> None:
    view = needs(lambda request: HttpResponse("shown"))  # type: ignore[operator]
    if role >= least:
        assert ask(view, account(role)).content == b"shown"
    else:
        with pytest.raises(PermissionDenied):
            ask(view, account(role))


def test_the_highest_group_counts_and_others_mean_nothing() -> None:
    user = account(Role.VIEWER)
    user.groups.add(Group.objects.get(name="editor"), Group.objects.create(name="cooks"))
    assert role_of(user) is Role.EDITOR
    assert role_of(account(Role.NOBODY)) is Role.NOBODY
    assert role_of(User(username="off", is_active=False, is_superuser=True)) is Role.NOBODY
    assert role_of(User(username="root", is_superuser=True)) is Role.ADMIN


def test_the_person_comes_with_their_groups(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    made = account(Role.EDITOR)
    with django_assert_num_queries(1):
        user = Accounts().get_user(made.pk)
        assert user == made
        assert role_of(user) is Role.EDITOR
    User.objects.update(is_active=False)
    assert Accounts().get_user(made.pk) is None


def test_an_admin_may_everything_in_the_admin() -> None:
    assert account(Role.ADMIN).has_perm("auth.delete_user")
    assert account(Role.ADMIN, "b").has_module_perms("catalog")
    assert not account(Role.EDITOR).has_perm("auth.delete_user")


def asked_beside(client: Client, asked: str, page: str, **more: str) -> HttpResponse:
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"} | more
    return client.get(asked, headers=headers)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("asked", "page", "after"),
    [
        ("/orders/place/customers", "/orders/place", "/sign-in%3Fgo_on%3D"),
        ("/audit/?actor=ann", "/audit/?actor=an", "/audit/%3Factor%3Dann"),  # the address that the filter would have
    ],
)
def test_a_stranger_asking_beside_their_typing_keeps_it(client: Client, asked: str, page: str, after: str) -> None:
    answer = asked_beside(client, asked, page)
    assert (answer.status_code, answer["HX-Retarget"]) == (401, "#trouble")
    assert "HX-Redirect" not in answer
    assert f'<a href="/sign-in?next={after}" target="_blank"' in answer.content.decode()
    assert "what you typed stays" in answer.content.decode()


def test_a_stranger_following_a_link_is_sent_to_the_sign_in_and_back(client: Client) -> None:
    answer = asked_beside(client, "/orders/?page=2", "/orders/", **{"HX-Boosted": "true"})
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer["HX-Redirect"] == "/sign-in?next=/orders/%3Fpage%3D2"


def test_a_page_is_refused_as_a_page_and_a_fragment_as_a_fragment() -> None:
    client = visitor(Role.VIEWER)
    page = client.get("/admin/")
    assert page.status_code == 403
    assert "<!doctype html>" in page.content.decode()
    assert "You may not do this" in page.content.decode()
    fragment = client.get("/admin/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["HX-Retarget"]) == (403, "#main")
    assert "<!doctype html>" not in fragment.content.decode()
    assert "You may not do this" in fragment.content.decode()


def test_other_trouble_stands_beside_what_was_typed() -> None:
    fragment = visitor(Role.VIEWER).get("/nowhere", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["HX-Retarget"]) == (404, "#trouble")


def test_the_groups_are_made_by_the_owner_and_once() -> None:
    from django.apps import apps

    make_roles(apps=apps, using="default")
    assert sorted(Group.objects.values_list("name", flat=True)) == ["admin", "editor", "viewer"]
