"""Finding products by words among very many of them."""

from __future__ import annotations

from django.db import connection
from django.db.models import Q, QuerySet

from pages.keyset import COUNTED, Fitting

from ..models import PRODUCT_WORDS, TRIGRAM, Product, holding, telling_part
from . import background

# Those that bear it as a tag come first, by an index of the products' own. Where these are not enough, the index of
# the search is asked, and what waits to enter it is looked at as it is. Either may be old: the products decide, each
# looked up (OFFSET 0), as many as are wanted: the planner knows of none that a word in the index has to do with them.
FIND = """
SELECT EXISTS (SELECT FROM product_search_queue), ARRAY(
    SELECT product_id FROM (
        SELECT product_id FROM products WHERE tags @> ARRAY[%(tag)s]
        UNION ALL
        SELECT product_id FROM (
            SELECT product_id FROM product_search AS s
            WHERE words ILIKE %(in_index)s
                AND NOT EXISTS (SELECT FROM product_search_queue AS q WHERE q.product_id = s.product_id)
            UNION ALL
            SELECT DISTINCT product_id FROM product_search_queue
        ) AS candidates CROSS JOIN LATERAL (
            SELECT FROM products AS p WHERE p.product_id = candidates.product_id
                AND (name ILIKE %(in_column)s OR sku ILIKE %(in_column)s) AND NOT tags @> ARRAY[%(tag)s] OFFSET 0
        ) AS named
    ) AS found LIMIT %(most)s
)
"""


def containing(rows: QuerySet[Product], words: str) -> Fitting:
    """Those of the products whose name or SKU holds the words, or that bear them as a tag; see `holding`.

    A few are found before they are put in any order, as pages.keyset.few_first tells; where many are like that the list
    is walked.
    """
    words = words.replace("\0", "")
    found = _keys(words)
    if len(found) > COUNTED:
        return Fitting(rows.filter(holding(words, *PRODUCT_WORDS) | Q(tags__contains=[words])), are_many=True)
    return Fitting(rows.filter(pk__in=found), are_many=False)


def _keys(words: str) -> list[int]:
    """One more than COUNTED at most."""
    pattern = connection.ops.prep_for_like_query(words)
    telling = connection.ops.prep_for_like_query(telling_part(words))
    begins = len(words) < TRIGRAM
    with connection.cursor() as cursor:
        asked: dict[str, str | int] = {
            "in_index": f"%\n{pattern}%" if begins else f"%{telling}%",
            "in_column": f"{pattern}%" if begins else f"%{pattern}%",
            "tag": words,
            "most": COUNTED + 1,
        }
        cursor.execute(FIND, asked)
        is_waiting, found = cursor.fetchone()
    if is_waiting:
        background.soon()
    return list(found)
