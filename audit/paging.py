"""Pages of long lists in the admin, without counting millions of rows for each of them."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet

MOST = 1000


class CappedPaginator(Paginator):
    """Counts up to `most` rows and pages through those; further ones are reached by a filter or a search."""

    most = MOST

    @cached_property
    def _found(self) -> int:
        query: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # the admin pages nothing else
        return query.order_by()[: self.most + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self._found, self.most)

    @property
    def more(self) -> bool:
        """There are rows that were not counted."""
        return self._found > self.most
