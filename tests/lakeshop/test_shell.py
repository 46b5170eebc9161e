"""What stands around every page: who looks at it and where they can go."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from lakeshop.shell import PLACES
from pages.roles import Role
from tests.lakeshop.addresses import addresses, shop
from tests.people import unasked_visitor, visitor


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.ADMIN])
def test_the_sidebar_leads_where_the_role_may_go(role: Role) -> None:
    client = visitor(role)
    page = client.get("/").content.decode()
    for place in PLACES:
        assert (f'<a href="{reverse(place.url)}"' in page.partition("sidebar-list")[2]) == (place.role <= role)
        if place.role <= role:
            assert client.get(reverse(place.url)).status_code == 200
    assert f'person-role">{role.group}<' in page


@pytest.mark.django_db
def test_the_current_place_is_said() -> None:
    assert '<a href="/" aria-current="page">' in visitor(Role.VIEWER).get("/").content.decode()
    place = next(place for place in PLACES if place.title == "Admin")
    assert (place.url, place.current("admin:auth_user_changelist"), place.current("home")) == (
        "admin:index",
        "true",
        "",
    )


CRUMBS = re.compile(r'<nav class="crumbs"[^>]*>(.*)</nav>')
CRUMBS_AS_THEY_SHOULD_BE = re.compile(
    r'<ol>(<li><a href="[^"]+">[^<]+</a></li>)+<li aria-current="page">[^</]+</li></ol>'
)


@pytest.mark.django_db
def test_the_way_to_a_page_ends_with_the_page_itself() -> None:
    client, records = visitor(Role.ADMIN), shop()
    pages = [client.get(each.path(records)) for each in addresses() if each.needs and not each.admin_site]
    ways = [CRUMBS.search(page.content.decode()) for page in pages if not page.streaming]
    found = [way[1] for way in ways if way]
    assert len(found) > 8
    for way in found:
        assert CRUMBS_AS_THEY_SHOULD_BE.fullmatch(way), way


def test_no_template_writes_it_otherwise() -> None:
    found = [
        way[1]
        for path in Path(settings.BASE_DIR, "templates").glob("**/*.html")
        for way in CRUMBS.finditer(path.read_text())
    ]
    assert len(found) > 12
    for way in found:
        assert way.startswith("<ol><li><a ") and '<li aria-current="page">' in way and way.endswith("</li></ol>"), way
        assert ">/<" not in way


@pytest.mark.django_db
def test_a_person_without_a_role_is_told() -> None:
    answer = visitor(Role.NOBODY).get("/")
    assert answer.status_code == 403
    assert "without a role" in answer.content.decode()


def test_a_stranger_sees_no_sidebar(client: Client) -> None:
    page = client.get("/nowhere").content.decode()
    assert "sidebar-list" not in page and 'href="/sign-in"' in page


@pytest.mark.usefixtures("database_away")
def test_the_page_for_a_database_that_is_away_does_not_ask_it_who_that_is() -> None:
    answer = unasked_visitor().get("/")
    assert answer.status_code == 503
    assert "sidebar-list" not in answer.content.decode()
    assert 'href="/connection"' in answer.content.decode()
