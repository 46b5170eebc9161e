"""The page of the search: three ways side by side, how they were found, and what has no vector."""

import re
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from pytest_django import DjangoAssertNumQueries

from catalog.models import Product
from catalog.search import embeddings, indexing, vectors
from pages.roles import Role
from tests.catalog.search.goods import GOODS
from tests.people import visitor
from tests.shop import lamp, sql, value

HTMX = {"HX-Request": "true"}


def asked(client: Client, path: str = "/search/", **query: object) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200
    return answer.content.decode()


def embedded() -> embeddings.Provider:
    made_by = embeddings.provider()
    assert made_by is not None
    vectors.embed(made_by)
    return made_by


@pytest.fixture
def viewer(db: None) -> Client:
    cache.clear()
    return visitor(Role.VIEWER)


@pytest.fixture
def meant(goods: None) -> embeddings.Provider:
    return embedded()


def test_three_ways_stand_side_by_side(viewer: Client, meant: object) -> None:
    page = asked(viewer, q="something to sit on")
    assert [f">{title}</h2>" in page for title in ("Full text", "Semantic", "Hybrid")] == [True] * 3
    assert "Office chair" in page and "meaning, place 1" in page
    assert re.search(r"How the database found it: one statement, \d+ ms<", page)


def test_few_questions_to_the_database_whatever_is_typed(
    viewer: Client, meant: object, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    asked(viewer, q="lamp")  # remembers the categories
    with django_assert_max_num_queries(8):
        asked(viewer, q="lamp")
    with django_assert_max_num_queries(14):  # four of them begin and end transactions
        asked(viewer, q="lamp MON-27 hedphones wirelss kettl chiar scren zzzz yyyy bok", price_to="100", tags="desk")


def test_one_way_alone(viewer: Client, meant: object) -> None:
    page = asked(viewer, q="lamp", mode="semantic")
    assert ">Semantic</h2>" in page and ">Hybrid</h2>" not in page


def test_every_hit_says_why(viewer: Client, meant: object) -> None:
    page = asked(viewer, q="reading light", mode="hybrid")
    assert "<mark>light</mark>" in page and "<mark>reading</mark>" in page and "all words, place 1" in page
    assert "its SKU" in asked(viewer, q="mon-27", mode="hybrid")


def test_names_bear_their_marks_and_nobody_elses_html(viewer: Client, db: None) -> None:
    lamp(name="Lamp <b>& co", description="</script><script>alert(1)</script> lamp", category="<i>", tags=["<u>"])
    indexing.work_off()
    page = asked(viewer, q="lamp", mode="full text")
    assert "<mark>Lamp</mark> &lt;b&gt;&amp; co" in page and "<script>alert" not in page and "&lt;i&gt;" in page


def test_what_a_word_is_taken_for_is_told(viewer: Client, meant: object) -> None:
    page = asked(viewer, q="monitr")
    to_be_had = bool(value("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'"))
    assert ("taken for" in page) == to_be_had


def test_filters_narrow_each_way(viewer: Client, meant: object) -> None:
    page = asked(viewer, q="desk", tags="desk", price_to="100")
    assert "Desk lamp" in page or "<mark>Desk</mark> lamp" in page
    assert "Office chair" not in page and "all that fit the filters compared" in page and ",," not in page


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"price_from": "9", "price_to": "3"}, "exchange them"), ({"price_from": "x"}, "Price from: Enter a number"),
        ({"mode": "guess"}, "There is no “guess” to choose"), ({"category": "zzz"}, "There is no “zzz” to choose"),
        ({"price_to": "-1"}, "Price to: "), ({"q": "x" * 400}, "at most 300"),
        ({"price_to": "1,50"}, "Price to: Enter a number, such as 1.50"),
        ({"most": "101"}, "Give 100 or less."),
        ({"price_from": "NaN"}, "Enter a number"), ({"tags": "x" * 5_000}, "A tag has at most"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told_and_nothing_found(
    viewer: Client, meant: object, query: dict[str, str], told: str
) -> None:
    page = asked(viewer, **{"q": "lamp"} | query)
    assert told in page and "hit-head" not in page
    assert asked(viewer, "/search/proof", **{"q": "lamp"} | query)


@pytest.mark.parametrize("typed", ["", " ", "-", "💡", "\0", "%", "'; DROP TABLE products", "-lamp", '"', "the of"])
def test_whatever_is_typed_has_a_page(viewer: Client, meant: object, typed: str) -> None:
    asked(viewer, q=typed)
    asked(viewer, "/search/proof", q=typed)
    assert Product.objects.count() == len(GOODS)


def test_a_price_that_is_none_is_refused_beside_its_field_as_it_is_typed(viewer: Client, meant: object) -> None:
    found = viewer.get("/search/", {"q": "lamp", "price_to": "1,50"}, headers=HTMX).content.decode()
    assert (
        '<p id="id_price_to_error" class="filter-fault" hx-swap-oob="true">Enter a number, such as 1.50.</p>' in found
    )
    assert '<p id="id_price_from_error" class="filter-fault" hx-swap-oob="true"></p>' in found
    assert 'type="number"' not in asked(viewer, q="lamp")


def test_tags_are_suggested_and_found_in_any_case(viewer: Client, meant: object) -> None:
    lamp(name="Desk clock", tags=["hiFi two"])
    indexing.work_off()
    page = asked(viewer, q="desk", tags="HIFI TWO", mode="full text")
    assert '<option value="hiFi two">' in page and page.count('class="hit"') == 1
    assert asked(viewer, q="desk", tags="DESK", mode="full text").count('class="hit"') == 2


def test_how_many_there_are_is_told_and_more_offered(viewer: Client, db: None) -> None:
    Product.objects.bulk_create(Product(sku=f"L{n}", name=f"Lamp {n}", price=1) for n in range(30))
    indexing.work_off()
    page = asked(viewer, q="lamp")
    assert ">best 8, 30 have a word of it</p>" in page
    assert "best 8 of 30" in page and 'href="/search/?q=lamp&amp;mode=full+text"' in page
    page = asked(viewer, q="lamp", mode="full text")
    assert "best 25 of 30" in page and 'href="/search/?q=lamp&amp;mode=full+text&amp;most=100"' in page
    page = asked(viewer, q="lamp", mode="full text", most="100")
    assert ">best 30</p>" in page and "More by" not in page


def test_what_is_typed_in_half_is_not_called_misspelt(viewer: Client, goods: None) -> None:
    page = asked(viewer, q="headph")
    assert "is read as a part of" in page and "taken for <" not in page


@pytest.mark.parametrize(("typed", "told"), [("the", "so common"), ("lamp -zzzz", "nothing is left out for it")])
def test_what_says_nothing_is_told(viewer: Client, goods: None, typed: str, told: str) -> None:
    assert told in asked(viewer, q=typed)


def test_missing_vectors_are_told_where_meaning_is_searched(viewer: Client, goods: None) -> None:
    assert "No product has a vector of this model yet" in asked(viewer, q="lamp")
    assert "No product has a vector" not in asked(viewer, q="lamp", mode="full text")
    embedded()
    sql("DELETE FROM product_vectors WHERE product_id = (SELECT min(product_id) FROM product_vectors)")
    cache.clear()
    assert f"1 of {len(GOODS)} products have no vector" in asked(viewer, q="lamp", mode="semantic")


def test_how_many_have_vectors_is_counted_anew_once_some_have_changed(
    own_database: str, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(vectors, "AT_LEAST", 0)
    cache.clear()
    lamp(), lamp()
    indexing.work_off()
    embedded()
    sql("SELECT pg_stat_force_next_flush()")
    assert vectors.remembered_state() == vectors.State(ready=2, changed=0, of_other_models=0, missing=0)
    with django_assert_num_queries(1):
        vectors.remembered_state()
    sql("UPDATE product_vectors SET model = 'another' WHERE product_id = (SELECT min(product_id) FROM products)")
    sql("SELECT pg_stat_force_next_flush()")
    assert vectors.remembered_state() == vectors.State(ready=1, changed=0, of_other_models=1, missing=0)


@pytest.mark.parametrize("typed", ["-lamp", "-", '"', "%", "💡"])
def test_what_has_no_word_to_search_by_is_told_so(viewer: Client, goods: None, typed: str) -> None:
    page = asked(viewer, q=typed)
    assert "Say also what you look for" in page and "No product has these words" not in page


def test_filters_that_leave_nothing_are_told_and_can_be_left_out(viewer: Client, meant: object) -> None:
    page = asked(viewer, q="lamp", tags="nope")
    assert page.count("No product that fits the filters") == 3 and "/search/?q=lamp" in page
    for told in ("has these words, nor any like them.", "is near to it in meaning.", "or is near to them in meaning."):
        assert page.count(told) == 1


def test_as_typed_the_lists_come_alone(viewer: Client, meant: object) -> None:
    answer = viewer.get("/search/", {"q": "lamp"}, headers=HTMX)
    assert answer.content.startswith(b'<div id="_found"') and "HX-Request" in answer["Vary"]
    assert b"<html" not in viewer.get("/search/proof", {"q": "lamp"}, headers=HTMX).content
    assert b"<html" not in viewer.get("/search/vectors", headers=HTMX).content


def test_the_proof_has_statement_plan_and_recall(viewer: Client, meant: object) -> None:
    page = asked(viewer, "/search/proof", q="lamp")
    assert page.count("The statement") == 3 and "product_search" in page and "ts_rank" in page
    assert f"{len(GOODS)} of the {len(GOODS)}" in page
    assert "0.0" not in page.split("vector(256) &lt;=&gt;")[1][:40]
    assert "were compared" in page
    assert "no index over the vectors was asked" in asked(viewer, "/search/proof", q="lamp", price_to="100")
    assert "type a word first" in asked(viewer, "/search/proof", q="")


def test_vectors_are_counted(viewer: Client, meant: embeddings.Provider) -> None:
    assert f"<strong>{len(GOODS)}</strong> products have a vector" in asked(viewer, "/search/vectors")
    Product.objects.filter(sku="KET-1").update(description="Waters the flowers.")
    lamp()
    indexing.work_off()
    page = asked(viewer, "/search/vectors")
    assert "<strong>1</strong> has changed" in page and "<strong>1</strong> is not searched" in page
    sql("UPDATE product_vectors SET model = 'another'")
    page = asked(viewer, "/search/vectors")
    assert f"{len(GOODS)} of them because their vectors are another model’s" in page and "being made now" in page


def test_without_a_model_the_page_says_so(viewer: Client, goods: None) -> None:
    embeddings.provider.cache_clear()
    try:
        with override_settings(EMBEDDINGS=""):
            assert "not searched" in (page := asked(viewer, q="lamp")) and "No model makes vectors here" in page
            assert "LAKESHOP_EMBEDDINGS" in asked(viewer, "/search/vectors")
            assert "plan-title" in asked(viewer, "/search/proof", q="lamp")
    finally:
        embeddings.provider.cache_clear()


def test_what_waits_is_told(viewer: Client, goods: None) -> None:
    lamp(name="Night gown")
    page = asked(viewer, q="gown", mode="full text", most="30")
    assert "1 change waits to be indexed" in page and "Nothing found yet" in page
    assert 'hx-get="/search/?q=gown&amp;mode=full+text&amp;again=1&amp;most=30" hx-trigger="load delay:1s"' in page
    page = asked(viewer, q="gown", mode="full text", again=6)
    assert "1 change waits" in page and "load delay" not in page and "Ask again" in page


def test_the_order_form_finds_by_words_by_meaning_and_at_once(meant: object) -> None:
    from orders.picking import matching_products

    assert matching_products("something to sit on").rows[0].sku == "CHR-OFF"
    assert [product.sku for product in matching_products("KET-1").rows] == ["KET-1"]
    assert matching_products("headph").rows[0].sku == "HDPH-BT"
    corrected = matching_products("kettel")
    to_be_had = bool(value("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'"))
    by_meaning = "No product has this in it: these are the nearest in meaning."
    assert corrected.told == (("No product has “kettel”: taken for kettle.",) if to_be_had else (by_meaning,))
    fresh = lamp(name="Night table", price="12.00")
    (first, *_) = matching_products("night table").rows
    assert (first.pk, first.price) == (fresh.pk, Decimal("12.00"))
