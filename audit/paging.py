"""Pages of long lists, without counting millions of rows for each of them."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

MOST = 1000
HIGHEST_ID = 2**63 - 1


def whole_number(given: str) -> int | None:
    """A number as it may be a key's, where that is what is written; at most the highest that a key can be."""
    return min(int(given), HIGHEST_ID) if given.isascii() and given.isdecimal() and len(given) < 20 else None


def older_than(request: HttpRequest) -> int | None:
    """The audit number of ?before=, where it is one."""
    return whole_number(request.GET.get("before", ""))


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
