"""Products found by words, by meaning and by both: with the real local model and the real pgvector."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings

from catalog import background, embeddings, indexing, search, vectors
from catalog.asked import asked
from catalog.models import Product
from catalog.search import Filters, Found, Mode
from tests.audit.conftest import AsOwner, as_owner  # noqa: F401  a fixture
from tests.shop import lamp, sql, value

GOODS = (
    ("LAMP-DESK", "Desk lamp", "Warm light for reading at night, with a dimmer.", "Lighting", "29.00", ["led", "desk"]),
    ("MON-27", "27 inch monitor", "A sharp screen for long working days.", "Electronics", "299.00", ["screen"]),
    ("KET-1", "Electric kettle", "Boils water for tea in two minutes.", "Kitchen", "35.00", ["tea"]),
    ("SHOE-42", "Trail running shoes", "Light shoes for muddy forest paths.", "Sports", "89.00", ["outdoor"]),
    ("BOOK-SQL", "SQL in plain words", "A book about databases for beginners.", "Books", "25.00", ["programming"]),
    ("HDPH-BT", "Wireless headphones", "Music without cables and without noise.", "Electronics", "149.00", ["audio"]),
    ("CHR-OFF", "Office chair", "Supports your back while you sit all day.", "Furniture", "199.00", ["desk"]),
)


@pytest.fixture
def goods(db: None) -> None:
    for sku, name, description, category, price, tags in GOODS:
        lamp(sku=sku, name=name, description=description, category=category, price=price, tags=tags)
    indexing.work_off()


@pytest.fixture
def meant(goods: None) -> embeddings.Provider:
    model = embeddings.provider()
    assert model is not None
    assert vectors.embed(model) == len(GOODS)
    return model


def skus(found: Found) -> list[str]:
    return [hit.product.sku for hit in found.hits]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("lamp", "LAMP-DESK"), ("lamps", "LAMP-DESK"), ("reading light", "LAMP-DESK"), ("monitr", "MON-27"),
        ("KET-1", "KET-1"), ("ket-", "KET-1"), ('"running shoes"', "SHOE-42"), ("headfones", "HDPH-BT"),
        ("tea", "KET-1"), ("furniture", "CHR-OFF"),
    ],
)  # fmt: skip
def test_full_text_finds_forms_parts_and_misspelt_words(goods: None, typed: str, first: str) -> None:
    assert skus(search.search(typed, Mode.FULL_TEXT))[0] == first


def test_what_is_refused_is_in_no_mode(meant: object) -> None:
    for mode in Mode:
        assert "LAMP-DESK" in skus(search.search("desk", mode))
        assert "LAMP-DESK" not in skus(search.search("desk -lamp", mode))


@pytest.mark.parametrize(
    ("typed", "first"),
    [("something to sit on", "CHR-OFF"), ("hot drinks", "KET-1"), ("learn to query a database", "BOOK-SQL")],
)
def test_meaning_needs_none_of_the_words(meant: object, typed: str, first: str) -> None:
    assert skus(search.search(typed, Mode.SEMANTIC))[0] == first
    assert skus(search.search(typed, Mode.HYBRID))[0] == first


def test_phrases_are_in_every_hit(meant: object) -> None:
    for mode in Mode:
        assert skus(search.search('light "running shoes"', mode)) == ["SHOE-42"]


def test_a_hit_says_why(meant: object) -> None:
    (first, *_) = search.search("reading light", Mode.HYBRID).hits
    assert (first.text_place, first.has_key) == (1, False)
    assert first.similarity is not None and 0 < first.similarity <= 1.0001
    assert {piece.lower() for piece, is_hit in first.matched if is_hit} >= {"reading", "light"}
    assert search.search("MON-27", Mode.HYBRID).hits[0].has_key
    assert search.search("monitr", Mode.FULL_TEXT).misspelt == ("monitr",)


def test_filters_are_in_every_mode_and_make_it_exact(meant: object) -> None:
    for mode in Mode:
        found = search.search("desk", mode, Filters(tags=("desk",), price_to=Decimal(100)))
        assert skus(found) == ["LAMP-DESK"]
        assert found.is_exact == (mode is not Mode.FULL_TEXT)
        assert skus(search.search("desk", mode, Filters(category="Books"))) in (["BOOK-SQL"], [])


def test_changed_products_are_found_by_what_they_are_now(meant: embeddings.Provider) -> None:
    Product.objects.filter(sku="KET-1").update(name="Garden hose", description="Waters the flowers.", tags=[])
    assert search.search("flowers", Mode.FULL_TEXT).waiting == 1
    indexing.work_off()
    assert skus(search.search("flowers", Mode.FULL_TEXT)) == ["KET-1"]
    assert vectors.state(meant.model).changed == 1
    assert vectors.embed(meant) == 1
    assert skus(search.search("watering plants", Mode.SEMANTIC))[0] == "KET-1"
    assert vectors.embed(meant) == 0


def test_what_runs_in_the_background_makes_both(meant: embeddings.Provider) -> None:
    Product.objects.filter(sku="KET-1").update(name="Garden hose", description="Waters the flowers.", tags=[])
    background.bring_up_to_date()
    assert skus(search.search("flowers", Mode.HYBRID))[0] == "KET-1"
    assert vectors.state(meant.model).ready == len(GOODS)


def test_rows_of_another_model_are_told_and_not_searched(meant: embeddings.Provider) -> None:
    sql("UPDATE product_vectors SET model = 'another'")
    found = search.search("lamp", Mode.SEMANTIC)
    assert (found.hits, vectors.state(meant.model).not_searched) == ([], len(GOODS))
    assert vectors.embed(meant) == len(GOODS)
    assert vectors.state(meant.model).not_searched == 0


def test_deleted_products_leave_nothing(meant: embeddings.Provider) -> None:
    Product.objects.filter(sku="KET-1").delete()
    assert "KET-1" not in skus(search.search("kettle", Mode.HYBRID))
    indexing.work_off()
    vectors.embed(meant)
    assert value("SELECT count(*) FROM product_vectors") == len(GOODS) - 1


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    "typed",
    ["", " ", "-", "-lamp", '"', '""', "💡", "%", "\0", "a\0b", "'; DROP TABLE products", "the of and", "x" * 10_000,
     "& | !", "\\", "lamp " * 500, "((((", "<script>", "a" * 63 + "-1", "\ud7ff", "-- x"],
)  # fmt: skip
def test_whatever_is_typed_is_answered(meant: object, mode: Mode, typed: str) -> None:
    assert isinstance(search.search(typed, mode), Found)
    assert Product.objects.count() == len(GOODS)


def test_without_a_model_words_still_find(goods: None) -> None:
    embeddings.provider.cache_clear()
    try:
        with override_settings(EMBEDDINGS=""):
            assert skus(search.search("lamp", Mode.HYBRID))[0] == "LAMP-DESK"
            found = search.search("lamp", Mode.SEMANTIC)
            assert found.hits == [] and "No model makes vectors" in found.told
    finally:
        embeddings.provider.cache_clear()


def test_the_plan_and_the_recall_are_those_of_the_search(meant: object) -> None:
    assert any("product_search" in line for line in search.explain("lamp", Mode.HYBRID))
    assert search.recall("lamp") == 1.0


def test_the_owner_makes_the_index_and_the_plan_uses_it(as_owner: AsOwner, capsys: Any) -> None:  # noqa: F811
    with as_owner():
        for sku, name, *_ in GOODS:
            lamp(sku=sku, name=name)
        call_command("embed")
        assert f"{len(GOODS)} vectors made" in capsys.readouterr().out
        sql("SET enable_seqscan = off")
        sql("SET enable_sort = off")
        try:
            plan = "\n".join(search.explain("lamp", Mode.SEMANTIC))
        finally:
            sql("RESET enable_seqscan")
            sql("RESET enable_sort")
        assert "product_vectors_wordllama" in plan
        call_command("embed", "--check")
        assert f"{len(GOODS)} ready, 0 to be made" in capsys.readouterr().out


def test_questions_are_taken_apart() -> None:
    assert asked('red "desk lamp" -blue -"long cord" LAMP-1 !').__dict__ == {
        "words": ("red", "LAMP-1"), "phrases": ("desk lamp",), "refused": ("blue", "long cord"),
    }  # fmt: skip
    assert asked("LAMP-1 27 tea").keys == ("LAMP-1",)
