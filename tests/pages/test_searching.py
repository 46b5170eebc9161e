"""How many rows a searched list has: counted, unless the search has told already that there are very many."""

from typing import Any

import pytest
from django.db.models import QuerySet
from django_filters.filters import CharFilter

from catalog.models import Product
from pages.keyset import Fitting
from pages.searching import SearchedFilter
from tests.shop import lamp

pytestmark = pytest.mark.django_db


class ByName(SearchedFilter):
    q = CharFilter(method="matching")
    many = True

    class Meta:
        model = Product
        fields = ("q", "category")

    def fitting(self, rows: QuerySet[Any], words: str) -> Fitting:
        return Fitting(rows.filter(name__contains=words), self.many)


@pytest.mark.parametrize(
    ("asked", "many", "count"),
    [
        ({"q": "Lamp"}, True, "1,000+"),
        ({"q": "Lamp", "category": ""}, True, "1,000+"),
        ({"q": "Lamp"}, False, "2"),
        ({"q": "Lamp", "category": "Light"}, True, "1"),
        ({"category": "Light"}, True, "1"),
        ({}, True, "2"),
    ],
)
def test_what_the_search_has_told_is_not_counted_again(
    monkeypatch: pytest.MonkeyPatch, asked: dict[str, str], many: bool, count: str
) -> None:
    lamp(category="Light")
    lamp(category="Other")
    monkeypatch.setattr(ByName, "many", many)
    chosen = ByName(asked, queryset=Product.objects.all())
    assert chosen.count(chosen.qs) == count
