"""Products found by meaning and by both: with the real local model and the real pgvector, where the server has one."""

from decimal import Decimal
from io import StringIO
from math import cos, sin
from typing import Any

import pytest
from django.core.management import call_command

from catalog import search
from catalog.models import Product
from catalog.search import Filters, Found, Mode, background, embeddings, indexing, vectors
from tests.audit.conftest import AsOwner, as_owner  # noqa: F401  a fixture
from tests.catalog.search.goods import GOODS, skus
from tests.shop import lamp, sql, value


@pytest.fixture
def meant(goods: None) -> embeddings.Provider:
    model = embeddings.provider()
    assert model is not None
    assert vectors.embed(model) == len(GOODS)
    return model


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
    assert (first.text_place, first.key) == (1, 0)
    assert first.similarity is not None and 0 < first.similarity <= 1.0001
    assert {piece.lower() for piece, is_hit in first.matched if is_hit} >= {"reading", "light"}
    assert search.search("MON-27", Mode.HYBRID).hits[0].has_whole_key


def test_filters_are_in_every_mode_and_make_it_exact(meant: object) -> None:
    for mode in Mode:
        found = search.search("desk", mode, Filters(tags=("desk",), price_to=Decimal(100)))
        assert skus(found) == ["LAMP-DESK"]
        assert found.is_exact
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


def test_capitals_and_accents_mean_the_same(meant: object) -> None:
    for typed in ("KETTLE", "k\u00e9ttle"):
        assert search.search(typed, Mode.SEMANTIC).hits == search.search("kettle", Mode.SEMANTIC).hits


def test_a_hit_by_meaning_tells_which_words_it_has(meant: object) -> None:
    (first, *_) = search.search("boil water", Mode.SEMANTIC).hits
    assert first.product.sku == "KET-1" and set(first.has_words) == {"boils", "water"}


def test_what_runs_in_the_background_makes_both(meant: embeddings.Provider) -> None:
    Product.objects.filter(sku="KET-1").update(name="Garden hose", description="Waters the flowers.", tags=[])
    background.bring_up_to_date()
    assert skus(search.search("flowers", Mode.HYBRID))[0] == "KET-1"
    assert vectors.state(meant.model).ready == len(GOODS)


def test_the_background_makes_the_vectors_of_what_changed_alone_unless_told(meant: embeddings.Provider) -> None:
    sql("DELETE FROM product_vectors")
    Product.objects.filter(sku="KET-1").update(name="Garden hose")
    background.bring_up_to_date()
    assert vectors.state(meant.model).ready == 1
    background.bring_up_to_date(every_vector=True)
    assert vectors.state(meant.model).ready == len(GOODS)


def test_what_is_seeded_is_found_by_its_meaning_at_once(db: None) -> None:
    call_command("seed", stdout=StringIO())
    assert skus(search.search("store my photos", Mode.SEMANTIC))[0] == "SSD-EXT-1TB"


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


def test_the_plan_and_the_recall_are_those_of_the_search(meant: object) -> None:
    (proof,) = search.explain("lamp", [Mode.HYBRID])
    assert "ts_rank" in proof.statement and "product_search" in proof.plan
    recall = search.recall("lamp")
    assert recall is not None and recall.share == 1.0
    among_books = search.recall("lamp", Filters(category="Books"))
    assert among_books is None or among_books.exact <= recall.exact


def test_the_owner_makes_the_index_and_the_plan_uses_it(as_owner: AsOwner, capsys: Any) -> None:  # noqa: F811
    with as_owner():
        for sku, name, *_ in GOODS:
            lamp(sku=sku, name=name)
        call_command("embed")
        assert f"{len(GOODS)} vectors made" in capsys.readouterr().out
        sql("SET enable_seqscan = off")
        sql("SET enable_sort = off")
        try:
            (proof,) = search.explain("lamp", [Mode.SEMANTIC])
        finally:
            sql("RESET enable_seqscan")
            sql("RESET enable_sort")
        assert "product_vectors_wordllama" in proof.plan
        call_command("embed", "--check")
        told = capsys.readouterr().out
        assert f"{len(GOODS)} ready, 0 to be made" in told and "0 changes to be indexed" in told
        assert "no index over them" not in told


def test_a_sample_proves_that_the_index_has_missed_some(as_owner: AsOwner) -> None:  # noqa: F811
    """An index of lists, of which one alone is read, gives but a sector of what lies all around a question."""
    model = embeddings.provider()
    assert model is not None
    ((middle),) = model.embed(["lamp"])
    around = {}
    for number in range(400):
        turn, far = number * 2.4, 0.1 + 0.0001 * number
        around[f"L{number}"] = [middle[0] + far * cos(turn), middle[1] + far * sin(turn), *middle[2:]]
    with as_owner():
        Product.objects.bulk_create(Product(sku=sku, name="Lamp", price=1) for sku in around)
        indexing.work_off()
        for sku, vector in around.items():
            sql(
                "INSERT INTO product_vectors (product_id, model, text_hash, embedding)"
                " SELECT product_id, %s, '', %s::vector FROM products WHERE sku = %s",
                [model.model, embeddings.written(vector), sku],
            )
        sql(
            "CREATE INDEX product_vectors_in_lists ON product_vectors USING ivfflat"
            f" ((embedding::vector({model.dimensions})) vector_cosine_ops) WITH (lists = 20)"
        )
        sql("SET enable_seqscan = off")
        try:
            told = search.recall("lamp")
        finally:
            sql("RESET enable_seqscan")
    assert told is not None and told.by_index
    assert told.listed < told.found == told.exact == 10
