"""Each person's own queries: kept, found, forgotten, and seen by nobody else."""

import pytest
from django.test import Client

from console import history
from console.models import PastQuery
from pages.roles import Role
from tests.people import visitor

PATH = "/query/"


@pytest.fixture
def person(site: None) -> Client:
    return visitor(Role.VIEWER, "ada")


def run(client: Client, sql: str, **more: str) -> None:
    assert client.post(PATH, {"sql": sql} | more).status_code == 200


def kept() -> list[str]:
    return list(PastQuery.objects.order_by("query_id").values_list("sql", flat=True))


def test_what_is_run_is_kept_with_how_it_went(person: Client) -> None:
    run(person, "SELECT 1")
    run(person, "SELECT prise FROM products")
    good, bad = PastQuery.objects.order_by("query_id")
    assert (good.rows, good.trouble) == (1, "") and good.seconds is not None
    assert bad.rows is None and "prise" in bad.trouble


def test_the_same_again_is_one_entry(person: Client) -> None:
    for sql in ("SELECT 1", "SELECT 1", "SELECT 2", "SELECT 1"):
        run(person, sql)
    assert kept() == ["SELECT 1", "SELECT 2", "SELECT 1"]


def test_another_page_of_the_rows_is_no_new_query(person: Client) -> None:
    run(person, "SELECT generate_series(1, 99)")
    run(person, "SELECT generate_series(1, 100)", page="2")
    run(person, "SELECT generate_series(1, 100)", sort="1")
    assert kept() == ["SELECT generate_series(1, 99)"]


def test_the_oldest_make_room(person: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "KEPT", 3)
    for number in range(5):
        run(person, f"SELECT {number}")
    assert kept() == ["SELECT 2", "SELECT 3", "SELECT 4"]


def test_nobody_sees_those_of_another(person: Client) -> None:
    run(person, "SELECT 'a secret of ada'")
    (mine,) = PastQuery.objects.all()
    grace = visitor(Role.ADMIN, "grace")
    assert "a secret of ada" not in grace.get("/query/past").content.decode()
    assert "a secret of ada" not in grace.get(PATH).content.decode()
    assert grace.get(PATH, {"past": mine.pk}).status_code == 404
    grace.post(f"/query/past/{mine.pk}/forget")
    grace.post("/query/past/forget-all")
    assert kept() == ["SELECT 'a secret of ada'"]


def test_the_query_builder_does_not_read_them(person: Client) -> None:
    run(person, "SELECT 'a secret of ada'")
    answer = person.post(PATH, {"sql": "SELECT * FROM past_queries"})
    assert "does not read past_queries" in answer.context["answer"].trouble.message


def test_they_are_found_by_a_part_of_their_text_and_opened(person: Client) -> None:
    run(person, "SELECT 1 AS one")
    run(person, "SELECT 2 AS two")
    page = person.get("/query/past", {"q": "AS ONE"}).content.decode()
    assert "SELECT 1 AS one" in page and "SELECT 2 AS two" not in page
    (one,) = history.of(PastQuery.objects.all()[0].person, "one")
    assert person.get(PATH, {"past": one.pk}).context["sql"] == "SELECT 1 AS one"
    assert "None of your queries holds that" in person.get("/query/past", {"q": "zzz"}).content.decode()


def test_one_or_all_are_forgotten(person: Client) -> None:
    for number in range(3):
        run(person, f"SELECT {number}")
    first = PastQuery.objects.order_by("query_id").first()
    assert first is not None
    assert person.post(f"/query/past/{first.pk}/forget").status_code == 302
    assert kept() == ["SELECT 1", "SELECT 2"]
    # It asks first, and for all of them, though only some are found.
    page = person.get("/query/past", {"q": "SELECT 1"}).content.decode()
    disclosed = page[page.index("<details") : page.index("</details>")]
    assert "Forget 2 queries</button>" in disclosed and page.count("/query/past/forget-all") == 1
    answer = person.post("/query/past/forget-all", follow=True)
    assert "2 queries forgotten" in answer.content.decode()
    assert "You have run nothing yet" in answer.content.decode()
