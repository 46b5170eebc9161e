"""The filters of a list in which words are searched for."""

from typing import Any

from django.db.models import QuerySet
from django_filters.filterset import FilterSet

from .keyset import Fitting, count_of, more_than


class SearchedFilter(FilterSet):
    """Of a list whose field `q` is searched by `fitting`."""

    _fit_many = False

    def fitting(self, rows: QuerySet[Any], words: str) -> Fitting:
        raise NotImplementedError

    def matching(self, rows: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        fitting = self.fitting(rows, words)
        self._fit_many = fitting.are_many
        return fitting.rows

    def count(self, found: QuerySet[Any]) -> str:
        """How many of the list `found` there are; where the search has told it already, they are not counted again."""
        return more_than() if self._fit_many and self._asks_for_words_only() else count_of(found)

    def _asks_for_words_only(self) -> bool:
        return [name for name, value in self.form.cleaned_data.items() if value not in (None, "")] == ["q"]
