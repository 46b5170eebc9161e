"""Products found by words, in all their forms and with mistakes; what a question is made of."""

import pytest
from django.test import override_settings

from catalog import embeddings, indexing, search, vectors
from catalog.asked import Asked, asked
from catalog.models import Product
from catalog.search import Found, Mode
from pages.roles import Role
from tests.catalog.goods import skus
from tests.people import visitor
from tests.shop import value


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("lamp", "LAMP-DESK"), ("lamps", "LAMP-DESK"), ("reading light", "LAMP-DESK"),
        ("KET-1", "KET-1"), ("ket-", "KET-1"), ('"running shoes"', "SHOE-42"),
        ("tea", "KET-1"), ("furniture", "CHR-OFF"),
    ],
)  # fmt: skip
def test_full_text_finds_forms_parts_and_misspelt_words(goods: None, typed: str, first: str) -> None:
    assert skus(search.search(typed, Mode.FULL_TEXT))[0] == first


def test_without_a_model_words_still_find(goods: None) -> None:
    embeddings.provider.cache_clear()
    try:
        with override_settings(EMBEDDINGS=""):
            assert skus(search.search("lamp", Mode.HYBRID))[0] == "LAMP-DESK"
            found = search.search("lamp", Mode.SEMANTIC)
            assert found.hits == [] and "No model makes vectors" in found.told
    finally:
        embeddings.provider.cache_clear()


def test_questions_are_taken_apart() -> None:
    question = Asked(words=("red", "LAMP-1"), phrases=("desk lamp",), refused=("blue", "long cord"))
    assert asked('red "desk lamp" -blue -"long cord" LAMP-1 !') == question
    assert asked("LAMP-1 27 tea").keys == ("LAMP-1",)


@pytest.mark.parametrize(
    ("typed", "meant", "first"),
    [
        ("monitr", "monitor", "MON-27"), ("headfones", "headphones", "HDPH-BT"), ("ketlte", "kettle", "KET-1"),
        ("Furnitrue", "furniture", "CHR-OFF"), ("chiar", "chair", "CHR-OFF"), ("scrien", "screen", "MON-27"),
    ],
)  # fmt: skip
def test_misspelt_words_are_found_where_trigrams_are_to_be_had(goods: None, typed: str, meant: str, first: str) -> None:
    found = search.search(typed, Mode.FULL_TEXT)
    to_be_had = bool(value("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'"))
    assert (skus(found)[:1], found.meant) == (([first], {typed: (meant,)}) if to_be_had else ([], {}))


@pytest.mark.parametrize(
    ("typed", "first"), [("headph", "HDPH-BT"), ("electric kett", "KET-1"), ("phones", "HDPH-BT"), ("monit", "MON-27")]
)
def test_words_half_typed_and_parts_of_words_are_found(goods: None, typed: str, first: str) -> None:
    assert skus(search.search(typed, Mode.FULL_TEXT))[0] == first


@pytest.mark.parametrize("typed", ["zzz", "qwertz", "the", "of and", "xx", "LAMP-DESKS", "rust", "damp"])
def test_what_resembles_nothing_stands_for_nothing(goods: None, typed: str) -> None:
    found = search.search(typed, Mode.FULL_TEXT)
    assert found.meant == {}


def test_words_of_products_that_are_gone_are_not_meant(goods: None) -> None:
    Product.objects.filter(sku="KET-1").delete()
    indexing.work_off()
    assert search.search("kettl", Mode.FULL_TEXT).meant == {}


def test_where_there_is_no_pgvector_the_page_says_what_to_run(goods: None) -> None:
    viewer = visitor(Role.VIEWER)
    for address in ("/search/?q=lamp", "/search/vectors", "/search/proof?q=lamp"):
        page = viewer.get(address).content.decode()
        assert ("<code>manage.py migrate" in page) == (not vectors.are_possible() and "proof" not in address)


def test_where_there_is_no_pgvector_it_says_what_to_run(goods: None) -> None:
    found = search.search("lamp", Mode.SEMANTIC)
    assert ("manage.py migrate catalog 0006" in found.told) == (not vectors.are_possible())
    assert skus(search.search("lamp", Mode.HYBRID))[0] == "LAMP-DESK"


@pytest.mark.parametrize("typed", ["", '"', "💡", "%", "a\0b", "'; DROP TABLE products", "x" * 10_000, "& | !"])
def test_whatever_is_typed_finds_or_finds_nothing(goods: None, typed: str) -> None:
    assert isinstance(search.search(typed, Mode.FULL_TEXT), Found)
