"""The panel of activity: the last changes, the choice that is remembered, and what a tick brings."""

import re

import pytest
from django.test import Client

from audit.activity import COOKIE, SHOWN
from catalog.models import Product
from pages.roles import Role
from tests.people import visitor
from tests.shop import ann, lamp, sql

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def reader() -> Client:
    return visitor(Role.VIEWER)


def panel(client: Client, query: str = "", **sent: str) -> str:
    return client.get(f"/audit/activity{query}", sent or None, headers=HTMX).content.decode()


def seen(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(activity|shown)" value="([\w.]*)">', html))


def test_it_shows_the_last_changes(reader: Client) -> None:
    sql("INSERT INTO ecommerce.products (name, price) SELECT 'Lamp ' || n, 1 FROM generate_series(1, 12) AS n")
    Product.objects.filter(name="Lamp 1").update(name="Chair")
    html = panel(reader)
    names = re.findall(r'<strong dir="auto">([^<]+)<', html)
    assert names == ["Chair", *(f"Lamp {number}" for number in range(12, 3, -1))] and len(names) == SHOWN
    assert html.strip().startswith('<section id="_activity"') and "is-new" not in html


def test_inserts_only_is_remembered(reader: Client) -> None:
    lamp()
    Product.objects.update(price=1)
    assert "UPDATE" in panel(reader)
    assert "UPDATE" not in panel(reader, "?show=inserts")
    assert reader.cookies[COOKIE].value == "inserts"
    assert "UPDATE" not in panel(reader) and 'id="activity_inserts"' in panel(reader)
    assert "UPDATE" in panel(reader, "?show=all") and "UPDATE" in panel(reader)
    assert "UPDATE" in panel(reader, "?show=everything")


def test_a_tick_without_news_is_no_content_and_asks_one_thing(
    reader: Client, django_assert_num_queries: object
) -> None:
    lamp()
    before = seen(panel(reader))
    with django_assert_num_queries(1):  # type: ignore[operator]  # who it is, and with that the summary
        assert reader.get("/audit/activity", before, headers=HTMX).status_code == 204
    Product.objects.update(price=1)
    inserts = seen(panel(reader, "?show=inserts"))
    Product.objects.update(price=2)
    assert reader.get("/audit/activity", inserts, headers=HTMX).status_code == 204


def test_a_tick_marks_what_is_new(reader: Client) -> None:
    lamp()
    before = seen(panel(reader))
    ann()
    html = panel(reader, **before)
    assert re.findall(r'<li class="is-new">.*?<strong dir="auto">(\w+)<', html, re.S) == ["ann"]
    assert "1 new change<" in html


def test_the_page_shows_it_too(reader: Client) -> None:
    assert "Nothing has happened yet" in reader.get("/audit/activity").content.decode()
    lamp()
    page = reader.get("/audit/activity").content.decode()
    assert "<h1>Activity</h1>" in page and "Lamp" in page and "live:tick" in page


def test_what_commits_late_is_new_as_well(reader: Client) -> None:
    """Its entry has a lower number than what is shown already."""
    for name in ("First", "Late", "Quick"):
        lamp(name=name)
    before = seen(panel(reader))
    first, _, quick = sorted(map(int, before["shown"].split(".")))
    html = panel(reader, activity="old", shown=f"{quick}.{first}")
    assert re.findall(r'<li class="is-new">.*?<strong dir="auto">(\w+)<', html, re.S) == ["Late"]
    assert "1 new change<" in html


def test_more_than_it_shows_may_have_come(reader: Client) -> None:
    before = seen(panel(reader))
    sql("INSERT INTO ecommerce.products (name, price) SELECT 'Lamp', 1 FROM generate_series(1, 12)")
    html = panel(reader, **before)
    assert html.count('class="is-new"') == SHOWN
    assert f"{SHOWN} or more new changes<" in html


@pytest.mark.parametrize("shown", ["x", "", "-1", "9" * 30, "1.x.2", "." * 3000])
def test_what_a_page_says_it_has_seen_may_be_nonsense(reader: Client, shown: str) -> None:
    lamp()
    assert "Lamp" in panel(reader, shown=shown, activity="0")
