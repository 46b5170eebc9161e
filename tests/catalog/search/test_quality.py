"""How good the search is on labelled questions: `make bench-search` prints the same figures."""

import pytest

from catalog.search import Mode, embeddings, search, side_by_side
from tests.catalog.search import labelled

KINDS = ("words", "paraphrase", "typo", "sku", "brand", "negation")


@pytest.fixture
def told(db: None) -> dict[str, dict[str, int]]:
    labelled.fill()
    return labelled.measured()


def test_the_hybrid_is_as_good_as_the_better_of_the_others_on_every_kind(told: dict[str, dict[str, int]]) -> None:
    assert set(told) == set(KINDS) and sum(kind["questions"] for kind in told.values()) >= 60
    assert embeddings.provider() is not None
    for kind, answered in told.items():
        better = max(answered[Mode.FULL_TEXT], answered[Mode.SEMANTIC])
        assert answered[Mode.HYBRID] >= better, (kind, answered)


def test_three_ways_in_one_statement_find_what_each_finds_alone(db: None) -> None:
    labelled.fill()
    for question in labelled.questions():
        together = side_by_side(question.typed, list(Mode), limit=8)
        alone = [search(question.typed, mode, limit=8) for mode in Mode]
        assert [found.hits for found in together] == [found.hits for found in alone], question.typed
        assert any(found.hits for found in together), question.typed
