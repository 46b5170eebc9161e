"""What products are found by is made out of the way, also where no vectors can be made for a while."""

from collections.abc import Callable, Iterator, Sequence
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings

from catalog import search
from catalog.importing.resource import ProductResource
from catalog.search import Mode, background, embeddings, indexing, question_vector, vectors
from pages.roles import Role
from tests.catalog.importing.visits import given
from tests.catalog.search.goods import skus
from tests.people import visitor
from tests.shop import lamp

pytestmark = pytest.mark.django_db
CALLBACKS = Callable[..., Any]


class Away(embeddings.Local):
    """Nobody answers."""

    asked = 0

    def embed(self, texts: Sequence[str], patience: float = 60.0) -> list[embeddings.Vector]:
        type(self).asked += 1
        raise OSError("The network is away. Look at the cable.")


@pytest.fixture
def away() -> Iterator[type[Away]]:
    """The provider is away; afterwards it is there again, and nothing is remembered."""
    embeddings.provider.cache_clear()
    Away.asked = 0
    try:
        with override_settings(EMBEDDINGS=f"{__name__}.Away"):
            yield Away
    finally:
        embeddings.provider.cache_clear()
        question_vector._away.clear()
        background._owed.clear()


def test_not_every_search_waits_for_a_provider_that_is_away(goods: None, away: type[Away]) -> None:
    for typed in ("desk lamp", "office chair", "desk lamp"):
        found = search.search(typed, Mode.HYBRID)
        assert found.hits and (found.told == "The network is away. Look at the cable." or not vectors.are_possible())
    assert away.asked == 1


def test_it_is_asked_again_after_a_while(goods: None, away: type[Away], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question_vector, "AWAY_FOR", 0.0)
    for _ in range(2):
        search.search("desk lamp", Mode.HYBRID)
    assert away.asked == 2


def test_vectors_that_could_not_be_made_are_owed(away: type[Away]) -> None:
    lamp(sku="L-1")
    made_by = vectors.maker()
    if made_by is None:
        return
    with pytest.raises(OSError, match="cable"):
        background.bring_up_to_date()
    assert indexing.waiting() == 0 and background.owes()
    assert skus(search.search("lamp", Mode.FULL_TEXT)) == ["L-1"]
    embeddings.provider.cache_clear()
    with override_settings(EMBEDDINGS="catalog.search.embeddings.Local"):
        background.bring_up_to_date()
        there = embeddings.provider()
        assert there is not None and vectors.state(there.model).ready == 1
    assert not background.owes()


def test_a_command_has_made_them_when_it_ends(tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text("sku,name,price\nL-1,Lamp,1\nL-2,Desk,2\n")
    told = StringIO()
    call_command("import_csv", str(tmp_path / "goods.csv"), kind="products", stdout=told)
    made_by = vectors.maker()
    assert indexing.waiting() == 0 and "2 inserted" in told.getvalue()
    assert made_by is None or vectors.state(made_by.model).ready == 2


def test_a_command_says_what_is_left(tmp_path: Path, away: type[Away]) -> None:
    (tmp_path / "goods.csv").write_text("sku,name,price\nL-1,Lamp,1\n")
    told = StringIO()
    call_command("import_csv", str(tmp_path / "goods.csv"), kind="products", stdout=told)
    assert indexing.waiting() == 0
    assert ("once manage.py embed has run: The network is away" in told.getvalue()) == vectors.are_possible()


def test_who_saves_a_product_has_it_done(django_capture_on_commit_callbacks: CALLBACKS) -> None:
    admin = visitor(Role.ADMIN)
    product = {"name": "Lamp", "price": "1", "stock_quantity": "1", "category": "Light", "tags": "", "description": ""}
    for address in ("/products/add", "/admin/catalog/product/add/"):
        with django_capture_on_commit_callbacks() as callbacks:
            assert admin.post(address, product).status_code == 302
        assert background.soon in callbacks, address


@pytest.mark.parametrize("is_dry", [False, True])
def test_who_imports_in_the_admin_has_it_done(django_capture_on_commit_callbacks: CALLBACKS, is_dry: bool) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        ProductResource().import_data(BytesIO(b"sku,name,price\nL-1,Lamp,1\n"), dry_run=is_dry)
    assert (background.soon in callbacks) is not is_dry


def test_who_imports_a_file_has_it_done(django_capture_on_commit_callbacks: CALLBACKS) -> None:
    editor = visitor(Role.EDITOR)
    address = given(editor, "sku,name,price\nL-1,Lamp,1\n")
    with django_capture_on_commit_callbacks() as callbacks:
        assert editor.post(address).status_code == 302
    assert background.soon in callbacks
