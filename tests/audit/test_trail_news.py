"""What a page of the trail is told with each tick: nothing, what came, or that it must be drawn anew."""

import re

import pytest
from django.db import connection
from django.test import Client

from audit.actor import acting_as
from audit.listing import LONGEST_PAGE
from pages.keyset import PAGE_SIZE
from pages.roles import Role
from tests.people import visitor
from tests.shop import ann, lamp, sql

HTMX = {"HX-Request": "true"}
LAMPS = "INSERT INTO ecommerce.products (name, price) SELECT 'Lamp', 1 FROM generate_series(1, %s)"


@pytest.fixture
def reader(db: None) -> Client:
    return visitor(Role.VIEWER)


def shown(html: str) -> dict[str, str]:
    """What a page sends with its tick."""
    return dict(re.findall(r'<input type="hidden" name="(version|newest|oldest|count)" value="(\w+)">', html))


def asked(client: Client, query: str = "") -> dict[str, str]:
    return shown(client.get(f"/audit/{query}").content.decode())


def told(client: Client, page: dict[str, str]) -> tuple[int, str, str]:
    answer = client.get("/audit/news", page, headers=HTMX)
    return answer.status_code, answer.content.decode(), answer.get("HX-Retarget", "")


def test_nothing_new_is_no_content(reader: Client, django_assert_num_queries: object) -> None:
    lamp()
    page = asked(reader)
    with django_assert_num_queries(1):  # type: ignore[operator]  # who it is, and with that the summary
        assert told(reader, page)[0] == 204


def test_what_came_is_put_above_and_marked(reader: Client) -> None:
    lamp()
    page = asked(reader)
    with acting_as("grace"):
        ann()
        ann(username="bob", email="bob@example.com")
    status, html, target = told(reader, page)
    assert (status, target) == (200, "")
    assert re.findall(r'class="entry is-new".*?<strong dir="auto">(\w+)<', html, re.S) == ["bob", "ann"]
    assert "Lamp" not in html
    assert '<div hx-swap-oob="innerHTML:#live_news">2 new entries<' in html
    assert '<span id="trail_count" hx-swap-oob="true">3<' in html
    after = shown(html)
    assert after == asked(reader)
    assert told(reader, after)[0] == 204


def test_what_the_filters_leave_out_is_no_news(reader: Client) -> None:
    lamp()
    page, by_ada = asked(reader, "?table=products"), asked(reader, "?actor=ada")
    ann()
    assert told(reader, page | {"table": "products"})[0] == 204
    # Somebody else's entry: the page learns the new version and shows nothing.
    status, html, _ = told(reader, by_ada | {"actor": "ada"})
    assert status == 200 and "<li" not in html and "live_news" not in html


def test_more_than_a_page_of_news_draws_the_list_anew(reader: Client) -> None:
    lamp()
    page = asked(reader)
    sql(LAMPS, [PAGE_SIZE + 1])
    _, html, target = told(reader, page)
    assert target == "#_trail" and html.strip().startswith('<section id="_trail"')
    assert html.count('class="entry is-new"') == html.count('<li id="entry_') == PAGE_SIZE
    assert f'<div hx-swap-oob="innerHTML:#live_news">{PAGE_SIZE + 1} new entries<' in html


def test_the_first_entry_draws_the_list_anew(reader: Client) -> None:
    page = asked(reader)
    lamp()
    assert told(reader, page)[2] == "#_trail"


def test_a_list_does_not_grow_for_ever(reader: Client) -> None:
    sql(LAMPS, [PAGE_SIZE])
    page = asked(reader)
    for _ in range(LONGEST_PAGE // PAGE_SIZE - 1):
        sql(LAMPS, [PAGE_SIZE])
        _, html, target = told(reader, page)
        assert target == ""
        page = shown(html)
    lamp()
    assert told(reader, page)[2] == "#_trail"


@pytest.mark.parametrize("change", [{"newest": "x"}, {"count": "-1"}, {"oldest": str(2**63)}, {"actor": "a\x00"}])
def test_a_question_that_makes_no_sense_is_refused(reader: Client, change: dict[str, str]) -> None:
    lamp()
    assert told(reader, asked(reader) | {"version": "old"} | change)[0] == 400
    assert told(reader, {})[0] == 400


@pytest.mark.usefixtures("own_database")
def test_a_transaction_that_commits_late_is_not_missed(django_db_blocker: object) -> None:
    """Its entries have lower numbers than what is shown already."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        reader, slow = visitor(Role.VIEWER), connection.copy("default")
        try:
            lamp(name="First")
            slow.set_autocommit(False)
            with slow.cursor() as cursor:
                cursor.execute("INSERT INTO ecommerce.products (name, price) VALUES ('Slow', 1)")
            lamp(name="Quick")
            page = asked(reader)
            assert told(reader, page)[0] == 204
            slow.commit()
            _, html, target = told(reader, page)
        finally:
            slow.close()
    assert target == "#_trail" and "1 new entry<" in html
    assert re.findall(r'<strong dir="auto">(\w+)<', html) == ["Quick", "Slow", "First"]
