"""Products found by words, in all their forms and with mistakes; what a question is made of."""

import pytest
from django.test import override_settings

from catalog import search
from catalog.models import Product
from catalog.search import Found, Mode, embeddings, indexing, vectors
from catalog.search.asked import Asked, asked
from pages.roles import Role
from tests.catalog.search.goods import skus
from tests.people import visitor
from tests.shop import lamp, value


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("lamp", "LAMP-DESK"), ("lamps", "LAMP-DESK"), ("reading light", "LAMP-DESK"),
        ("KET-1", "KET-1"), ("ket-", "KET-1"), ('"running shoes"', "SHOE-42"),
        ("tea", "KET-1"), ("furniture", "CHR-OFF"), ('"running sho', "SHOE-42"),
        # Parts of SKUs, also as other programs write them.
        ("DPH-B", "HDPH-BT"), ("ook-sq", "BOOK-SQL"), ("book\u2011sql", "BOOK-SQL"), ("HDPH\u2013BT", "HDPH-BT"),
        ("hdph warm light", "HDPH-BT"), ('"HDPH-BT"', "HDPH-BT"),
        # Whatever stands between these parts, or nothing.
        ("mon 27", "MON-27"), ("MON_27", "MON-27"), ("mon27", "MON-27"), ("mon.27", "MON-27"), ("MON/27", "MON-27"),
        ("shoe 42", "SHOE-42"), ('"shoe42"', "SHOE-42"), ("lamp SHOE42", "SHOE-42"),
        # What joins words.
        ("lamp,desk", "LAMP-DESK"), ("lamp/desk", "LAMP-DESK"), ("desk\u2212lamp", "LAMP-DESK"),
        ("desk-lamp", "LAMP-DESK"), ("d\u00e9sk\u2014l\u00e1mp", "LAMP-DESK"), ("desk\u200blamp", "LAMP-DESK"),
        ("\uff4c\uff41\uff4d\uff50", "LAMP-DESK"),
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


def test_accents_and_signs_are_folded_in_the_products_as_well(goods: None) -> None:
    caf = lamp(
        sku="A/1-\u00d8",
        name="Caf\u00e9 cr\u00e8me",
        description="Ultra\u2011light\u2014USB/HDMI \ufb01lter",
        tags=["\uff21\uff22\uff23"],
    )
    indexing.work_off()
    for typed in ("cafe", "CAF\u00c9 creme", "hdmi", "filter", "abc", "a/1-o", "A/1", "cafe -usb/hdmj", '"creme"'):
        assert skus(search.search(typed, Mode.FULL_TEXT)) == [caf.sku], typed
    assert skus(search.search("creme -usb/hdmi", Mode.FULL_TEXT)) == []
    (hit,) = search.search("cafe filter", Mode.FULL_TEXT).hits
    assert hit.name[0] == ("Caf\u00e9", True) and ("\ufb01lter", True) in hit.matched


def test_parts_of_skus_complete_no_word_and_go_before_words(goods: None) -> None:
    lamp(sku="NIMB-CHAI-30", name="Rubber duck")
    lamp(sku="X-1", name="Duck for chairs", description="A duck for 30 chairs.")
    indexing.work_off()
    half = search.search("chai", Mode.FULL_TEXT)
    assert skus(half)[0] in ("CHR-OFF", "X-1") and (half.question.half_typed, half.question.corrected) == ("chai", {})
    part = search.search("CHAI-30 duck", Mode.FULL_TEXT)
    (first, *_) = part.hits
    assert first.product.name == "Rubber duck" and (first.sku, first.key) == ((("NIMB-", False), ("CHAI-30", True)), 2)


@pytest.mark.parametrize(
    ("typed", "passed_over"), [("the", {"the"}), ("of and", {"of", "and"}), ('"the who"', {"the who"})]
)
def test_what_is_in_every_text_is_not_searched_for(goods: None, typed: str, passed_over: set[str]) -> None:
    found = search.search(typed, Mode.FULL_TEXT)
    assert not found.is_asked and found.question.passed_over == passed_over


@pytest.mark.parametrize(
    ("typed", "left_out", "in_vain"),
    [("light -shoees", ["SHOE-42"], ()), ("light -zzzz", [], ("zzzz",)), ("light -SHOE-42", ["SHOE-42"], ())],
)
def test_what_is_refused_is_corrected_or_told(
    goods: None, typed: str, left_out: list[str], in_vain: tuple[str, ...]
) -> None:
    found = search.search(typed, Mode.FULL_TEXT)
    to_be_had = bool(value("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'"))
    if to_be_had or "shoees" not in typed:
        assert ("SHOE-42" not in skus(found), found.question.refused_in_vain) == (bool(left_out), in_vain)


def test_questions_are_taken_apart() -> None:
    question = Asked(words=("red", "LAMP-1"), phrases=("desk lamp",), refused=("blue", "long cord"))
    assert asked('red "desk lamp" -blue -"long cord" LAMP-1 !') == question
    assert asked("LAMP-1 27 tea for two").keys == ("LAMP-1",)
    assert asked("lum keyb 949").keys == ("lum keyb 949", "949")


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


def test_a_name_that_is_all_that_was_typed_comes_first(db: None) -> None:
    """Among very many that have its words, too, and nearer to what they mean."""
    Product.objects.bulk_create(
        Product(sku=f"L{number}", name=f"Rowan Desk Lamp {number}", description="Desk lamp, desk lamp!", price=1)
        for number in range(400)
    )
    Product.objects.create(sku="PLAIN", name="Desk Lamp", description="Made of oak.", price=1)
    Product.objects.create(sku="HUB", name="USB-C Hub", description="Four ports.", price=1)
    indexing.work_off()
    for typed in ("desk lamp", "Desk Lamp", "DESK LAMP"):
        for mode in (Mode.FULL_TEXT, Mode.HYBRID):
            first, second, *_ = search.search(typed, mode).hits
            assert (first.product.sku, first.is_named, second.is_named) == ("PLAIN", True, False)
    assert search.search("usb-c hub", Mode.FULL_TEXT).hits[0].is_named
    assert not search.search("lamp", Mode.FULL_TEXT).hits[0].is_named
    assert not any(hit.product.sku == "PLAIN" for hit in search.search("desk lamp -oak", Mode.HYBRID).hits)
